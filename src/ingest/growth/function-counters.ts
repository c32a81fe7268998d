import type { UnixMs } from '../../model/units.ts';
import { hasPassed } from './passed.ts';
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
  readonly #totals = new Map<number, number>();
  /** What was counted lately, by number of function, and whether it is told of. */
  #scores = new Float32Array(0);
  #isTold = new Uint8Array(0);
  #rankedMs: UnixMs = Number.NEGATIVE_INFINITY;

  constructor(limit: number) {
    this.#top = new TopSet(limit, toldAtLeastMs);
  }

  /** Counts a share of each increase. What a function has less than 0 counts nothing. `functions`: one more than the highest number. */
  add(numbers: Int32Array, increases: Float64Array, share: number, functions: number, nowMs: UnixMs): void {
    this.#makeRoom(functions);
    const scores = this.#scores;
    const isTold = this.#isTold;
    let sum = 0;
    let isNew = false;
    for (let at = 0; at < numbers.length; at++) {
      const increase = share * (increases[at] as number);
      if (!(increase > 0)) continue;
      sum += increase;
      const number = numbers[at] as number;
      scores[number] = (scores[number] as number) + increase;
      if (isTold[number] === 0 && number !== otherNumber) isNew = true;
    }
    // While there is room nothing waits in `(other)`, which would rise after each start of ours and then never again.
    if ((isNew && this.#top.hasRoom) || hasPassed(rankEveryMs, this.#rankedMs, nowMs)) this.#rank(nowMs);
    this.total += sum;
    // What is left of sums of fractions may be less than nothing by a hair, and a counter never falls.
    this.other += Math.max(0, sum - this.#countTold(numbers, increases, share));
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
    const totals = [...this.#totals];
    this.#totals.clear();
    for (const [number, total] of totals) this.#totals.set(numbers[number] ?? otherNumber, total);
    this.#markTold();
  }

  /** What the functions that are told of come to. */
  #countTold(numbers: Int32Array, increases: Float64Array, share: number): number {
    const isTold = this.#isTold;
    let sum = 0;
    for (let at = 0; at < numbers.length; at++) {
      const number = numbers[at] as number;
      if (isTold[number] === 0) continue;
      const increase = Math.max(0, share * (increases[at] as number));
      this.#totals.set(number, (this.#totals.get(number) ?? 0) + increase);
      sum += increase;
    }
    return sum;
  }

  #rank(nowMs: UnixMs): void {
    this.#top.update(this.#scores, otherNumber + 1, nowMs);
    for (const number of this.#totals.keys()) if (!this.#top.has(number)) this.#totals.delete(number);
    for (const number of this.#top.numbers()) if (!this.#totals.has(number)) this.#totals.set(number, 0);
    this.#markTold();
    const sinceMs = Number.isFinite(this.#rankedMs) ? Math.max(0, nowMs - this.#rankedMs) : 0;
    const kept = 0.5 ** (sinceMs / rankHalfLifeMs);
    for (let number = 0; number < this.#scores.length; number++) {
      this.#scores[number] = (this.#scores[number] as number) * kept;
    }
    this.#rankedMs = nowMs;
  }

  #markTold(): void {
    this.#isTold = new Uint8Array(this.#scores.length);
    for (const number of this.#totals.keys()) this.#isTold[number] = 1;
  }

  #makeRoom(functions: number): void {
    if (functions <= this.#scores.length) return;
    const scores = new Float32Array(Math.ceil(1.25 * functions));
    scores.set(this.#scores);
    this.#scores = scores;
    this.#markTold();
  }
}
