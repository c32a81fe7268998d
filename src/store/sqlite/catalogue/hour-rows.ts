import type { UnixMs } from '../../../model/units.ts';
import { dayOfHour, type UnixHour } from '../files/data-dir.ts';
import type { Statements } from '../files/statements.ts';
import { Settling } from './settling.ts';

/** Conditions on a row of `hour` or `day`: whether a listed file that is not being removed covers it. */
const hourIn = (kind: string): string => coveredBy(kind, 'hour.hour * 3600000', '(hour.hour + 1) * 3600000');
const dayIn = (kind: string): string => coveredBy(kind, 'day.day * 86400000', '(day.day + 1) * 86400000');
const coveredBy = (kind: string, from: string, to: string): string =>
  `EXISTS (SELECT 1 FROM file f WHERE f.kind = '${kind}' AND f.state IN ('open', 'sealed')
     AND f.from_ms < ${to} AND f.to_ms > ${from})`;

/** What `meta.db` says of compacted hours and of days: whether roll-ups hold them as they are, what is stale or damaged. */
export class HourRows {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  /**
   * The roll-ups of some hours, both ends included, and of their days do not count until they are made anew. Those of
   * which no detail is left stay as they are: nothing could make them anew. Says whether any did count.
   */
  unroll(from: UnixHour, to: UnixHour): boolean {
    const unrollHour = this.#sql.rows(
      `UPDATE hour SET rolled = 0 WHERE hour = ? AND rolled = 1 AND ${hourIn('detail')}`,
    );
    const unrollDay = this.#sql.rows('UPDATE day SET rolled = 0 WHERE day = ? AND rolled = 1');
    let changes = 0;
    for (let hour = from; hour <= to; hour++) {
      const isUnrolled = unrollHour.run(hour).changes > 0;
      if (isUnrolled) changes += 1 + unrollDay.run(dayOfHour(hour)).changes;
    }
    return changes > 0;
  }

  /** The sums of a series in an hour are to be made anew. Each call is a mark of its own: an older one may be in work. */
  markStale(series: number, hour: UnixHour): void {
    this.#sql.rows('INSERT INTO stale (series, hour) VALUES (?, ?)').run(series, hour);
  }

  /** Whether roll-ups are all that is left of one of some hours, both ends included: nothing can be added to it. */
  isExpired(from: UnixHour, to: UnixHour): boolean {
    const inHours = `SELECT 1 FROM hour WHERE hour BETWEEN ? AND ? AND rolled = 1 AND NOT ${hourIn('detail')}`;
    const inDays = `SELECT 1 FROM day WHERE day BETWEEN ? AND ? AND rolled = 1 AND NOT ${dayIn('detail')}`;
    return (
      this.#sql.values<number>(inHours).get(from, to) !== undefined ||
      this.#sql.values<number>(inDays).get(dayOfHour(from), dayOfHour(to)) !== undefined
    );
  }

  /** Whether any of the hours `[from, to)` is not in its roll-ups yet, and could be. */
  areAwaited(from: UnixHour, to: UnixHour): boolean {
    const sql = 'SELECT 1 FROM hour WHERE hour >= ? AND hour < ? AND rolled = 0 AND damaged IS NULL';
    return this.#sql.values<number>(sql).get(from, to) !== undefined;
  }

  /** The detail of an hour is left out from now on. False when that was known. */
  markDamaged(hour: UnixHour, because: string): boolean {
    return (
      this.#sql
        .rows(
          `INSERT INTO hour (hour, rolled, damaged) VALUES (?, 0, ?)
           ON CONFLICT DO UPDATE SET damaged = excluded.damaged WHERE damaged IS NULL`,
        )
        .run(hour, because).changes > 0
    );
  }

  damaged(): UnixHour[] {
    return this.#sql.values<UnixHour>('SELECT hour FROM hour WHERE damaged IS NOT NULL ORDER BY hour').all();
  }

  /** Whether chunks can be restated, or roll-ups be made, now. */
  wantWork(nowMs: UnixMs): boolean {
    return new Settling(this.#sql).hasWork(nowMs);
  }

  /** After files were marked as removed: what is known of hours and days goes with all that it was known for. */
  dropUncovered(): void {
    const hasProfiles = `(${hourIn('detail')} OR ${hourIn('head')})`;
    const hasHours = `(${dayIn('detail')} OR ${dayIn('head')} OR ${dayIn('roll1h')})`;
    for (const sql of [
      `DELETE FROM hour WHERE NOT ${hasProfiles} AND (rolled = 0 OR NOT ${hourIn('roll1h')})`,
      `UPDATE hour SET damaged = NULL WHERE damaged IS NOT NULL AND NOT ${hasProfiles}`,
      `DELETE FROM day WHERE NOT ${hasHours} AND (rolled = 0 OR NOT ${dayIn('roll1d')})`,
      `DELETE FROM stale WHERE NOT ${hasProfiles.replaceAll('hour.hour', 'stale.hour')}`,
    ]) {
      this.#sql.rows(sql).run();
    }
  }
}
