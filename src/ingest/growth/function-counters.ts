import type { UnixMs } from '../../model/units.ts';
import { rankEveryMs, rankHalfLifeMs, toldAtLeastMs } from './settings.ts';
import { TopSet } from './top-set.ts';
import { otherNumber } from './workload-functions.ts';

/**
 * What was counted of one sample type in a workload, function by function for the largest, and `(other)` for the rest. Nothing
 * ever falls: a function that comes in takes from `(other)` what is counted from then on, one that goes gives back the same,
 * and begins at 0 when it comes again.
 *
 *     counted    a 5  b 1     a 5  b 1    a 0  b 9      a 0  b 9
 *     a          5            10          10            gone: its hour is over
 *     b                                                 9
 *     (other)    1            2           11            11
 */
export class FunctionCounters {
  /** Everything that was counted. */
  total = 0;
  other = 0;
  readonly #top: TopSet;
  #totals = new Map<number, number>();
  /** What was counted lately, by number of function. */
  #scores = new Float32Array(0);
  #rankedMs: UnixMs = Number.NEGATIVE_INFINITY;

  constructor(limit: number) {
    this.#top = new TopSet(limit, toldAtLeastMs);
  }

  /** Counts a share of each increase. What a function has less than 0 counts nothing. `functions`: one more than the highest number. */
  add(numbers: Int32Array, increases: Float64Array, share: number, functions: number, nowMs: UnixMs): void {
    this.#makeRoom(functions);
    let isNew = false;
    for (let at = 0; at < numbers.length; at++) {
      const number = numbers[at] as number;
      const increase = increases[at] as number;
      if (!(increase > 0)) continue;
      this.#scores[number] = (this.#scores[number] as number) + share * increase;
      isNew ||= number > otherNumber && !this.#totals.has(number);
    }
    // While there is room nothing waits in `(other)`, which would rise after each start of ours and then never again.
    if ((isNew && this.#top.hasRoom) || nowMs - this.#rankedMs >= rankEveryMs) this.#rank(nowMs);
    for (let at = 0; at < numbers.length; at++) {
      const increase = share * (increases[at] as number);
      if (increase > 0) this.#count(numbers[at] as number, increase);
    }
  }

  /** Function by function, those that are told of. */
  totals(): ReadonlyMap<number, number> {
    return this.#totals;
  }

  renumber(numbers: Uint16Array, functions: number): void {
    const before = this.#scores;
    this.#scores = new Float32Array(functions);
    for (let number = 0; number < Math.min(before.length, numbers.length); number++) {
      const now = numbers[number] as number;
      if (now > otherNumber) this.#scores[now] = before[number] as number;
    }
    this.#top.renumber(numbers);
    this.#totals = new Map(Array.from(this.#totals, ([number, total]) => [numbers[number] ?? 0, total]));
  }

  #count(number: number, increase: number): void {
    this.total += increase;
    const known = this.#totals.get(number);
    if (known === undefined) this.other += increase;
    else this.#totals.set(number, known + increase);
  }

  #rank(nowMs: UnixMs): void {
    this.#top.update(this.#scores, otherNumber + 1, nowMs);
    for (const number of this.#totals.keys()) if (!this.#top.has(number)) this.#totals.delete(number);
    for (const number of this.#top.numbers()) if (!this.#totals.has(number)) this.#totals.set(number, 0);
    const kept = Number.isFinite(this.#rankedMs) ? 0.5 ** ((nowMs - this.#rankedMs) / rankHalfLifeMs) : 1;
    for (let number = 0; number < this.#scores.length; number++) {
      this.#scores[number] = (this.#scores[number] as number) * kept;
    }
    this.#rankedMs = nowMs;
  }

  #makeRoom(functions: number): void {
    if (functions <= this.#scores.length) return;
    const scores = new Float32Array(Math.ceil(1.25 * functions));
    scores.set(this.#scores);
    this.#scores = scores;
  }
}
