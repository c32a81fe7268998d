import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { day, hour } from '../../src/model/units.ts';
import { CatalogueReader } from '../../src/store/sqlite/catalogue/catalogue-reader.ts';
import { Dictionaries } from '../../src/store/sqlite/dictionary/dictionaries.ts';
import type { StackDictionary } from '../../src/store/sqlite/dictionary/dictionary.ts';
import { StackInterner } from '../../src/store/sqlite/dictionary/stack-interner.ts';
import { Int32Column } from '../../src/store/sqlite/encoding/int32-column.ts';
import { WeightedSums } from '../../src/store/sqlite/read/weighted-sums.ts';
import { openSqliteReader } from '../../src/store/sqlite/reader.ts';
import { cpuMsOf } from '../cpu.ts';
import { median } from '../table.ts';
import { deploys, endMs } from './fill.ts';

/** What one store costs. Each part is measured by a process of its own, so that memory is told apart. */
export interface Measured extends TreesMeasured {
  /** What a process takes more when it has loaded all trees for reading. */
  readonly readBytes: number;
  /** The writer holds the newest tree only, with what it needs to find stacks and symbols. */
  readonly writeBytes: number;
  readonly writeMs: number;
  /** By kind and window: CPU of the first answer of a new reader, and the median of those after it. */
  readonly merges: readonly { readonly name: string; readonly coldMs: number; readonly warmMs: number }[];
}

interface TreesMeasured {
  readonly partitions: number;
  readonly nodes: number;
  readonly stacks: number;
  readonly dictionaryBytes: number;
  /** Of the columns of all trees. */
  readonly arrayBytes: number;
  readonly loadNewestMs: number;
  readonly loadAllMs: number;
  /** To make the sums of one type over the newest tree, and to look through them. */
  readonly sumsMs: number;
}

const parts = {
  trees: measureTrees,
  merges: measureMerges,
  writeMs: (dataDir: string) => medianCpuMs(() => writing(dataDir)),
  idleBytes: (dataDir: string) => settledMemory(() => partitionsOf(dataDir)),
  readBytes: (dataDir: string) => settledMemory(() => loaded(dataDir, partitionsOf(dataDir))),
  writeBytes: (dataDir: string) => settledMemory(() => writing(dataDir)),
};
const windows = [
  ['1 h', hour],
  ['24 h', day],
  [`${deploys} deploys`, deploys * day],
] as const;
const types = { cpu: ['cpu', 'nanoseconds'], heap: ['inuse_space', 'bytes'] } as const;
const repeats = 7;

if (import.meta.main) {
  const [dataDir = '', part = ''] = process.argv.slice(2);
  console.log(JSON.stringify(await parts[part as keyof typeof parts](dataDir)));
}

export function measure(dataDir: string): Measured {
  const run = (part: keyof typeof parts): string => {
    const script = fileURLToPath(import.meta.url);
    return execFileSync(process.execPath, ['--expose-gc', script, dataDir, part], { encoding: 'utf8' });
  };
  const idleBytes = Number(run('idleBytes'));
  return {
    ...(JSON.parse(run('trees')) as TreesMeasured),
    readBytes: Number(run('readBytes')) - idleBytes,
    writeBytes: Number(run('writeBytes')) - idleBytes,
    writeMs: Number(run('writeMs')),
    merges: JSON.parse(run('merges')) as Measured['merges'],
  };
}

async function measureTrees(dataDir: string): Promise<TreesMeasured> {
  const database = new Database(join(dataDir, 'meta.db'), { readonly: true });
  const dictionaryBytes = database.prepare<[], number>('SELECT sum(length(data)) FROM dictionary').pluck().get() ?? 0;
  database.close();
  const partitions = partitionsOf(dataDir);
  const dictionaries = loaded(dataDir, partitions);
  const newest = dictionaries.at(-1)?.stackLeaf.size ?? 0;
  return {
    partitions: partitions.length,
    nodes: sum(dictionaries, ({ nodeParent }) => nodeParent.size),
    stacks: sum(dictionaries, ({ stackLeaf }) => stackLeaf.size),
    dictionaryBytes,
    arrayBytes: sum(dictionaries, arrayBytesOf),
    loadNewestMs: medianCpuMs(() => loaded(dataDir, partitions.slice(-1))),
    loadAllMs: medianCpuMs(() => loaded(dataDir, partitions)),
    sumsMs: medianCpuMs(() => lookThrough(new WeightedSums(newest), newest)),
  };
}

function partitionsOf(dataDir: string): number[] {
  const database = new Database(join(dataDir, 'meta.db'), { readonly: true });
  const ids = database.prepare<[], number>('SELECT id FROM partition ORDER BY id').pluck().all();
  database.close();
  return ids;
}

function arrayBytesOf(dictionary: StackDictionary): number {
  const columns = Object.values(dictionary).filter((column) => column instanceof Int32Column);
  return columns.reduce((bytes, column) => bytes + column.array.byteLength, 0);
}

function lookThrough(sums: WeightedSums, size: number): number {
  let found = 0;
  for (let id = 0; id < size; id++) if (!sums.isZero(id)) found++;
  return found;
}

function loaded(dataDir: string, partitions: readonly number[]): StackDictionary[] {
  const catalogue = new CatalogueReader(dataDir);
  try {
    const dictionaries = new Dictionaries(catalogue, Infinity);
    return partitions.map((partition) => dictionaries.at(partition));
  } finally {
    catalogue.close();
  }
}

function writing(dataDir: string): StackInterner {
  const interner = new StackInterner();
  const catalogue = new CatalogueReader(dataDir);
  for (const { bytes } of catalogue.segmentsAfter(partitionsOf(dataDir).at(-1) ?? 0, 0)) interner.load(bytes);
  catalogue.close();
  // The first stack that is new makes it index all symbols.
  interner.add(1, 1, { frames: [], labels: [] });
  return interner;
}

async function measureMerges(dataDir: string): Promise<Measured['merges']> {
  const found: { name: string; coldMs: number; warmMs: number }[] = [];
  for (const kind of ['cpu', 'heap'] as const) {
    const [type, unit] = types[kind];
    for (const [name, length] of windows) {
      await using reader = openSqliteReader({ dataDir });
      const ask = (): unknown =>
        reader.callTree({
          selector: { kind, matchers: [{ name: 'workload', operator: '=', value: 'checkout' }] },
          window: { fromMs: endMs - length, toMs: endMs },
          aggregation: 'avg',
          peakType: { type, unit },
          type: { type, unit },
          types: [{ type, unit }],
          maxNodes: Infinity,
        });
      const coldMs = cpuMsOf(ask);
      found.push({ name: `${kind} ${name}`, coldMs, warmMs: medianCpuMs(ask) });
    }
  }
  return found;
}

function medianCpuMs(work: () => unknown): number {
  return median(Array.from({ length: repeats }, () => cpuMsOf(work)));
}

/** Resident memory once `make` has been called and what it left behind was collected. */
async function settledMemory(make: () => unknown): Promise<number> {
  const made = make();
  for (let turn = 0; turn < 10; turn++) {
    globalThis.gc?.();
    await delay(20);
  }
  const { rss } = process.memoryUsage();
  return made ? rss : 0;
}

function sum(dictionaries: readonly StackDictionary[], of: (dictionary: StackDictionary) => number): number {
  return dictionaries.reduce((total, dictionary) => total + of(dictionary), 0);
}
