import { join } from 'node:path';
import type { UnixMs } from '../../../model/units.ts';
import { namingDamage } from '../files/damage.ts';
import type { UnixHour } from '../files/data-dir.ts';
import { beginSnapshot, type Connection, openForReading } from '../files/database.ts';
import { Statements } from '../files/statements.ts';
import { decodeShape, type Shape } from './shape.ts';
import type { TotalsText } from './totals-text.ts';

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
  readonly totals: TotalsText;
}

export interface Extent {
  readonly series: number;
  readonly firstMs: UnixMs;
  readonly lastMs: UnixMs;
}

const columns = `series, stamp_ms AS stampMs, interval_ms AS intervalMs, span_ms AS spanMs, partition, shape, samples, trimmed, hex(totals) AS totals`;
/** CROSS JOIN fixes the order of the loops: series by series, each in order of time, straight from the clustered table. */
const ofSeries = 'json_each(?) AS wanted CROSS JOIN profile ON profile.series = wanted.value';

/** One generation of an hour's head, open for reading. Damaged pages throw `DamagedData` of its hour. */
export class HeadReader {
  readonly name: string;
  readonly hour: UnixHour;
  readonly #connection: Connection;
  readonly #sql: Statements;
  readonly #shapes = new Map<number, Shape>();

  constructor(dataDir: string, name: string, hour: UnixHour) {
    this.name = name;
    this.hour = hour;
    this.#connection = this.#guarded(() => openForReading(join(dataDir, name), 'head'));
    this.#sql = new Statements(this.#connection);
  }

  /** The profiles of some series (ids as a JSON array) stamped in `[fromMs, toMs)`, series by series, in order of time. */
  profiles(series: string, fromMs: UnixMs, toMs: UnixMs): ProfileRow[] {
    const sql = `SELECT ${columns} FROM ${ofSeries} WHERE stamp_ms >= ? AND stamp_ms < ?`;
    return this.#guarded(() => this.#sql.rows<ProfileRow>(sql).all(series, fromMs, toMs));
  }

  /** The newest profiles of some series in `[fromMs, toMs)` and before a (stamp, series), newest first. */
  newestProfiles(
    series: string,
    window: { readonly fromMs: UnixMs; readonly toMs: UnixMs },
    before: { readonly stampMs: UnixMs; readonly series: number },
    limit: number,
  ): ProfileRow[] {
    const sql = `SELECT ${columns} FROM ${ofSeries} WHERE stamp_ms >= ? AND stamp_ms < ? AND (stamp_ms, series) < (?, ?)
      ORDER BY stamp_ms DESC, series DESC LIMIT ?`;
    const { fromMs, toMs } = window;
    return this.#guarded(() =>
      this.#sql.rows<ProfileRow>(sql).all(series, fromMs, toMs, before.stampMs, before.series, limit),
    );
  }

  profile(series: number, stampMs: UnixMs): ProfileRow | undefined {
    const sql = `SELECT ${columns} FROM profile WHERE series = ? AND stamp_ms = ?`;
    return this.#guarded(() => this.#sql.rows<ProfileRow>(sql).get(series, stampMs));
  }

  /** The first and last stamp in `[fromMs, toMs)` of each of some series that has one. */
  extents(series: string, fromMs: UnixMs, toMs: UnixMs): Extent[] {
    const sql = `SELECT series, min(stamp_ms) AS firstMs, max(stamp_ms) AS lastMs FROM ${ofSeries}
      WHERE stamp_ms >= ? AND stamp_ms < ? GROUP BY series`;
    return this.#guarded(() => this.#sql.rows<Extent>(sql).all(series, fromMs, toMs));
  }

  hasFrom(series: number, fromMs: UnixMs): boolean {
    const sql = 'SELECT 1 FROM profile WHERE series = ? AND stamp_ms >= ? LIMIT 1';
    return this.#guarded(() => this.#sql.values<number>(sql).get(series, fromMs)) !== undefined;
  }

  /** The first and the last stamp; undefined when it is empty. */
  bounds(): { readonly oldestMs: UnixMs; readonly newestMs: UnixMs } | undefined {
    const sql = 'SELECT min(stamp_ms) AS oldestMs, max(stamp_ms) AS newestMs FROM profile';
    type Bounds = { readonly oldestMs: UnixMs | null; readonly newestMs: UnixMs | null };
    const { oldestMs = null, newestMs = null } = this.#guarded(() => this.#sql.rows<Bounds>(sql).get()) ?? {};
    return oldestMs === null || newestMs === null ? undefined : { oldestMs, newestMs };
  }

  shape(id: number): Shape {
    const known = this.#shapes.get(id);
    if (known) return known;
    const text = this.#guarded(() => this.#sql.values<string>('SELECT content FROM shape WHERE id = ?').get(id));
    if (text === undefined) throw new Error(`${this.#connection.name} has no shape ${id}`);
    const shape = decodeShape(text);
    this.#shapes.set(id, shape);
    return shape;
  }

  /** The samples of a profile; `format` says how to read them. */
  samples(id: number): { readonly format: number; readonly data: Uint8Array } {
    const sql = 'SELECT format, data FROM samples WHERE id = ?';
    const row = this.#guarded(() => this.#sql.rows<{ format: number; data: Uint8Array }>(sql).get(id));
    if (!row) throw new Error(`${this.#connection.name} has no samples ${id}`);
    return row;
  }

  /**
   * One transaction for a whole question: SQLite would lock and unlock for every row that is read. It sees the file as it is
   * now until `end`.
   */
  begin(): void {
    this.#guarded(() => beginSnapshot(this.#connection));
  }

  end(): void {
    if (this.#connection.inTransaction) this.#connection.exec('COMMIT');
  }

  close(): void {
    this.#connection.close();
  }

  #guarded<Result>(work: () => Result): Result {
    return namingDamage(this.name, this.hour, work);
  }
}
