import { join } from 'node:path';
import { messageOf } from '../../../model/errors.ts';
import { hour as hourMs, type UnixMs } from '../../../model/units.ts';
import { type CatalogueFile, Layout } from '../catalogue/layout.ts';
import type { Chunk } from '../chunks/chunk.ts';
import { DetailReader } from '../chunks/detail-file.ts';
import { StackDictionary } from '../dictionary/dictionary.ts';
import { openSegment, type StoredSegment } from '../dictionary/segment.ts';
import { DamagedData } from '../files/damage.ts';
import { fileExists, hourOf, hoursOfDay, metaFile, stateFile } from '../files/data-dir.ts';
import { type Connection, openForReading, type Schema } from '../files/database.ts';
import { Statements } from '../files/statements.ts';
import { hasGrowth } from '../growth/stats.ts';
import { verifyFloors } from '../growth/verify-floors.ts';
import { HeadScan } from '../heads/head-scan.ts';
import { decodeTotals, SampleDecoder } from '../heads/samples.ts';
import { decodeShape } from '../heads/shape.ts';
import { WeightedSums } from '../read/weighted-sums.ts';
import type { Roll } from '../rollups/roll.ts';
import { RollReader } from '../rollups/roll-reader.ts';
import { openMeta } from './open-meta.ts';

export interface Finding {
  readonly file: string;
  /** The start of the hour that it is about, where it can be told. */
  readonly hourMs: UnixMs | undefined;
  readonly what: string;
}

/** What was looked at in a file, and what is wrong with it. */
export interface FileVerdict {
  readonly file: string;
  /** Profiles, chunks or roll-ups that were read to the last value. */
  readonly checked: number;
  readonly findings: readonly Finding[];
}

/**
 * Reads a store to its last value, file by file: pages (SQLite's own check), checksums, and that sums are what their detail
 * adds up to. Changes nothing. Files that a running collector replaces meanwhile are left out.
 */
export function* verifyStore(dataDir: string): Generator<FileVerdict> {
  const meta = openMeta(dataDir);
  try {
    yield verifyDictionaries(meta);
    if (fileExists(dataDir, stateFile)) yield verifyState(dataDir);
    const layout = meta.transaction(() => new Layout(new Statements(meta)))();
    for (const file of layout.heads) yield* verdictOf(dataDir, file, (found) => verifyHead(dataDir, file, found));
    for (const file of layout.details) {
      yield* verdictOf(dataDir, file, (found) => verifyDetail(dataDir, file, layout, found));
    }
    for (const file of [...layout.rolls['1h'], ...layout.rolls['1d']]) {
      yield* verdictOf(dataDir, file, (found) => verifyRolls(dataDir, file, found));
    }
  } finally {
    meta.close();
  }
}

/** Runs a check of one thing and notes why it failed. */
type Check = (what: string, hour: number | undefined, work: () => void) => void;

function* verdictOf(
  dataDir: string,
  { name }: CatalogueFile,
  verify: (check: Check) => number,
): Generator<FileVerdict> {
  const findings: Finding[] = [];
  const check: Check = (what, hour, work) => {
    try {
      work();
    } catch (error) {
      const own = error instanceof DamagedData ? error.hour : undefined;
      const at = own ?? hour;
      findings.push({
        file: name,
        hourMs: at === undefined ? undefined : at * hourMs,
        what: `${what}: ${messageOf(error)}`,
      });
    }
  };
  let checked = 0;
  check('the file', undefined, () => (checked = verify(check)));
  if (fileExists(dataDir, name)) yield { file: name, checked, findings };
}

function verifyDictionaries(meta: Connection): FileVerdict {
  const findings: Finding[] = [];
  const found = (what: string): void => void findings.push({ file: metaFile, hourMs: undefined, what });
  const pages = meta.pragma('integrity_check(1)', { simple: true });
  if (pages !== 'ok') found(String(pages));
  const partitions = meta.prepare('SELECT id FROM partition ORDER BY id').pluck().all() as number[];
  const segments = meta.prepare<[number], StoredSegment>(
    'SELECT id, format, data FROM dictionary WHERE partition = ? ORDER BY id',
  );
  for (const partition of partitions) {
    try {
      const dictionary = new StackDictionary();
      for (const segment of segments.all(partition)) dictionary.load(openSegment(segment));
    } catch (error) {
      found(`the dictionary of partition ${partition}: ${messageOf(error)}`);
    }
  }
  return { file: metaFile, checked: partitions.length, findings };
}

function verifyPages(dataDir: string, name: string, schema: Schema): FileVerdict {
  const connection = openForReading(join(dataDir, name), schema);
  try {
    const pages = connection.pragma('integrity_check(1)', { simple: true });
    const findings = pages === 'ok' ? [] : [{ file: name, hourMs: undefined, what: String(pages) }];
    return { file: name, checked: 1, findings };
  } finally {
    connection.close();
  }
}

/** Its pages as one, and the floors of each process and bucket, or block of them, where its schema has any. */
function verifyState(dataDir: string): FileVerdict {
  const pages = verifyPages(dataDir, stateFile, 'state');
  const connection = openForReading(join(dataDir, stateFile), 'state');
  try {
    if (pages.findings.length > 0 || !hasGrowth(connection)) return pages;
    const { checked, findings } = connection.transaction(() => verifyFloors(connection))();
    return {
      file: stateFile,
      checked: pages.checked + checked,
      findings: findings.map(({ atMs, what }) => ({ file: stateFile, hourMs: hourOf(atMs) * hourMs, what })),
    };
  } finally {
    connection.close();
  }
}

function verifyHead(dataDir: string, { name, fromMs }: CatalogueFile, check: Check): number {
  check('pages', hourOf(fromMs), () => {
    const { findings } = verifyPages(dataDir, name, 'head');
    if (findings[0]) throw new Error(findings[0].what);
  });
  using scan = new HeadScan(dataDir, name, hourOf(fromMs));
  const decoder = new SampleDecoder();
  let checked = 0;
  for (const series of scan.series()) {
    for (const { stampMs, samples, shape, totals } of scan.profiles(series)) {
      checked++;
      check(`the profile of series ${series} at ${new Date(stampMs).toISOString()}`, hourOf(fromMs), () => {
        const stored = decodeTotals(totals);
        decoder.open(samples);
        decodeShape(shape).types.forEach(({ type }, at) => {
          const total = totalOfColumn(decoder);
          if (total !== (stored[at] ?? 0n)) throw new Error(`${type} adds up to ${total}, not to ${stored[at]}`);
        });
      });
    }
  }
  return checked;
}

function totalOfColumn(decoder: SampleDecoder): bigint {
  const kind = decoder.readColumn();
  if (kind === 'zero') return 0n;
  const values = kind === 'plain' ? decoder.plain : decoder.signed;
  let total = 0n;
  for (let row = 0; row < decoder.count; row++) total += BigInt(values[row] ?? 0);
  return total;
}

function verifyDetail(dataDir: string, { name }: CatalogueFile, layout: Layout, check: Check): number {
  const reader = new DetailReader(join(dataDir, name));
  try {
    check('pages', undefined, () => reader.check());
    let checked = 0;
    for (const hour of reader.hours()) {
      for (const key of reader.keys(hour, hour + 1)) {
        if (!layout.isCompacted(key.head)) continue;
        checked++;
        const isStale = layout.isStale(key.series, hour);
        check(`the chunk of series ${key.series}`, hour, () => {
          const chunk = reader.chunk(key);
          if (chunk) verifyChunk(chunk, isStale);
        });
      }
    }
    return checked;
  } finally {
    reader.close();
  }
}

/** Every profile of every type; the sums of the hour must be theirs. */
function verifyChunk(chunk: Chunk, isStale: boolean): void {
  const { entries } = chunk;
  const ones = new Float64Array(entries.count).fill(1);
  entries.shapes[0]?.types.forEach(({ type, temporality }, at) => {
    const [sum, detail] = [new WeightedSums(0), new WeightedSums(0)];
    chunk.addSum(at, sum);
    const weights = temporality === 'gauge' ? entries.standingSeconds : ones;
    chunk.addDetail([{ type: at, weights, into: detail }]);
    if (!isStale && !areEqual(sum, detail)) throw new Error(`the sums of ${type} are not those of its profiles`);
  });
}

function areEqual(a: WeightedSums, b: WeightedSums): boolean {
  const size = Math.max(a.size, b.size);
  for (let id = 0; id < size; id++) if (BigInt(a.at(id)) !== BigInt(b.at(id))) return false;
  return true;
}

function verifyRolls(dataDir: string, { name }: CatalogueFile, check: Check): number {
  check('pages', undefined, () => {
    const { findings } = verifyPages(dataDir, name, 'roll');
    if (findings[0]) throw new Error(findings[0].what);
  });
  const reader = new RollReader(join(dataDir, name));
  try {
    let checked = 0;
    const hours = reader.level === '1h' ? 1 : hoursOfDay;
    for (const bucket of reader.buckets()) {
      for (const roll of reader.rollsOfBucket(bucket)) {
        checked++;
        check(`the roll-up of ${roll.key.kind} ${JSON.stringify(roll.key.labels)}`, bucket * hours, () =>
          verifyRoll(roll),
        );
      }
    }
    return checked;
  } finally {
    reader.close();
  }
}

/** The stacks of each type add up to what its processes put in. */
function verifyRoll(roll: Roll): void {
  roll.shapes[0]?.types.forEach(({ type }, at) => {
    const sums = new WeightedSums(0);
    roll.addSum(at, sums);
    let total = 0n;
    for (let id = 0; id < sums.size; id++) total += BigInt(sums.at(id));
    const expected = roll.processes.reduce((sum, { totals }) => sum + (totals[at] ?? 0n), 0n);
    if (total !== expected) throw new Error(`the stacks of ${type} add up to ${total}, its processes to ${expected}`);
  });
}
