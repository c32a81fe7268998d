import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { FunctionFloor, GrowthStore, ProcessFloors } from '../src/store/growth-store.ts';
import { openSqliteGrowth } from '../src/store/sqlite/growth/growth.ts';
import { sampleUnit } from '../src/store/sqlite/growth/sampled.ts';
import { cpuMsOf } from './cpu.ts';
import { median, printTable, shortNumber } from './table.ts';

/**
 * What floors take: `node bench/floors.ts [processes] [days]`. Each process has 32 functions: a third stay as they are, a third
 * hold objects of one size that come and go, a third hold objects of many sizes.
 */

const processes = Number(process.argv[2] ?? 300);
const days = Number(process.argv[3] ?? 1);
const bucketMs = 600_000;
const buckets = 144 * days;
const firstBucket = 36 * 80_000;
const functions = 32;
const period = 524_288;
const sizes = [48, 512, 1152, 8192, 65_536, 2 ** 20] as const;

let seed = 1;
/** In [0, 1); the same in every run. */
function chance(): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
}

/** Around 0, most within ±2. */
function noise(): number {
  return chance() + chance() + chance() + chance() + chance() + chance() - 3;
}

interface Held {
  readonly size: number;
  samples: number;
}

interface SimulatedFunction {
  readonly id: string;
  readonly name: string;
  readonly kind: number;
  readonly held: readonly Held[];
}

interface SimulatedProcess {
  readonly identity: Pick<ProcessFloors, 'workload' | 'process'>;
  readonly functions: readonly SimulatedFunction[];
}

function simulatedProcess(number: number): SimulatedProcess {
  const workload = `service-${Math.floor(number / 3)}`;
  const pod = `${workload}-${number}`;
  return {
    identity: {
      workload: { namespace: 'shop', workloadKind: 'Deployment', workload, container: 'app' },
      process: { id: `process-${number}`, slot: `shop/${pod}/app`, pod, revision: 'v1', startedMs: 1 },
    },
    functions: Array.from({ length: functions }, (_, at) => ({
      id: (at * 1000 + Math.floor(number / 3)).toString(16).padStart(16, '0'),
      name: `github.com/acme/${workload}/internal.(*Part${at}).Handle`,
      kind: at % 3,
      held: sizes.slice(0, at % 3 === 2 ? 3 : 1).map((_, part) => ({
        size: sizes[(at + part) % sizes.length] as number,
        samples: 20 + Math.floor(200 * chance() ** 4),
      })),
    })),
  };
}

/** One bucket later. */
function floorOf({ id, name, kind, held }: SimulatedFunction): FunctionFloor {
  const floor = { id, name, bytes: 0, objects: 0, allocBytes: 0 };
  for (const part of held) {
    if (kind > 0) part.samples = Math.max(0, Math.round(part.samples + noise() * Math.sqrt(part.samples) * 0.4));
    const { scale } = sampleUnit(part.size, period);
    const allocated = kind === 0 ? 0 : Math.round(40 + noise() * 6);
    floor.bytes += Math.floor(part.samples * part.size * scale);
    floor.objects += Math.floor(part.samples * scale);
    floor.allocBytes += Math.floor(allocated * part.size * scale);
  }
  return floor;
}

function floorsOf({ identity, functions: simulated }: SimulatedProcess, bucket: number): ProcessFloors {
  const floors = simulated.map(floorOf);
  const sum = (of: (floor: FunctionFloor) => number) => floors.reduce((total, floor) => total + of(floor), 0);
  const [bytes, objects, allocBytes] = [sum((f) => f.bytes), sum((f) => f.objects), sum((f) => f.allocBytes)];
  const weight = Math.round(period + bytes / Math.max(1, objects));
  const heap = { bytes, objects, period, weight, allocBytes, allocMs: bucketMs };
  return { ...identity, bucket, heap, goroutines: 40 + Math.floor(9 * chance()), functions: floors };
}

/** What a minute without allocations sends. */
function levelsOf(floors: ProcessFloors): ProcessFloors {
  return {
    ...floors,
    heap: floors.heap && { ...floors.heap, allocBytes: 0, allocMs: 0 },
    functions: floors.functions.map((floor) => ({ ...floor, allocBytes: 0 })),
  };
}

async function run(dataDir: string): Promise<void> {
  await using store = openSqliteGrowth({ dataDir, synchronous: 'normal' });
  const simulated = Array.from({ length: processes }, (_, number) => simulatedProcess(number));
  const [first, again]: [number[], number[]] = [[], []];
  for (let bucket = firstBucket; bucket < firstBucket + buckets; bucket++) {
    const floors = simulated.map((each) => floorsOf(each, bucket));
    first.push(cpuMsOf(() => store.saveFloors(bucketMs, 'live', floors)));
    if (bucket % 6 === 0) again.push(cpuMsOf(() => store.saveFloors(bucketMs, 'live', floors.map(levelsOf))));
  }
  const steps: number[] = [];
  const state = { hasMore: true };
  while (state.hasMore) steps.push(cpuMsOf(() => (state.hasMore = store.prune(0, 0))));
  print(store, dataDir, { first, again, steps, simulated });
}

interface Measured {
  readonly first: readonly number[];
  readonly again: readonly number[];
  readonly steps: readonly number[];
  readonly simulated: readonly SimulatedProcess[];
}

function print(store: GrowthStore, dataDir: string, { first, again, steps, simulated }: Measured): void {
  const query = { bucketMs, from: firstBucket, to: firstBucket + buckets };
  const read = (workload?: ProcessFloors['workload']) =>
    cpuMsOf(() => {
      for (const { functions: floors } of store.floors({ ...query, workload }))
        if (floors.length === 0) throw new Error();
    });
  const { floorBlocks } = store.stats();
  const database = new Database(join(dataDir, 'state.db'), { readonly: true });
  const bytes = database.prepare('SELECT sum(length(data)) FROM floor_piece').pluck().get() as number;
  const pages = database.prepare(`SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'floor_%' AND name <> 'floor_open'`);
  const packed = floorBlocks * 36 * functions;
  const pageBytes = pages.pluck().get() as number;
  database.close();
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const rows: [string, number][] = [
    ['bytes of a bucket of a function, packed', bytes / packed],
    ['… in pages, with indexes', pageBytes / packed],
    [`save of ${processes} processes, new bucket, ms`, median(first)],
    [`save of ${processes} processes, known bucket, ms`, median(again)],
    ['packing, µs for a bucket of a function', (1000 * sum(steps)) / packed],
    ['one step of packing, median, ms', median(steps)],
    [`read of a workload of 3 processes, ${days} days, ms`, read(simulated[0]?.identity.workload)],
    [`read of all, ${days} days, µs for a bucket of a function`, (1000 * read()) / (processes * buckets * functions)],
  ];
  printTable(
    ['CPU', ''],
    rows.map(([name, value]) => [name, shortNumber(value)]),
  );
}

const dataDir = mkdtempSync(join(tmpdir(), 'flameherd-floors-'));
try {
  await run(dataDir);
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
