import type { Bytes } from '../../../model/units.ts';
import { isWhole } from './numbers.ts';

/**
 * What a heap profiler says of objects of one size is a count of samples times a constant: `bytes = count · size · scale` and
 * `objects = count · scale`, with `scale = 1 / (1 - exp(-size / period))`, cut to whole numbers (runtime/pprof:
 * `scaleHeapSample`). So a count and two small rests say both.
 */
export interface SampleUnit {
  readonly size: Bytes;
  /** Objects that one sample stands for. */
  readonly scale: number;
}

/** Counts times units stay far below where whole numbers end. */
const mostValue = 2 ** 48;
/** A larger rest is no rounding: then the objects are not of one size. */
const mostRest = 64;

/** The unit of objects of one size. The same bits whatever runtime works it out: what is stored depends on them. */
export function sampleUnit(size: Bytes, period: Bytes): SampleUnit {
  return { size, scale: 1 / sampledShare(size / period) };
}

/** The unit that explains a column of floors, where there is one. */
export function findUnit(bytes: readonly number[], objects: readonly number[], period: Bytes): SampleUnit | undefined {
  if (!(isWhole(period) && period > 0 && period < mostValue)) return undefined;
  const size = findSize(bytes, objects);
  if (!(size > 0 && size < mostValue)) return undefined;
  const unit = sampleUnit(size, period);
  const fits = (value: number, at: number): boolean =>
    isWhole(value) && Math.abs(value - objectsOf(unit, countOf(unit, bytes[at] as number))) <= mostRest;
  return explains(unit, bytes) && objects.every(fits) ? unit : undefined;
}

/** Whether bytes are whole counts of a unit, but for roundings. */
export function explains(unit: SampleUnit, bytes: readonly number[]): boolean {
  return bytes.every(
    (value) => isWhole(value) && value < mostValue && Math.abs(value - bytesOf(unit, countOf(unit, value))) <= mostRest,
  );
}

export function countOf({ size, scale }: SampleUnit, bytes: Bytes): number {
  return Math.round(bytes / (size * scale));
}

export function bytesOf({ size, scale }: SampleUnit, count: number): Bytes {
  return Math.floor(count * (size * scale));
}

export function objectsOf({ scale }: SampleUnit, count: number): number {
  return Math.floor(count * scale);
}

/**
 * Objects are cut to whole numbers, so that each floor leaves a range of sizes; allocators have round sizes, so that it is
 * the roundest number of the range that all floors leave.
 */
function findSize(bytes: readonly number[], objects: readonly number[]): number {
  let [low, high] = [0, Number.POSITIVE_INFINITY];
  for (const [at, count] of objects.entries()) {
    if (count === 0) continue;
    low = Math.max(low, (bytes[at] as number) / (count + 1));
    high = Math.min(high, ((bytes[at] as number) + 1) / count);
  }
  if (high === Number.POSITIVE_INFINITY) return 0;
  for (let step = 2 ** Math.floor(Math.log2(Math.max(1, high))); step >= 1; step /= 2) {
    const size = Math.ceil(low / step) * step;
    if (size <= high) return size;
  }
  return Math.round(high);
}

/** `1 - exp(-x)` for x above 0, by sums and products alone: those are the same everywhere, `Math.exp` need not be. */
function sampledShare(x: number): number {
  let halvings = 0;
  let part = x;
  for (; part > 0.5 && halvings < 10; halvings++) part /= 2;
  if (part > 0.5) return 1;
  let [sum, term] = [0, 1];
  for (let n = 1; n <= 16; n++) {
    term *= part / n;
    sum += n % 2 === 1 ? term : -term;
  }
  // 1 - e^-2y = (1 - e^-y)(1 + e^-y)
  for (; halvings > 0; halvings--) sum *= 2 - sum;
  return sum;
}
