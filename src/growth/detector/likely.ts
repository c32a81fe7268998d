import type { LikelyBecause } from '../../model/growth.ts';
import { sinceYesterday } from './baselines.ts';
import {
  bucketsPerDay,
  dayLeast,
  dayShare,
  dayWindow,
  halvesPerDay,
  likelyAge,
  maxRemembered,
  rampHalves,
  recurrence,
  steadyOptions,
} from './options.ts';
import { GateCounter } from './probe.ts';
import type { FollowedProcess, Series } from './process.ts';
import { Window } from './rings.ts';
import { sigma } from './sampling-noise.ts';
import { type Needs, steady } from './shapes.ts';
import { medianOf } from './statistics.ts';

/** What makes a suspicion likely. */

const window = new Window();
const rampOptions = { ...steadyOptions, least: rampHalves };

/** Of a series that is suspected. `now` is the floor of its newest hour. */
export function likelyByItself(
  process: FollowedProcess,
  series: Series,
  age: number,
  needs: Needs,
  now: number,
): LikelyBecause | undefined {
  if (age < likelyAge) return undefined;
  const { rings } = process;
  // A day without a fall: the whole of the newest 18 to 24 h is one ramp, and the newest 6 h are, too: what filled up is over.
  const day = rings.longOver(series.row, halvesPerDay, window);
  if (series.steady > 0 && steady(day, needs, rampOptions, new GateCounter())) return 'ramp';
  // 30 h in which every moment lies above the day before: a step does so for 24 h only, a busy day not at night.
  const { values, least: lowest } = sinceYesterday(rings, series.row, dayWindow);
  if (values.length < dayLeast) return undefined;
  const middle = medianOf(values.slice());
  const isAbove = lowest > dayShare * middle && lowest > sigma(needs.weight, now, now);
  return middle >= needs.need && isAbove ? 'days' : undefined;
}

/** Time that processes of one revision lived and grew to their ends: each hour once, however many there were. */
interface DiedGrowing {
  readonly revision: string;
  /** The end of the last, and the sum; in buckets. */
  readonly until: number;
  readonly sum: number;
}

/** A pod that dies every ten hours is never a day old: what its processes grew is summed up. */
export class Recurrences {
  readonly #died: Map<string, DiedGrowing>;

  constructor(died: Iterable<readonly [string, DiedGrowing]> = []) {
    this.#died = new Map(died);
  }

  entries(): readonly (readonly [string, DiedGrowing])[] {
    return [...this.#died].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** A process ended; `ageAtEnd` in buckets. */
  ended(process: FollowedProcess, ageAtEnd: number): void {
    const end = process.seen + 1;
    for (const series of [process.whole, ...process.functions.values()]) {
      if (!series.grew || series.steady + series.envelope === 0) continue;
      const known = this.#died.get(series.id);
      const before = known?.revision === process.revision ? known : undefined;
      const from = Math.max(before?.until ?? -Infinity, end - ageAtEnd);
      const sum = (before?.sum ?? 0) + Math.max(0, end - from);
      this.#died.set(series.id, { revision: process.revision, until: Math.max(before?.until ?? 0, end), sum });
    }
  }

  /** Whether a series that grows does so for a day, counted over processes. */
  isLikely(process: FollowedProcess, series: Series, age: number): boolean {
    const before = this.#died.get(series.id);
    if (before?.revision !== process.revision) return false;
    return before.sum + Math.min(age, Math.max(0, process.seen + 1 - before.until)) >= recurrence;
  }

  /** Forgets what died more than a day ago, and of too many the oldest. */
  prune(bucket: number): void {
    for (const [id, { until }] of this.#died) if (bucket - until > bucketsPerDay) this.#died.delete(id);
    if (this.#died.size <= maxRemembered) return undefined;
    const newestFirst = this.entries().toSorted(([, a], [, b]) => b.until - a.until);
    for (const [id] of newestFirst.slice(maxRemembered)) this.#died.delete(id);
  }
}
