import type { UnixSeconds } from '../../model/units.ts';
import type { SecondRange } from '../../store/profile-store.ts';
import { intersect, secondsIn, unionOf } from '../../store/standing.ts';

/**
 * When the processes of something ran, as their ranges: how many process-seconds lie in a window is known in the logarithm of
 * their number, for there may be a process for each crash of a month.
 */
export class RunTime {
  /** When at least one ran. */
  readonly union: readonly SecondRange[];
  readonly #starts: Steps;
  readonly #ends: Steps;

  constructor(ranges: readonly SecondRange[]) {
    this.union = unionOf(ranges);
    this.#starts = new Steps(ranges.map(({ from }) => from));
    this.#ends = new Steps(ranges.map(({ to }) => to));
  }

  /** All seconds, summed over processes. */
  get allProcessSeconds(): number {
    return this.processSeconds({ from: this.union[0]?.from ?? 0, to: this.union.at(-1)?.to ?? 0 });
  }

  ranSince(moment: UnixSeconds): boolean {
    return (this.union.at(-1)?.to ?? moment) > moment;
  }

  /** The seconds in a window, summed over processes. */
  processSeconds({ from, to }: SecondRange): number {
    return to <= from ? 0 : this.#secondsBefore(to) - this.#secondsBefore(from);
  }

  #secondsBefore(moment: UnixSeconds): number {
    return this.#starts.timeSince(moment) - this.#ends.timeSince(moment);
  }
}

/** Moments that were passed by a later one: how long ago they were, all together. */
class Steps {
  readonly #moments: Float64Array;
  /** The sum of the first n, relative to the very first, so that it stays exact. */
  readonly #sums: Float64Array;
  readonly #base: UnixSeconds;

  constructor(moments: readonly UnixSeconds[]) {
    this.#moments = Float64Array.from(moments).sort();
    this.#base = this.#moments[0] ?? 0;
    this.#sums = new Float64Array(this.#moments.length + 1);
    for (let at = 0; at < this.#moments.length; at++) {
      this.#sums[at + 1] = (this.#sums[at] as number) + (this.#moments[at] as number) - this.#base;
    }
  }

  timeSince(moment: UnixSeconds): number {
    let [low, high] = [0, this.#moments.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#moments[middle] as number) < moment) low = middle + 1;
      else high = middle;
    }
    return low * (moment - this.#base) - (this.#sums[low] as number);
  }
}

/** Ranges in order, without gaps shorter than so many seconds. */
export function closeGaps(ranges: readonly SecondRange[], shorterThan: number): SecondRange[] {
  const closed: { from: number; to: number }[] = [];
  for (const { from, to } of ranges) {
    const last = closed.at(-1);
    if (last && from - last.to < shorterThan) last.to = Math.max(last.to, to);
    else closed.push({ from, to });
  }
  return closed;
}

/** What two lists of ranges share; both in order and without overlaps. */
export function shared(a: readonly SecondRange[], b: readonly SecondRange[]): SecondRange[] {
  const found: SecondRange[] = [];
  for (let [i, j] = [0, 0]; i < a.length && j < b.length; ) {
    const [one, other] = [a[i] as SecondRange, b[j] as SecondRange];
    const both = intersect(one, other);
    if (secondsIn(both) > 0) found.push(both);
    if (one.to <= other.to) i++;
    else j++;
  }
  return found;
}
