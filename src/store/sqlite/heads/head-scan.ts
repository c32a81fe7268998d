import { join } from 'node:path';
import type { UnixMs } from '../../../model/units.ts';
import { DamagedData, namingDamage } from '../files/damage.ts';
import type { UnixHour } from '../files/data-dir.ts';
import { type Connection, openForReading } from '../files/database.ts';
import { Statements } from '../files/statements.ts';
import type { HeadRow } from './head-writer.ts';

/** A profile with all that a head file holds of it. */
export type ScannedProfile = Omit<HeadRow, 'series'>;

/** A head file, read whole, series by series. Damage throws `DamagedData`. */
export class HeadScan implements Disposable {
  readonly #name: string;
  readonly #hour: UnixHour;
  readonly #connection: Connection;
  readonly #sql: Statements;
  readonly #shapes = new Map<number, string>();

  constructor(dataDir: string, name: string, hour: UnixHour) {
    this.#name = name;
    this.#hour = hour;
    this.#connection = this.#checked(() => openForReading(join(dataDir, name), 'head'));
    // It is read once from end to end: mapped or cached, all of it would be memory of ours.
    this.#connection.pragma('mmap_size = 0');
    this.#connection.pragma('cache_size = -1024');
    this.#sql = new Statements(this.#connection);
  }

  /** The ids of all series in it, rising. */
  series(): number[] {
    return this.#checked(() => this.#sql.values<number>('SELECT DISTINCT series FROM profile ORDER BY series').all());
  }

  /** All profiles of a series, in order of time. */
  profiles(series: number): ScannedProfile[] {
    const rows = this.#checked(() =>
      this.#sql
        .rows<ScannedRow>(
          `SELECT p.stamp_ms AS stampMs, p.interval_ms AS intervalMs, p.span_ms AS spanMs, p.partition, p.shape, p.trimmed,
             p.totals, p.content_hash AS contentHash, s.format, s.data AS samples
           FROM profile p LEFT JOIN samples s ON s.id = p.samples
           WHERE p.series = ? ORDER BY p.stamp_ms`,
        )
        .all(series),
    );
    return rows.map((row) => {
      const shape = this.#shape(row.shape);
      if (hasSamples(row) && shape !== undefined) return { ...row, shape };
      throw new DamagedData(this.#name, this.#hour, `a profile of series ${series} has lost its samples`);
    });
  }

  /** When the profiles of a series were taken, in order. */
  times(series: number): { readonly stampMs: UnixMs; readonly intervalMs: number }[] {
    const sql = 'SELECT stamp_ms AS stampMs, interval_ms AS intervalMs FROM profile WHERE series = ? ORDER BY stamp_ms';
    return this.#checked(() => this.#sql.rows<{ stampMs: UnixMs; intervalMs: number }>(sql).all(series));
  }

  /** The first stamp of a series after a moment. */
  firstAfter(series: number, afterMs: UnixMs): UnixMs | undefined {
    const sql = 'SELECT min(stamp_ms) FROM profile WHERE series = ? AND stamp_ms > ?';
    return this.#checked(() => this.#sql.values<number | null>(sql).get(series, afterMs) ?? undefined);
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }

  /** One text for all rows of a shape: they are long, and few. */
  #shape(id: number): string | undefined {
    const known = this.#shapes.get(id);
    if (known !== undefined) return known;
    const text = this.#checked(() => this.#sql.values<string>('SELECT content FROM shape WHERE id = ?').get(id));
    if (text !== undefined) this.#shapes.set(id, text);
    return text;
  }

  #checked<T>(read: () => T): T {
    return namingDamage(this.#name, this.#hour, read);
  }
}

interface ScannedRow extends Omit<ScannedProfile, 'shape' | 'format' | 'samples'> {
  readonly shape: number;
  /** What is joined is missing only in a damaged file. */
  readonly format: number | null;
  readonly samples: Uint8Array | null;
}

function hasSamples(row: ScannedRow): row is ScannedRow & Pick<ScannedProfile, 'format' | 'samples'> {
  return row.format !== null && row.samples !== null;
}
