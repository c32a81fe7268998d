import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Profile as PprofMessage } from 'pprof-format';
import { PprofDecoder } from '../src/pprof/decode.ts';
import { defaultDecodeLimits } from '../src/pprof/decode-limits.ts';
import { encodeProfile } from '../src/pprof/encode.ts';
import { emptyHeader, type Profile } from '../src/profile/profile.ts';
import { StackTableBuilder } from '../src/profile/stack-table-builder.ts';
import { median } from './table.ts';

/**
 * CPU time to decode, beside that of inflating the same bytes and of pprof-format, in one run:
 *
 *     node bench/decode.ts
 *
 * Reads `../shared/workload/raw` and `../shared/corpus/real` when they are there, else profiles of its own making.
 */
const shared = fileURLToPath(new URL('../../shared', import.meta.url));
const folders = [join(shared, 'workload', 'raw'), join(shared, 'corpus', 'real')];
const fewestBytes = 20_000;
const cpuBudgetUs = 400_000;

interface Row {
  readonly name: string;
  readonly rawBytes: number;
  readonly samples: number;
  readonly gunzipUs: number;
  readonly decodeUs: number;
  readonly pprofFormatUs: number;
}

const decoder = new PprofDecoder(defaultDecodeLimits);
const rows = bodies().map(([name, body]) => measure(name, body));
print(rows);

function measure(name: string, body: Uint8Array): Row {
  const raw = gunzipSync(body);
  const gunzip = (): unknown => gunzipSync(body, { chunkSize: raw.length + 64 });
  const decode = (): unknown => decoder.decode(body);
  const pprofFormat = (): unknown => PprofMessage.decode(gunzipSync(body, { chunkSize: raw.length + 64 }));
  // Interleaved, so that what slows the machine down slows all of them.
  const turns = 9;
  const times = [gunzip, decode, pprofFormat].map((work) => ({ work, calls: callsWithin(work), us: [] as number[] }));
  for (let turn = 0; turn < turns; turn++) {
    for (const { work, calls, us } of times) us.push(cpuPerCall(work, calls));
  }
  const [gunzipUs = 0, decodeUs = 0, pprofFormatUs = 0] = times.map(({ us }) => median(us));
  return { name, rawBytes: raw.length, samples: decoder.decode(body).sampleCount, gunzipUs, decodeUs, pprofFormatUs };
}

/** How many calls fit a turn; the first ones warm up. */
function callsWithin(work: () => unknown): number {
  for (let i = 0; i < 5; i++) work();
  return Math.max(3, Math.min(2_000, Math.round(cpuBudgetUs / 9 / cpuPerCall(work, 5))));
}

function cpuPerCall(work: () => unknown, calls: number): number {
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i++) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

function bodies(): [name: string, body: Uint8Array][] {
  const found: [string, Uint8Array][] = [];
  for (const folder of folders.filter((path) => existsSync(path))) {
    for (const name of readdirSync(folder)) {
      const bytes = readFileSync(join(folder, name));
      const body = bytes[0] === 0x1f && bytes[1] === 0x8b ? bytes : gzipSync(bytes);
      if (isProfile(body)) found.push([name, body]);
    }
  }
  return found.length > 0 ? found : [madeBody(500, 12), madeBody(5_000, 25), madeBody(40_000, 30)];
}

function isProfile(body: Uint8Array): boolean {
  try {
    return decoder.decode(body).bytes.length >= fewestBytes;
  } catch {
    return false;
  }
}

/** A heap-like profile: four types, stacks that share their beginnings. */
function madeBody(samples: number, depth: number): [name: string, body: Uint8Array] {
  const stacks = new StackTableBuilder();
  const { tree } = stacks;
  const frames = Array.from({ length: Math.ceil(samples / 5) + depth }, (_, i) =>
    tree.frameId({
      function: {
        name: `example.com/shop/pkg${i % 40}.(*Server).handle${i}`,
        systemName: '',
        file: `pkg${i % 40}/server.go`,
        startLine: i,
      },
      line: 10 + (i % 400),
      column: 0,
      inlined: false,
      folded: false,
      mapping: { file: '/app/shop', buildId: 'f00d' },
      address: 0n,
    }),
  );
  for (let sample = 0; sample < samples; sample++) {
    let node = 0;
    for (let level = 0; level < depth; level++) {
      node = tree.node(node, frames[(level < depth / 2 ? level : sample * level) % frames.length] ?? 1);
    }
    stacks.row(node, stacks.labelSetId([{ key: 'bytes', number: BigInt(16 << (sample % 9)), unit: 'bytes' }]));
  }
  const types = ['alloc_objects', 'alloc_space', 'inuse_objects', 'inuse_space'];
  const profile: Profile = {
    sampleTypes: types.map((type) => ({ type, unit: type.endsWith('space') ? 'bytes' : 'count' })),
    stacks,
    values: types.map((_, type) =>
      Float64Array.from({ length: stacks.size }, (__, row) => (row * 7919 * (type + 1)) % 1_000_003),
    ),
    divisors: types.map(() => 1),
    header: emptyHeader,
  };
  return [`made, ${samples} samples`, encodeProfile(profile)];
}

function print(table: readonly Row[]): void {
  const cells = table
    .toSorted((a, b) => a.rawBytes - b.rawBytes)
    .map((row) => [
      row.name,
      String(row.rawBytes),
      String(row.samples),
      row.gunzipUs.toFixed(0),
      row.decodeUs.toFixed(0),
      row.pprofFormatUs.toFixed(0),
      (row.decodeUs / row.gunzipUs).toFixed(2),
      (row.pprofFormatUs / row.decodeUs).toFixed(1),
      ((row.pprofFormatUs - row.gunzipUs) / Math.max(1, row.decodeUs - row.gunzipUs)).toFixed(1),
    ]);
  const head = [
    'file',
    'raw bytes',
    'samples',
    'gunzip us',
    'ours us',
    'pprof-format us',
    'ours/gunzip',
    'pf/ours',
    'pf/ours, no gunzip',
  ];
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)));
  for (const row of [head, ...cells]) {
    console.log(
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
    );
  }
  console.log('\nCPU time per profile, medians of 9 turns; ours and pprof-format include gunzip.');
}
