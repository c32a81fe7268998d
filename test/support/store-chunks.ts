import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Chunk } from '../../src/store/sqlite/chunks/chunk.ts';
import { DetailReader } from '../../src/store/sqlite/chunks/detail-file.ts';
import { hourOf, parseHeadFileName } from '../../src/store/sqlite/files/data-dir.ts';
import { openDatabase, openForReading } from '../../src/store/sqlite/files/database.ts';
import { HeadScan } from '../../src/store/sqlite/heads/head-scan.ts';
import { decodeTotals, SampleDecoder } from '../../src/store/sqlite/heads/samples.ts';
import { decodeShape } from '../../src/store/sqlite/heads/shape.ts';
import { WeightedSums } from '../../src/store/sqlite/read/weighted-sums.ts';
import { RollReader } from '../../src/store/sqlite/rollups/roll-reader.ts';
import { at, minute } from './store-questions.ts';

/** The rows of a table of `meta.db`. */
export function metaRows<Row>(dataDir: string, sql: string): Row[] {
  const meta = openForReading(join(dataDir, 'meta.db'), 'meta');
  try {
    return meta.prepare(sql).all() as Row[];
  } finally {
    meta.close();
  }
}

/** All chunks that count, of all detail files and of all series unless some are given, as `view` sees them, in order. */
export function seenChunks<View>(dataDir: string, view: (chunk: Chunk) => View, ofSeries?: readonly number[]): View[] {
  const counting = new Set(
    metaRows<{ id: number }>(dataDir, `SELECT id FROM file WHERE kind = 'head' AND state = 'compacted'`).map(
      ({ id }) => id,
    ),
  );
  const all = metaRows<{ id: number }>(dataDir, 'SELECT id FROM series ORDER BY id').map(({ id }) => id);
  return filesNamed(dataDir, 'detail-').flatMap((path) => {
    const reader = new DetailReader(path);
    try {
      const chunks = reader.chunks(JSON.stringify(ofSeries ?? all), 0, 1e9).filter(({ key }) => counting.has(key.head));
      return chunks.map(view);
    } finally {
      reader.close();
    }
  });
}

/**
 * `1 +1h of +0h: 59m30 stands 20 s in [0, 20), carried`: of series 1, in the hour after the first, made of the first hour's
 * head, with one profile stamped 59 minutes and 30 seconds after the start.
 */
export function drawnChunks(dataDir: string): string[] {
  const heads = new Map(
    metaRows<{ id: number; name: string }>(dataDir, 'SELECT id, name FROM file').map(({ id, name }) => [id, name]),
  );
  return seenChunks(dataDir, ({ key, carried, entries }) => {
    const { hour = 0, generation = 1 } = parseHeadFileName(heads.get(key.head) ?? '') ?? {};
    const late = generation > 1 ? ` late ${generation - 1}` : '';
    const part = key.part > 0 ? ` part ${key.part}` : '';
    const stamps = [...new Set([entries.stampMs[0], entries.stampMs.at(-1)])].map((ms) => clock(ms ?? 0)).join('…');
    const seconds = entries.standingSeconds.reduce((sum, count) => sum + count, 0);
    const from = (key.hour * 60 * minute) / 1000;
    const ranges = entries.observed.map((range) => `[${range.from - from}, ${range.to - from})`).join(' ');
    const place = `${key.series} ${hours(key.hour)} of ${hours(hour)}${late}${part}`;
    return `${place}: ${stamps} stands ${seconds} s in ${ranges}${carried ? ', carried' : ''}`;
  });
}

/** A profile with everything that is stored of it, from wherever; samples as `stack id → values`. */
export interface SeenProfile {
  readonly series: number;
  readonly stampMs: number;
  readonly intervalMs: number;
  readonly spanMs: number;
  readonly partition: number;
  readonly types: readonly unknown[];
  readonly period: bigint;
  readonly trimmed: number;
  readonly totals: readonly bigint[];
  readonly times: readonly bigint[];
  readonly contentHash: string;
  readonly samples: Readonly<Record<string, readonly string[]>>;
}

/** All profiles of all head files. */
export function profilesInHeads(dataDir: string): SeenProfile[] {
  return readdirSync(dataDir)
    .filter((name) => parseHeadFileName(name))
    .flatMap((name) => {
      using scan = new HeadScan(dataDir, name, parseHeadFileName(name)?.hour ?? 0);
      return scan.series().flatMap((series) => scan.profiles(series).map((row) => headProfile(series, row)));
    })
    .sort(byPlace);
}

/** All profiles of all chunks that count, without carried ones. */
export function profilesInChunks(dataDir: string): SeenProfile[] {
  return seenChunks(dataDir, (chunk) =>
    chunk.carried ? [] : Array.from({ length: chunk.entries.count }, (_, entry) => chunkProfile(chunk, entry)),
  )
    .flat()
    .sort(byPlace);
}

/** Everything that counts in a store, without row ids and sizes: what two ways to the same end must agree on. */
export function logicalContent(dataDir: string) {
  const rows = (sql: string) => metaRows<Record<string, unknown>>(dataDir, sql);
  return {
    files: rows('SELECT name, kind, from_ms, to_ms, state FROM file ORDER BY name'),
    hours: rows('SELECT hour, rolled, damaged FROM hour ORDER BY hour'),
    days: rows('SELECT day, rolled FROM day ORDER BY day'),
    stale: rows('SELECT series, hour FROM stale ORDER BY series, hour'),
    chunks: drawnChunks(dataDir),
    sums: seenChunks(dataDir, (chunk) => chunk.entries.totals.map((_, type) => sumsOf(chunk, type))),
    profiles: profilesInChunks(dataDir),
    rolls: [...filesNamed(dataDir, 'roll1h'), ...filesNamed(dataDir, 'roll1d')].map(rollsIn),
  };
}

/** What the blobs of all chunks take, head by head. */
export function bytesOfChunks(dataDir: string): number[] {
  const byHead = new Map<number, number>();
  for (const path of filesNamed(dataDir, 'detail-')) {
    const detail = openForReading(path, 'detail');
    const rows = detail
      .prepare<[], { head: number; bytes: number }>(
        `SELECT head, length(entries) + length(stacks)
           + (SELECT sum(length(data)) FROM chunk_sum s WHERE s.id / 256 = chunk.id)
           + (SELECT sum(length(data)) FROM chunk_detail d WHERE d.id / 256 = chunk.id) AS bytes
         FROM chunk ORDER BY head`,
      )
      .all();
    detail.close();
    for (const { head, bytes } of rows) byHead.set(head, (byHead.get(head) ?? 0) + bytes);
  }
  return [...byHead.values()];
}

/** The sum of a type by stack id, as texts. */
export function sumsOf(chunk: { addSum: Chunk['addSum'] }, type: number): Record<string, string> {
  const sums = new WeightedSums(0);
  chunk.addSum(type, sums);
  const ids = Array.from({ length: sums.size }, (_, id) => id).filter((id) => !sums.isZero(id));
  return Object.fromEntries(ids.map((id) => [id, String(sums.at(id))]));
}

function rollsIn(path: string) {
  const reader = new RollReader(path);
  try {
    return reader.buckets().flatMap((bucket) =>
      reader.rollsOfBucket(bucket).map((roll) => ({
        key: roll.key,
        processes: roll.processes,
        stamps: roll.stamps,
        trimmed: roll.trimmed,
        sums: roll.shapes[0]?.types.map((_, type) => sumsOf(roll, type)),
      })),
    );
  } finally {
    reader.close();
  }
}

function headProfile(series: number, row: ReturnType<HeadScan['profiles']>[number]): SeenProfile {
  const { types, header } = decodeShape(row.shape);
  const decoder = new SampleDecoder();
  decoder.open(row.samples);
  const samples: Record<string, string[]> = {};
  for (const _ of types) {
    const kind = decoder.readColumn();
    for (let at = 0; at < decoder.count; at++) {
      const value = kind === 'zero' ? 0 : kind === 'plain' ? decoder.plain[at] : decoder.signed[at];
      (samples[decoder.ids[at] ?? 0] ??= []).push(String(value));
    }
  }
  const { stampMs, intervalMs, spanMs, partition, trimmed, contentHash } = row;
  const times = [decoder.timeNanos, decoder.durationNanos];
  const totals = decodeTotals(row.totals);
  const { period } = header;
  return {
    series,
    stampMs,
    intervalMs,
    spanMs,
    partition,
    types,
    period,
    trimmed,
    totals,
    times,
    contentHash,
    samples,
  };
}

function chunkProfile(chunk: Chunk, entry: number): SeenProfile {
  const { entries, key, partition } = chunk;
  const { ids, values } = chunk.samples(entry);
  const shape = entries.shapes[entries.shape[entry] ?? 0];
  return {
    series: key.series,
    stampMs: entries.stampMs[entry] ?? 0,
    intervalMs: entries.intervalMs[entry] ?? 0,
    spanMs: entries.spanMs[entry] ?? 0,
    partition,
    types: shape?.types ?? [],
    period: shape?.header.period ?? 0n,
    trimmed: entries.trimmed[entry] ?? 0,
    totals: entries.totals.map((column) => BigInt(column[entry] ?? 0)),
    times: [entries.timeNanos[entry] ?? 0n, entries.durationNanos[entry] ?? 0n],
    contentHash: entries.contentHash(entry),
    samples: Object.fromEntries(Array.from(ids, (id, row) => [id, values.map((column) => String(column[row]))])),
  };
}

function byPlace(a: SeenProfile, b: SeenProfile): number {
  return a.series - b.series || a.stampMs - b.stampMs;
}

function filesNamed(dataDir: string, prefix: string): string[] {
  return readdirSync(dataDir)
    .filter((name) => name.startsWith(prefix) && name.endsWith('.db'))
    .sort()
    .map((name) => join(dataDir, name));
}

function hours(hour: number): string {
  return `+${hour - hourOf(at(0))}h`;
}

function clock(ms: number): string {
  const seconds = Math.floor((ms - at(0)) / 1000);
  return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}`;
}

/** Marks a series in the hour of a moment, as the writer does when something happened to how long its snapshots stand. */
export function markStale(dataDir: string, series: number, ms: number): void {
  const meta = openDatabase(join(dataDir, 'meta.db'), 'meta', 'normal');
  try {
    meta.transaction(() => {
      meta.prepare('INSERT INTO stale (series, hour) VALUES (?, ?)').run(series, hourOf(ms));
      meta.prepare('UPDATE hour SET rolled = 0 WHERE hour = ?').run(hourOf(ms));
      meta.prepare('UPDATE day SET rolled = 0 WHERE day = ?').run(Math.floor(hourOf(ms) / 24));
      meta.prepare(`UPDATE setting SET value = value + 1 WHERE name = 'layout'`).run();
    })();
  } finally {
    meta.close();
  }
}
