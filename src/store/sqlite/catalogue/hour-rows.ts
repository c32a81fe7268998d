import type { UnixHour } from '../files/data-dir.ts';
import type { Statements } from '../files/statements.ts';

const hoursOfDay = 24;

/** What `meta.db` says of compacted hours and of days: whether roll-ups hold them as they are, and what is damaged. */
export class HourRows {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  /** The roll-ups of some hours and of their days do not count until they are made anew. Says whether any did. */
  unroll(from: UnixHour, to: UnixHour): boolean {
    const hours = this.#sql
      .rows('UPDATE hour SET rolled = 0 WHERE hour BETWEEN ? AND ? AND rolled = 1')
      .run(from, to).changes;
    const days = this.#sql
      .rows('UPDATE day SET rolled = 0 WHERE day BETWEEN ? AND ? AND rolled = 1')
      .run(Math.floor(from / hoursOfDay), Math.floor(to / hoursOfDay)).changes;
    return hours + days > 0;
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

  /** Whether chunks are to be restated or roll-ups to be made. */
  wantWork(): boolean {
    return (
      this.#sql
        .values<number>(
          `SELECT EXISTS (SELECT 1 FROM stale) OR EXISTS (SELECT 1 FROM hour WHERE rolled = 0)
             OR EXISTS (SELECT 1 FROM day WHERE rolled = 0)`,
        )
        .get() === 1
    );
  }
}
