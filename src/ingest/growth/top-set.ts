import type { DurationMs, UnixMs } from '../../model/units.ts';
import { hasPassed } from './passed.ts';

/** The numbers of the `limit` largest scores above 0, the largest first; of equal ones, the lower numbers. `from` is the first looked at. */
export function largestScores(scores: ArrayLike<number>, limit: number, from = 0): number[] {
  const found: number[] = [];
  if (limit === 0) return found;
  for (let number = from; number < scores.length; number++) {
    const score = scores[number] as number;
    if (!(score > 0)) continue;
    if (found.length === limit) {
      if (score <= (scores[found[limit - 1] as number] as number)) continue;
      found.pop();
    }
    let at = found.length;
    while (at > 0 && (scores[found[at - 1] as number] as number) < score) at--;
    found.splice(at, 0, number);
  }
  return found;
}

/**
 * The functions that are told of by name: the `limit` largest, but one that came in stays for `stayMs` at least, so that
 * series do not come and go with every scrape.
 */
export class TopSet {
  readonly #limit: number;
  readonly #stayMs: DurationMs;
  #since = new Map<number, UnixMs>();

  constructor(limit: number, stayMs: DurationMs) {
    this.#limit = limit;
    this.#stayMs = stayMs;
  }

  get size(): number {
    return this.#since.size;
  }

  get hasRoom(): boolean {
    return this.#since.size < this.#limit;
  }

  has(number: number): boolean {
    return this.#since.has(number);
  }

  numbers(): IterableIterator<number> {
    return this.#since.keys();
  }

  /** Takes in the largest as far as there is room; `from` is the first number that may be among them. */
  update(scores: ArrayLike<number>, from: number, nowMs: UnixMs): void {
    const top = largestScores(scores, this.#limit, from);
    const isTop = new Set(top);
    for (const [number, sinceMs] of this.#since) {
      if (!isTop.has(number) && hasPassed(this.#stayMs, sinceMs, nowMs)) this.#since.delete(number);
    }
    for (const number of top) {
      if (this.#since.size >= this.#limit) break;
      if (!this.#since.has(number)) this.#since.set(number, nowMs);
    }
  }

  /** Numbers mean other functions now; members keep their places. */
  renumber(numbers: Uint16Array): void {
    this.#since = new Map(Array.from(this.#since, ([number, sinceMs]) => [numbers[number] ?? 0, sinceMs]));
  }
}
