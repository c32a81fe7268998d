import type { SecondRange } from '../store/profile-store.ts';
import { secondsOfUnion } from '../store/standing.ts';

/** With how many ranges of a step a new one is compared before it is kept. */
const comparedRanges = 4;

/**
 * The seconds of each of some steps in which anything of a selection was observed. Ranges of a step mostly are alike, or
 * touch, as those of pods that are there all the time: they come to one, and only what lies apart from it is kept beside.
 */
export class StepCovers {
  /** The first range of each step, as far as it has grown; `to` is 0 where there is none. */
  readonly #from: Float64Array;
  readonly #to: Float64Array;
  readonly #apart = new Map<number, SecondRange[]>();

  constructor(steps: number) {
    this.#from = new Float64Array(steps);
    this.#to = new Float64Array(steps);
  }

  addAll(step: number, ranges: readonly SecondRange[]): void {
    for (const range of ranges) this.#add(step, range);
  }

  seconds(step: number): number {
    const from = this.#from[step] as number;
    const to = this.#to[step] as number;
    const apart = this.#apart.size === 0 ? undefined : this.#apart.get(step);
    return apart ? secondsOfUnion([{ from, to }, ...apart]) : to - from;
  }

  /** Forgets what was observed in a step. */
  clear(step: number): void {
    this.#from[step] = 0;
    this.#to[step] = 0;
    this.#apart.delete(step);
  }

  #add(step: number, range: SecondRange): void {
    const from = this.#from[step] as number;
    const to = this.#to[step] as number;
    if (to === 0) {
      this.#from[step] = range.from;
      this.#to[step] = range.to;
    } else if (range.from <= to && range.to >= from) {
      if (range.from < from) this.#from[step] = range.from;
      if (range.to > to) this.#to[step] = range.to;
    } else this.#keepApart(step, range);
  }

  #keepApart(step: number, range: SecondRange): void {
    const apart = this.#apart.get(step);
    if (!apart) this.#apart.set(step, [range]);
    else if (!apart.slice(0, comparedRanges).some(({ from, to }) => from <= range.from && range.to <= to)) {
      apart.push(range);
    }
  }
}
