/**
 * How sure a change is: by what the values of a function differ from scrape to scrape on each side. A window is cut into slices;
 * a value is a ratio over all of them, Σ v ÷ Σ w: v what the function has in a slice, and w what it is compared by (what
 * the whole has, or the seconds profiled).
 */

/** One side of one function, by slice. */
export interface SideSlices {
  readonly values: ArrayLike<number>;
  /** None is 0. */
  readonly weights: ArrayLike<number>;
  /** What the ratio is multiplied by to be in the unit of the change. */
  readonly times: number;
  /** What is compared is the value at one moment and not the mean over the slices. */
  readonly isOneMoment: boolean;
  /** Samples in which the function was seen; undefined where it is not known what one stands for. */
  readonly samples: SampleCount | undefined;
}

export interface SampleCount {
  readonly seen: number;
  /** Of all: set where the value is a share of them. */
  readonly of: number | undefined;
  /** What a sample adds to the value, in the unit of the change. */
  readonly worth: number;
}

/** Slices of a side without which nothing is said of its spread. */
export const leastSlices = 3;

/** How sure an interval is that a change beyond it is none of chance. */
export const confidence = 0.99;
const normalQuantile = 2.576;
/** Of Student's t, two-sided at 99 %, by degrees of freedom from 1; past the last one nearly those of a normal distribution. */
const studentQuantiles = [
  63.657, 9.925, 5.841, 4.604, 4.032, 3.707, 3.499, 3.355, 3.25, 3.169, 3.106, 3.055, 3.012, 2.977, 2.947, 2.921, 2.898,
  2.878, 2.861, 2.845,
];

/**
 * Half of the 99 % interval around a change, in its unit; null where a side has fewer than `leastSlices`. The larger of two:
 *
 * - t · √(e₁² + e₂²), with e² = n ÷ (n − 1) · Σ (v − r·w)² ÷ (Σ w)² for each side, r = Σ v ÷ Σ w: the error of a ratio of sums over n
 *   slices (Cochran, Sampling Techniques, 3rd ed., §6.4), and Student's t with the degrees of freedom of Welch and
 *   Satterthwaite (Welch, Biometrika 34, 1947), rounded down. A value at one moment is one draw and not their mean: e² · n.
 * - z · √(c₁² + c₂²), with c² = worth² · (seen + 1): whatever the slices say, a count of samples varies by its root (Poisson), one
 *   of a given whole by a little less (binomial). The added one keeps what was seen once or never from looking exact.
 *
 * Of rows that did not change less than one in a hundred lies beyond it. Slices in which a program is busy or idle in turn are taken as
 * independent: a window much shorter than such a turn shows less than it varies by.
 */
export function spreadOf(compare: SideSlices, base: SideSlices): number | null {
  const least = Math.min(compare.weights.length, base.weights.length);
  if (least < leastSlices) return null;
  const [first, second] = [squaredError(compare), squaredError(base)];
  const both = first + second;
  const freedom =
    both === 0 ? 1 : both ** 2 / (first ** 2 / (compare.weights.length - 1) + second ** 2 / (base.weights.length - 1));
  const bySlices = both === 0 ? 0 : studentQuantile(Math.floor(freedom)) * Math.sqrt(both);
  const bySamples = normalQuantile * Math.sqrt(squaredCountError(compare.samples) + squaredCountError(base.samples));
  return Math.max(bySlices, bySamples);
}

function squaredError({ values, weights, times, isOneMoment }: SideSlices): number {
  const slices = weights.length;
  let [value, weight] = [0, 0];
  for (let at = 0; at < slices; at++) {
    value += values[at] ?? 0;
    weight += weights[at] as number;
  }
  if (weight === 0) return 0;
  const ratio = value / weight;
  let squares = 0;
  for (let at = 0; at < slices; at++) squares += ((values[at] ?? 0) - ratio * (weights[at] as number)) ** 2;
  const ofMean = ((slices / (slices - 1)) * squares * times ** 2) / weight ** 2;
  return isOneMoment ? slices * ofMean : ofMean;
}

function squaredCountError(samples: SampleCount | undefined): number {
  if (!samples) return 0;
  const seen = Math.abs(samples.seen);
  const others = samples.of === undefined ? 1 : Math.max(0, 1 - seen / (Math.abs(samples.of) + 1));
  return samples.worth ** 2 * (seen + 1) * others;
}

function studentQuantile(freedom: number): number {
  return studentQuantiles[Math.max(1, freedom) - 1] ?? studentQuantiles.at(-1) ?? normalQuantile;
}
