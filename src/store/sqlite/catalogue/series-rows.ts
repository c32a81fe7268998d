import { canonicalLabels } from '../../../model/labels.ts';
import { type ProcessIdentity, partitionKey, type SeriesIdentity } from '../../../model/series.ts';
import type { UnixMs } from '../../../model/units.ts';
import type { UnixHour } from '../files/data-dir.ts';
import type { Statements } from '../files/statements.ts';

/** Processes that nobody holds any more are looked for when there may be so many of them. */
const leastProcesses = 1_000;

export interface ProcessRow {
  readonly id: number;
  readonly slot: string;
  startedMs: UnixMs | undefined;
  firstMs: UnixMs;
  endedMs: UnixMs | undefined;
  build: string | undefined;
}

interface ProcessColumns extends Omit<ProcessRow, 'startedMs' | 'endedMs' | 'build'> {
  readonly startedMs: UnixMs | null;
  readonly endedMs: UnixMs | null;
  readonly build: string | null;
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

/** When a process was there. */
export interface ProcessTimes {
  readonly id: number;
  readonly slot: string;
  readonly firstMs: UnixMs;
  readonly endedMs: UnixMs | undefined;
}

export interface SeriesTimes {
  readonly id: number;
  readonly firstHour: UnixHour;
  readonly lastHour: UnixHour;
  readonly longestIntervalMs: number;
}

/** Series and their processes in `meta.db`. */
export class SeriesRows {
  readonly #sql: Statements;
  readonly #change: () => number;
  /** One row object for each process, whichever series asks for it, for as long as one of them holds it. */
  readonly #processes = new Map<string, WeakRef<ProcessRow>>();
  #sweepAt = leastProcesses;

  /** `change` numbers the transaction under way. */
  constructor(sql: Statements, change: () => number) {
    this.#sql = sql;
    this.#change = change;
  }

  lastChange(): number {
    const highest = (table: 'series' | 'process'): number =>
      this.#sql.values<number | null>(`SELECT max(changed) FROM ${table}`).get() ?? 0;
    return Math.max(highest('series'), highest('process'));
  }

  find({ labels, kind, process }: SeriesIdentity): SeriesRow | undefined {
    const known = this.process(process.id);
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

  add(identity: SeriesIdentity, stampMs: UnixMs, hour: UnixHour, shape: string, intervalMs: number): SeriesRow {
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
      .run(labelSet, process.id, identity.kind, key, shape, hour, hour, intervalMs, this.#change());
    const id = Number(lastInsertRowid);
    return { id, partitionKey: key, process, shape, firstHour: hour, lastHour: hour, longestIntervalMs: intervalMs };
  }

  save(row: SeriesRow): void {
    this.#sql
      .rows(
        'UPDATE series SET shape = ?, first_hour = ?, last_hour = ?, longest_interval_ms = ?, changed = ? WHERE id = ?',
      )
      .run(row.shape, row.firstHour, row.lastHour, row.longestIntervalMs, this.#change(), row.id);
  }

  saveProcess(row: ProcessRow): void {
    this.#sql
      .rows('UPDATE process SET started_ms = ?, first_ms = ?, ended_ms = ?, build = ?, changed = ? WHERE id = ?')
      .run(row.startedMs ?? null, row.firstMs, row.endedMs ?? null, row.build ?? null, this.#change(), row.id);
  }

  process(identity: string): ProcessRow | undefined {
    const known = this.#processes.get(identity)?.deref();
    if (known) return known;
    const row = this.#sql
      .rows<ProcessColumns>(
        `SELECT id, slot, started_ms AS startedMs, first_ms AS firstMs, ended_ms AS endedMs, build
         FROM process WHERE identity = ?`,
      )
      .get(identity);
    if (!row) return undefined;
    const { startedMs, endedMs, build } = row;
    const found: ProcessRow = {
      ...row,
      startedMs: startedMs ?? undefined,
      endedMs: endedMs ?? undefined,
      build: build ?? undefined,
    };
    this.#processes.set(identity, new WeakRef(found));
    if (this.#processes.size >= this.#sweepAt) this.#sweep();
    return found;
  }

  /** The last hour in which a series of this partition key has profiles, as far as this file knows. */
  lastHourOf(key: string): UnixHour | undefined {
    return (
      this.#sql.values<number | null>('SELECT max(last_hour) FROM series WHERE partition_key = ?').get(key) ?? undefined
    );
  }

  ofPartitionInHour(key: string, hour: UnixHour): number[] {
    return this.#sql
      .values<number>('SELECT id FROM series WHERE partition_key = ? AND last_hour >= ? AND first_hour <= ?')
      .all(key, hour, hour);
  }

  /** The longest interval of the series that may have profiles in an hour; 0 when none may. */
  longestIntervalIn(hour: UnixHour): number {
    return (
      this.#sql
        .values<number | null>('SELECT max(longest_interval_ms) FROM series WHERE last_hour >= ? AND first_hour <= ?')
        .get(hour, hour) ?? 0
    );
  }

  /** The longest interval of the series that began by an hour; 0 when none did. */
  longestIntervalUntil(hour: UnixHour): number {
    return (
      this.#sql.values<number | null>('SELECT max(longest_interval_ms) FROM series WHERE first_hour <= ?').get(hour) ??
      0
    );
  }

  /** The processes of a pod container, one after the other; without a slot (`''`) the process alone. */
  processesBeside(process: { readonly identity: string; readonly slot: string }): ProcessTimes[] {
    const [column, value] = process.slot === '' ? ['identity', process.identity] : ['slot', process.slot];
    return this.#sql
      .rows<Omit<ProcessTimes, 'endedMs'> & { endedMs: UnixMs | null }>(
        `SELECT id, slot, first_ms AS firstMs, ended_ms AS endedMs FROM process WHERE ${column} = ?`,
      )
      .all(value)
      .map((row) => ({ ...row, endedMs: row.endedMs ?? undefined }));
  }

  ofProcess(process: number): SeriesTimes[] {
    return this.#sql
      .rows<SeriesTimes>(
        `SELECT id, first_hour AS firstHour, last_hour AS lastHour, longest_interval_ms AS longestIntervalMs
         FROM series WHERE process = ?`,
      )
      .all(process);
  }

  /**
   * Drops series of which nothing is left in an hour or after it, not even what stands into it, and processes that are left
   * without a series. Returns the ids of the series.
   */
  prune(oldest: UnixHour): ReadonlySet<number> {
    const series = this.#sql
      .values<number>(
        'DELETE FROM series WHERE last_hour + (5 * longest_interval_ms + 7199999) / 7200000 < ? RETURNING id',
      )
      .all(oldest);
    if (series.length === 0) return new Set();
    const processes = this.#sql
      .values<string>(
        'DELETE FROM process WHERE NOT EXISTS (SELECT 1 FROM series s WHERE s.process = process.id) RETURNING identity',
      )
      .all();
    for (const identity of processes) this.#processes.delete(identity);
    this.#sql.rows('DELETE FROM label_set WHERE id NOT IN (SELECT label_set FROM series)').run();
    return new Set(series);
  }

  count(): number {
    return this.#sql.values<number>('SELECT count(*) FROM series').get() ?? 0;
  }

  /** Drops what is in memory. */
  forget(): void {
    this.#processes.clear();
  }

  #sweep(): void {
    for (const [identity, row] of this.#processes) if (!row.deref()) this.#processes.delete(identity);
    this.#sweepAt = Math.max(leastProcesses, 2 * this.#processes.size);
  }

  #processFor(identity: ProcessIdentity, stampMs: UnixMs): ProcessRow {
    const known = this.process(identity.id);
    if (known) return known;
    this.#sql
      .rows('INSERT INTO process (identity, slot, started_ms, first_ms, build, changed) VALUES (?, ?, ?, ?, ?, ?)')
      .run(identity.id, identity.slot, identity.startedMs ?? null, stampMs, identity.build ?? null, this.#change());
    const added = this.process(identity.id);
    if (!added) throw new Error(`process ${identity.id} was not stored`);
    return added;
  }
}
