import { join } from 'node:path';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { canonicalLabels } from '../../../model/labels.ts';
import { type ProcessIdentity, partitionKey, type SeriesIdentity } from '../../../model/series.ts';
import { hour as hourMs, type UnixMs } from '../../../model/units.ts';
import { headFileName, hourOfHeadFile, metaFile, type UnixHour } from '../files/data-dir.ts';
import { type Connection, openDatabase, type Synchronous } from '../files/database.ts';
import { Statements } from '../files/statements.ts';

/** A segment at least this long is compressed. */
const compressFromBytes = 256;
/** Processes remembered at most; past that, all are read again. */
const maxRememberedProcesses = 100_000;
export const dictionaryFormat = { plain: 1, zstd: 2 } as const;

export interface ProcessRow {
  readonly id: number;
  startedMs: UnixMs | undefined;
  firstMs: UnixMs;
  endedMs: UnixMs | undefined;
}

export interface SeriesRow {
  readonly id: number;
  readonly partitionKey: string;
  readonly process: ProcessRow;
  shape: string;
  firstHour: UnixHour;
  lastHour: UnixHour;
  longestIntervalMs: number;
}

export interface PartitionRow {
  readonly id: number;
  readonly key: string;
  readonly epoch: number;
  lastHour: UnixHour;
}

/** `meta.db`, open for writing: what the facts in head files refer to. It is committed before them. */
export class CatalogueWriter {
  readonly #connection: Connection;
  readonly #sql: Statements;
  /** One row object for each process, whichever series asks for it. */
  readonly #processes = new Map<string, ProcessRow>();
  #change: number;

  constructor(dataDir: string, synchronous: Synchronous) {
    this.#connection = openDatabase(join(dataDir, metaFile), 'meta', synchronous);
    this.#sql = new Statements(this.#connection);
    this.#change = this.#sql
      .values<number>(
        'SELECT max((SELECT ifnull(max(changed), 0) FROM series), (SELECT ifnull(max(changed), 0) FROM process))',
      )
      .get() as number;
  }

  begin(): void {
    this.#connection.exec('BEGIN IMMEDIATE');
    this.#change++;
  }

  commit(): void {
    this.#connection.exec('COMMIT');
  }

  rollback(): void {
    if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
    this.#processes.clear();
  }

  close(): void {
    this.#connection.close();
  }

  findSeries({ labels, kind, process }: SeriesIdentity): SeriesRow | undefined {
    const known = this.#findProcess(process.id);
    if (!known) return undefined;
    const row = this.#sql
      .rows<Omit<SeriesRow, 'process'>>(
        `SELECT s.id, s.partition_key AS partitionKey, s.shape, s.first_hour AS firstHour, s.last_hour AS lastHour,
           s.longest_interval_ms AS longestIntervalMs
         FROM series s JOIN label_set l ON l.id = s.label_set
         WHERE s.process = ? AND s.kind = ? AND l.labels = ?`,
      )
      .get(known.id, kind, canonicalLabels(labels));
    return row && { ...row, process: known };
  }

  addSeries(identity: SeriesIdentity, stampMs: UnixMs, hour: UnixHour, shape: string, intervalMs: number): SeriesRow {
    const process = this.#processFor(identity.process, stampMs);
    const labels = canonicalLabels(identity.labels);
    this.#sql.rows('INSERT INTO label_set (labels) VALUES (?) ON CONFLICT DO NOTHING').run(labels);
    const labelSet = this.#sql.values<number>('SELECT id FROM label_set WHERE labels = ?').get(labels);
    const key = partitionKey(identity.labels);
    const { lastInsertRowid } = this.#sql
      .rows(
        `INSERT INTO series (label_set, process, kind, partition_key, shape, first_hour, last_hour, longest_interval_ms, changed)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(labelSet, process.id, identity.kind, key, shape, hour, hour, intervalMs, this.#change);
    const id = Number(lastInsertRowid);
    return { id, partitionKey: key, process, shape, firstHour: hour, lastHour: hour, longestIntervalMs: intervalMs };
  }

  saveSeries(row: SeriesRow): void {
    this.#sql
      .rows(
        'UPDATE series SET shape = ?, first_hour = ?, last_hour = ?, longest_interval_ms = ?, changed = ? WHERE id = ?',
      )
      .run(row.shape, row.firstHour, row.lastHour, row.longestIntervalMs, this.#change, row.id);
  }

  saveProcess(row: ProcessRow): void {
    this.#sql
      .rows('UPDATE process SET started_ms = ?, first_ms = ?, ended_ms = ?, changed = ? WHERE id = ?')
      .run(row.startedMs ?? null, row.firstMs, row.endedMs ?? null, this.#change, row.id);
  }

  /** Marks a process as ended, unless an earlier end is known or the process is not. */
  endProcess(identity: string, endedMs: UnixMs): void {
    const row = this.#findProcess(identity);
    if (!row || (row.endedMs !== undefined && row.endedMs <= endedMs)) return;
    row.endedMs = endedMs;
    this.saveProcess(row);
  }

  /** The last hour in which a series of this partition key has profiles, as far as this file knows. */
  lastHourOf(key: string): UnixHour | undefined {
    return (
      this.#sql.values<number | null>('SELECT max(last_hour) FROM series WHERE partition_key = ?').get(key) ?? undefined
    );
  }

  seriesInHour(key: string, hour: UnixHour): number[] {
    return this.#sql
      .values<number>('SELECT id FROM series WHERE partition_key = ? AND last_hour >= ? AND first_hour <= ?')
      .all(key, hour, hour);
  }

  latestPartition(key: string): PartitionRow | undefined {
    return this.#sql
      .rows<PartitionRow>(
        'SELECT id, key, epoch, last_hour AS lastHour FROM partition WHERE key = ? ORDER BY epoch DESC LIMIT 1',
      )
      .get(key);
  }

  addPartition(key: string, epoch: number, lastHour: UnixHour): PartitionRow {
    const { lastInsertRowid } = this.#sql
      .rows('INSERT INTO partition (key, epoch, last_hour) VALUES (?, ?, ?)')
      .run(key, epoch, lastHour);
    return { id: Number(lastInsertRowid), key, epoch, lastHour };
  }

  savePartition(row: PartitionRow): void {
    this.#sql.rows('UPDATE partition SET last_hour = ? WHERE id = ?').run(row.lastHour, row.id);
  }

  addSegment(partition: number, segment: Uint8Array): void {
    const small = segment.length < compressFromBytes;
    const params = { [constants.ZSTD_c_compressionLevel]: 1 };
    this.#sql
      .rows('INSERT INTO dictionary (partition, format, data) VALUES (?, ?, ?)')
      .run(
        partition,
        small ? dictionaryFormat.plain : dictionaryFormat.zstd,
        small ? segment : zstdCompressSync(segment, { params }),
      );
  }

  /** The segments of a partition's dictionary, in order. */
  *segments(partition: number): Generator<Uint8Array> {
    const rows = this.#sql
      .rows<StoredSegment>('SELECT id, format, data FROM dictionary WHERE partition = ? ORDER BY id')
      .iterate(partition);
    for (const row of rows) yield openSegment(row);
  }

  setting(name: string): string | undefined {
    return this.#sql.values<string>('SELECT value FROM setting WHERE name = ?').get(name);
  }

  setSetting(name: string, value: string): void {
    this.#sql
      .rows('INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
      .run(name, value);
  }

  addHeadFile(hour: UnixHour): void {
    this.#sql
      .rows(
        `INSERT INTO file (name, kind, from_ms, to_ms, state) VALUES (?, 'head', ?, ?, 'open') ON CONFLICT DO NOTHING`,
      )
      .run(headFileName(hour), hour * hourMs, (hour + 1) * hourMs);
  }

  headHours(state: 'open' | 'removed'): UnixHour[] {
    return this.#sql
      .values<string>(`SELECT name FROM file WHERE kind = 'head' AND state = ? ORDER BY from_ms`)
      .all(state)
      .flatMap((name) => hourOfHeadFile(name) ?? []);
  }

  markRemoved(hour: UnixHour): void {
    this.#sql.rows(`UPDATE file SET state = 'removed' WHERE name = ?`).run(headFileName(hour));
  }

  forgetFile(hour: UnixHour): void {
    this.#sql.rows('DELETE FROM file WHERE name = ?').run(headFileName(hour));
  }

  /** Drops series, processes, partitions and their symbols without a profile since the start of an hour. */
  prune(oldest: UnixHour): void {
    this.#sql.rows('DELETE FROM series WHERE last_hour < ?').run(oldest);
    this.#sql.rows('DELETE FROM process WHERE NOT EXISTS (SELECT 1 FROM series s WHERE s.process = process.id)').run();
    this.#sql.rows('DELETE FROM label_set WHERE id NOT IN (SELECT label_set FROM series)').run();
    this.#sql
      .rows('DELETE FROM dictionary WHERE partition IN (SELECT id FROM partition WHERE last_hour < ?)')
      .run(oldest);
    this.#sql.rows('DELETE FROM partition WHERE last_hour < ?').run(oldest);
    this.#processes.clear();
    this.setSetting('pruned', String(Number(this.setting('pruned') ?? 0) + 1));
  }

  counts(): { readonly series: number; readonly partitions: number } {
    const count = (table: 'series' | 'partition'): number =>
      this.#sql.values<number>(`SELECT count(*) FROM ${table}`).get() ?? 0;
    return { series: count('series'), partitions: count('partition') };
  }

  #processFor(identity: ProcessIdentity, stampMs: UnixMs): ProcessRow {
    const known = this.#findProcess(identity.id);
    if (known) return known;
    this.#sql
      .rows('INSERT INTO process (identity, slot, started_ms, first_ms, changed) VALUES (?, ?, ?, ?, ?)')
      .run(identity.id, identity.slot, identity.startedMs ?? null, stampMs, this.#change);
    const added = this.#findProcess(identity.id);
    if (!added) throw new Error(`process ${identity.id} was not stored`);
    return added;
  }

  #findProcess(identity: string): ProcessRow | undefined {
    const known = this.#processes.get(identity);
    if (known) return known;
    const row = this.#sql
      .rows<{ id: number; startedMs: UnixMs | null; firstMs: UnixMs; endedMs: UnixMs | null }>(
        'SELECT id, started_ms AS startedMs, first_ms AS firstMs, ended_ms AS endedMs FROM process WHERE identity = ?',
      )
      .get(identity);
    if (!row) return undefined;
    const found = { ...row, startedMs: row.startedMs ?? undefined, endedMs: row.endedMs ?? undefined };
    if (this.#processes.size >= maxRememberedProcesses) this.#processes.clear();
    this.#processes.set(identity, found);
    return found;
  }
}

export interface StoredSegment {
  readonly id: number;
  readonly format: number;
  readonly data: Uint8Array;
}

export function openSegment({ format, data }: StoredSegment): Uint8Array {
  if (format === dictionaryFormat.plain) return data;
  if (format === dictionaryFormat.zstd) return zstdDecompressSync(data);
  throw new Error(`unknown dictionary format ${format}`);
}
