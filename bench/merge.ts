import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Matcher } from '../src/model/selector.ts';
import { hour } from '../src/model/units.ts';
import type { GaugeAggregation, ProfileReader } from '../src/store/profile-store.ts';
import { openSqliteReader } from '../src/store/sqlite/reader.ts';
import { openSqliteWriter } from '../src/store/sqlite/writer.ts';
import { cpuMsOf } from './cpu.ts';
import { type Filled, fillStore } from './fill-store.ts';
import { settle } from './settle.ts';
import { median, printTable, shortNumber } from './table.ts';

/**
 * What storing and merging cost, in CPU time, beside the gunzip of a fixed text in the same run: times wobble with the
 * machine, their ratios hardly. Merges are of one type, with the tree of function names that a flame graph is drawn from;
 * first from heads, then from what compaction made of them. `node bench/merge.ts [services] [minutes]`
 */

const [services = 10, minutes = 60] = process.argv.slice(2).map(Number);
const repeats = 9;

const dataDir = mkdtempSync(join(tmpdir(), 'flameherd-bench-'));
try {
  await run();
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const baseline = medianCpuMs(gunzipOfFixedText());
  const filled = await fillStore(dataDir, services, minutes);
  const questions = questionsOf(filled);
  const heads = await measure(questions);
  const headBytes = bytesOnDisk();
  const compactCpuMs = await compact(filled);
  const compacted = await measure(questions);

  console.log(`${filled.name}: ${filled.profiles} profiles, ${services} services, ${minutes} min`);
  console.log(`baseline: gunzip of a fixed 1 MB text, ${baseline.toFixed(2)} ms CPU\n`);
  const perProfile = (value: number): string => shortNumber(value / filled.profiles);
  const cells = (cpuMs: number): string[] => [shortNumber(cpuMs), shortNumber(cpuMs / baseline)];
  printTable(
    ['', 'heads: CPU ms', '× baseline', 'compacted: CPU ms', '× baseline'],
    [
      ['store one profile', ...cells(filled.appendCpuMs), ...cells(compactCpuMs / filled.profiles)],
      ['bytes on disk for one profile', perProfile(headBytes), '', perProfile(bytesOnDisk()), ''],
      ...questions.map(({ name }, at) => [name, ...cells(heads[at] ?? 0), ...cells(compacted[at] ?? 0)]),
    ],
  );
}

interface Question {
  readonly name: string;
  readonly ask: (reader: ProfileReader) => unknown;
}

function questionsOf({ fromMs, service }: Filled): Question[] {
  const startMs = Math.floor(fromMs / hour) * hour;
  const types = [
    { kind: 'cpu', type: { type: 'cpu', unit: 'nanoseconds' } },
    { kind: 'heap', type: { type: 'inuse_space', unit: 'bytes' } },
  ];
  const one: readonly Matcher[] = [{ name: 'workload', operator: '=', value: service }];
  // Roll-ups cannot know it, though it holds for all: chunks have to be read.
  const everyPod: Matcher = { name: 'pod', operator: '!=', value: '' };
  return types.flatMap(({ kind, type }) =>
    [
      { scope: '1 service', matchers: one },
      { scope: `${services} services`, matchers: [] },
    ].flatMap(({ scope, matchers }) => {
      const tree = (matched: readonly Matcher[], from: number, to: number, aggregation: GaugeAggregation = 'avg') => {
        const window = { fromMs: startMs + from * 60_000, toMs: startMs + to * 60_000 };
        const request = { selector: { kind, matchers: matched }, window, aggregation, peakType: type, type };
        return (reader: ProfileReader) => reader.callTree({ ...request, maxNodes: 8192 });
      };
      const window = { fromMs: startMs, toMs: startMs + hour };
      const totals = { selector: { kind, matchers }, window, type, stepMs: 60_000 };
      return [
        { name: `${kind}, ${scope}, the hour`, ask: tree(matchers, 0, 60) },
        { name: `${kind}, ${scope}, the hour by pod`, ask: tree([...matchers, everyPod], 0, 60) },
        { name: `${kind}, ${scope}, 25 unaligned minutes`, ask: tree(matchers, 17.3, 42.3) },
        { name: `${kind}, ${scope}, the hour's end`, ask: tree(matchers, 0, 60, 'last') },
        { name: `${kind}, ${scope}, totals by minute`, ask: (reader: ProfileReader) => reader.totals(totals) },
      ];
    }),
  );
}

async function measure(questions: readonly Question[]): Promise<number[]> {
  await using reader = openSqliteReader({ dataDir });
  return questions.map(({ ask }) => medianCpuMs(() => ask(reader)));
}

/** CPU of compacting and rolling up all that there is. */
async function compact({ fromMs }: Filled): Promise<number> {
  const retention = { maxAgeMs: 1e13, maxBytes: 1e13 };
  const store = { dataDir, minFreeBytes: 0, synchronous: 'normal', retention, now: Date.now } as const;
  await using writer = openSqliteWriter(store);
  const before = process.cpuUsage();
  await settle(writer, { dataDir, maxBytes: retention.maxBytes }, fromMs + 1000 * hour);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function bytesOnDisk(): number {
  return readdirSync(dataDir).reduce((sum, name) => sum + statSync(join(dataDir, name)).size, 0);
}

function gunzipOfFixedText(): () => void {
  const packed = gzipSync(Array.from({ length: 40_000 }, (_, at) => `main;serve;function${at % 997} ${at}`).join('\n'));
  return () => gunzipSync(packed);
}

/** The median of a few runs, after some to warm up. */
function medianCpuMs(work: () => unknown): number {
  for (let warm = 0; warm < 3; warm++) work();
  return median(Array.from({ length: repeats }, () => cpuMsOf(work)));
}
