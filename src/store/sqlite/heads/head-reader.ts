import { join } from 'node:path';
import type { UnixMs } from '../../../model/units.ts';
import { headFileName, type UnixHour } from '../files/data-dir.ts';
import { type Connection, openForReading } from '../files/database.ts';
import { Statements } from '../files/statements.ts';
import { decodeShape, type Shape } from './shape.ts';

/** A profile without its samples. */
export interface ProfileRow {
  readonly series: number;
  readonly stampMs: UnixMs;
  readonly intervalMs: number;
  readonly spanMs: number;
  readonly partition: number;
  readonly shape: number;
  readonly samples: number;
  readonly trimmed: number;
  readonly totals: Uint8Array;
}

export interface Extent {
  readonly series: number;
  readonly firstMs: UnixMs;
  readonly lastMs: UnixMs;
}

const columns = `series, stamp_ms AS stampMs, interval_ms AS intervalMs, span_ms AS spanMs, partition, shape, samples, trimmed, totals`;
/** CROSS JOIN fixes the order of the loops: series by series, each in order of time, straight from the clustered table. */
const ofSeries = 'json_each(?) AS wanted CROSS JOIN profile ON profile.series = wanted.value';

/** One hour's file, open for reading. */
export class HeadReader {
  readonly hour: UnixHour;
  readonly #connection: Connection;
  readonly #sql: Statements;
  readonly #shapes = new Map<number, Shape>();

  constructor(dataDir: string, hour: UnixHour) {
    this.hour = hour;
    this.#connection = openForReading(join(dataDir, headFileName(hour)), 'head');
    this.#sql = new Statements(this.#connection);
  }

  /** The profiles of some series (ids as a JSON array) stamped in `[fromMs, toMs)`, series by series, in order of time. */
  profiles(series: string, fromMs: UnixMs, toMs: UnixMs): ProfileRow[] {
    return this.#sql
      .rows<ProfileRow>(`SELECT ${columns} FROM ${ofSeries} WHERE stamp_ms >= ? AND stamp_ms < ?`)
      .all(series, fromMs, toMs);
  }

  /** The newest profiles of some series in `[fromMs, toMs)` and before a (stamp, series), newest first. */
  newestProfiles(
    series: string,
    window: { readonly fromMs: UnixMs; readonly toMs: UnixMs },
    before: { readonly stampMs: UnixMs; readonly series: number },
    limit: number,
  ): ProfileRow[] {
    return this.#sql
      .rows<ProfileRow>(
        `SELECT ${columns} FROM ${ofSeries} WHERE stamp_ms >= ? AND stamp_ms < ? AND (stamp_ms, series) < (?, ?)
         ORDER BY stamp_ms DESC, series DESC LIMIT ?`,
      )
      .all(series, window.fromMs, window.toMs, before.stampMs, before.series, limit);
  }

  profile(series: number, stampMs: UnixMs): ProfileRow | undefined {
    return this.#sql
      .rows<ProfileRow>(`SELECT ${columns} FROM profile WHERE series = ? AND stamp_ms = ?`)
      .get(series, stampMs);
  }

  /** The first and last stamp in `[fromMs, toMs)` of each of some series that has one. */
  extents(series: string, fromMs: UnixMs, toMs: UnixMs): Extent[] {
    return this.#sql
      .rows<Extent>(
        `SELECT series, min(stamp_ms) AS firstMs, max(stamp_ms) AS lastMs FROM ${ofSeries}
         WHERE stamp_ms >= ? AND stamp_ms < ? GROUP BY series`,
      )
      .all(series, fromMs, toMs);
  }

  hasFrom(series: number, fromMs: UnixMs): boolean {
    const sql = 'SELECT 1 FROM profile WHERE series = ? AND stamp_ms >= ? LIMIT 1';
    return this.#sql.values<number>(sql).get(series, fromMs) !== undefined;
  }

  bounds(): { readonly oldestMs: UnixMs | null; readonly newestMs: UnixMs | null } | undefined {
    return this.#sql
      .rows<{ oldestMs: UnixMs | null; newestMs: UnixMs | null }>(
        'SELECT min(stamp_ms) AS oldestMs, max(stamp_ms) AS newestMs FROM profile',
      )
      .get();
  }

  shape(id: number): Shape {
    const known = this.#shapes.get(id);
    if (known) return known;
    const text = this.#sql.values<string>('SELECT content FROM shape WHERE id = ?').get(id);
    if (text === undefined) throw new Error(`${this.#connection.name} has no shape ${id}`);
    const shape = decodeShape(text);
    this.#shapes.set(id, shape);
    return shape;
  }

  /** The samples of a profile; `format` says how to read them. */
  samples(id: number): { readonly format: number; readonly data: Uint8Array } {
    const row = this.#sql
      .rows<{ format: number; data: Uint8Array }>('SELECT format, data FROM samples WHERE id = ?')
      .get(id);
    if (!row) throw new Error(`${this.#connection.name} has no samples ${id}`);
    return row;
  }

  /** One transaction for a whole question: SQLite would lock and unlock for every row that is read. */
  begin(): void {
    if (!this.#connection.inTransaction) this.#connection.exec('BEGIN');
  }

  end(): void {
    if (this.#connection.inTransaction) this.#connection.exec('COMMIT');
  }

  close(): void {
    this.#connection.close();
  }
}
