import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ProfileReader } from '../src/store/profile-store.ts';
import { openSqliteReader } from '../src/store/sqlite/reader.ts';
import { type Filled, fillStore } from './fill-store.ts';
import { benchKinds } from './store-data.ts';

/**
 * What storing and merging cost, in CPU time, beside the gunzip of a fixed text in the same run: times wobble with the
 * machine, their ratios hardly. `node bench/merge.ts [services] [minutes]`
 */

const [services = 10, minutes = 60] = process.argv.slice(2).map(Number);
const repeats = 5;

const dataDir = mkdtempSync(join(tmpdir(), 'flameherd-bench-'));
try {
  await run();
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const baseline = medianCpuMs(gunzipOfFixedText());
  const filled = await fillStore(dataDir, services, minutes);
  await using reader = openSqliteReader({ dataDir });
  const rows: Row[] = [{ name: 'append, per profile (steady state)', cpuMs: filled.appendCpuMs }];
  rows.push(...queries(reader, filled));
  const bytes = readdirSync(dataDir).reduce((sum, name) => sum + statSync(join(dataDir, name)).size, 0);
  console.log(
    `${filled.name}: ${filled.profiles} profiles, ${services} services, ${minutes} min; ${Math.round(bytes / filled.profiles)} bytes a profile on disk`,
  );
  console.log(`baseline: gunzip of a fixed 1 MB text, ${baseline.toFixed(2)} ms CPU\n`);
  console.log(`${'what'.padEnd(44)}${'CPU ms'.padStart(10)}${'x baseline'.padStart(12)}`);
  for (const { name, cpuMs } of rows) {
    console.log(`${name.padEnd(44)}${cpuMs.toFixed(3).padStart(10)}${(cpuMs / baseline).toFixed(3).padStart(12)}`);
  }
}

interface Row {
  readonly name: string;
  readonly cpuMs: number;
}

function queries(reader: ProfileReader, { fromMs, service }: Filled): Row[] {
  const window = { fromMs, toMs: fromMs + minutes * 60_000 };
  const one = [{ name: 'workload', operator: '=', value: service }] as const;
  const peakType = { type: 'inuse_space', unit: 'bytes' };
  const rows: Row[] = [];
  for (const kind of benchKinds) {
    for (const [scope, matchers] of [
      ['1 service', one],
      [`all ${services} services`, []],
    ] as const) {
      const ask = () => reader.merge({ selector: { kind, matchers }, window, aggregation: 'avg', peakType });
      rows.push({ name: `merge ${kind}, ${scope}, ${minutes} min`, cpuMs: medianCpuMs(ask) });
    }
  }
  const type = { type: 'cpu', unit: 'nanoseconds' };
  for (const [scope, matchers] of [
    ['1 service', one],
    [`all ${services} services`, []],
  ] as const) {
    const ask = () => reader.totals({ selector: { kind: 'cpu', matchers }, window, type, stepMs: 60_000 });
    rows.push({ name: `totals cpu, ${scope}, ${minutes} min`, cpuMs: medianCpuMs(ask) });
  }
  return rows;
}

function gunzipOfFixedText(): () => void {
  const packed = gzipSync(Array.from({ length: 40_000 }, (_, at) => `main;serve;function${at % 997} ${at}`).join('\n'));
  return () => gunzipSync(packed);
}

/** The median of a few runs, after one to warm up. */
function medianCpuMs(work: () => unknown): number {
  work();
  const times = Array.from({ length: repeats }, () => cpuMsOf(work)).sort((a, b) => a - b);
  return times[Math.floor(repeats / 2)] ?? 0;
}

function cpuMsOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
