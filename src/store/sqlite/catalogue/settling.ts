import { day as dayMs, type UnixMs } from '../../../model/units.ts';
import { hourOf, hoursOfDay, type UnixDay, type UnixHour } from '../files/data-dir.ts';
import type { Statements } from '../files/statements.ts';
import { reachOf, sealTimeOf } from '../heads/sealing.ts';

/**
 * What nothing more is on its way into, as of the moment when it is made: inside a transaction, of one commit of `meta.db`.
 * What is damaged is given up and waited for by nobody.
 */
export class Settling {
  /** Whose roll-ups are to be made, rising; the detail of damaged hours is left out. */
  readonly hoursToRoll: readonly UnixHour[];
  readonly daysToRoll: readonly UnixDay[];
  readonly #staleHours: ReadonlySet<UnixHour>;
  /** Of heads that are open or sealed. */
  readonly #headHours: readonly UnixHour[];
  readonly #reach: number;

  constructor(sql: Statements) {
    const damaged = new Set(sql.values<UnixHour>('SELECT hour FROM hour WHERE damaged IS NOT NULL').all());
    const isWhole = (hour: UnixHour): boolean => !damaged.has(hour);
    this.hoursToRoll = sql
      .values<UnixHour>('SELECT hour FROM hour WHERE rolled = 0 ORDER BY hour')
      .all()
      .filter(isWhole);
    this.daysToRoll = sql.values<UnixDay>('SELECT day FROM day WHERE rolled = 0 ORDER BY day').all();
    this.#staleHours = new Set(sql.values<UnixHour>('SELECT DISTINCT hour FROM stale').all().filter(isWhole));
    this.#headHours = sql
      .values<UnixMs>(`SELECT from_ms FROM file WHERE kind = 'head' AND state IN ('open', 'sealed')`)
      .all()
      .map(hourOf)
      .filter(isWhole);
    this.#reach = reachOf(sql.values<number | null>('SELECT max(longest_interval_ms) FROM series').get() ?? 0);
  }

  /** Whether chunks can be restated, or roll-ups be made, now. */
  hasWork(nowMs: UnixMs): boolean {
    return (
      this.#staleHours.size > 0 ||
      this.hoursToRoll.some((hour) => this.isHourReady(hour, nowMs)) ||
      this.daysToRoll.some((day) => this.isDayReady(day, nowMs))
    );
  }

  /** Whether an hour is over, and settled. */
  isHourReady(hour: UnixHour, nowMs: UnixMs): boolean {
    return nowMs >= sealTimeOf(hour, 0) && this.isHourSettled(hour);
  }

  /** Whether a day is over, and settled. */
  isDayReady(day: UnixDay, nowMs: UnixMs): boolean {
    return nowMs >= (day + 1) * dayMs && this.isDaySettled(day);
  }

  /** Nothing that may stand in an hour is in a head still, and none of its chunks is stale. */
  isHourSettled(hour: UnixHour): boolean {
    return !this.#staleHours.has(hour) && !this.#hasHeads(hour, hour);
  }

  /** Nothing that may stand in a day is in a head still, and none of its hours waits for its roll-ups. */
  isDaySettled(day: UnixDay): boolean {
    const [from, to] = [day * hoursOfDay, (day + 1) * hoursOfDay - 1];
    return !this.hoursToRoll.some((hour) => from <= hour && hour <= to) && !this.#hasHeads(from, to);
  }

  /** Whether a head holds what may stand in some hours, both ends included. */
  #hasHeads(from: UnixHour, to: UnixHour): boolean {
    return this.#headHours.some((hour) => from - this.#reach <= hour && hour <= to);
  }
}
