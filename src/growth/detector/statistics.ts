import { longestWindow } from './options.ts';

/** Robust trends of short series: values `v` at places `k`, both read in `[from, to)`, places ascending. No function keeps anything. */

const pairs = new Float64Array((longestWindow * (longestWindow - 1)) / 2);

export interface Trend {
  /** Theil-Sen: the median of the slopes of all pairs, per place. */
  readonly slope: number;
  /** Its 95 % interval (Sen 1968). */
  readonly low: number;
  readonly high: number;
  /** Mann-Kendall's z, corrected for ties, and Kendall's tau-b. */
  readonly z: number;
  readonly tau: number;
}

/** At least two values. */
export function trend(v: Float64Array, k: Float64Array, from: number, to: number): Trend {
  const n = to - from;
  let m = 0;
  let s = 0;
  let ties = 0;
  for (let i = from; i < to; i++) {
    const vi = v[i] ?? 0;
    const ki = k[i] ?? 0;
    for (let j = i + 1; j < to; j++) {
      const d = (v[j] ?? 0) - vi;
      if (d > 0) s++;
      else if (d < 0) s--;
      else ties++;
      pairs[m++] = d / ((k[j] ?? 0) - ki);
    }
  }
  const slopes = pairs.subarray(0, m).sort();
  const variance = Math.max(1, (n * (n - 1) * (2 * n + 5)) / 18 - ties);
  const reach = Math.min(m - 1, 1.96 * Math.sqrt(variance));
  const below = Math.max(0, Math.floor((m - reach) / 2));
  return {
    slope: middle(slopes),
    low: slopes[below] ?? 0,
    high: slopes[m - 1 - below] ?? 0,
    z: s === 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance),
    tau: s / Math.sqrt(Math.max(1, (m - ties) * m)),
  };
}

/** The Theil-Sen slope alone; 0 of fewer than two values. */
export function slopeOf(v: Float64Array, k: Float64Array, from: number, to: number): number {
  let m = 0;
  for (let i = from; i < to; i++) {
    for (let j = i + 1; j < to; j++) pairs[m++] = ((v[j] ?? 0) - (v[i] ?? 0)) / ((k[j] ?? 0) - (k[i] ?? 0));
  }
  return m === 0 ? 0 : middle(pairs.subarray(0, m).sort());
}

function middle(sorted: Float64Array): number {
  const m = sorted.length;
  return ((sorted[(m - 1) >> 1] ?? 0) + (sorted[m >> 1] ?? 0)) / 2;
}

/** The median of a few numbers; NaN of none. The array is sorted in place. */
export function medianOf(values: Float64Array): number {
  return values.length === 0 ? Number.NaN : middle(values.sort());
}

/** Infinity of nothing. */
export function least(v: Float64Array, from: number, to: number): number {
  let x = Infinity;
  for (let i = from; i < to; i++) x = Math.min(x, v[i] ?? Infinity);
  return x;
}

/** 0 of nothing. */
export function mean(v: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += v[i] ?? 0;
  return to > from ? sum / (to - from) : 0;
}

/** The deepest fall from a high before it; 0 of a series that never falls. */
export function deepestFall(v: Float64Array, from: number, to: number): number {
  let high = -Infinity;
  let fall = 0;
  for (let i = from; i < to; i++) {
    const x = v[i] ?? 0;
    if (x > high) high = x;
    else if (high - x > fall) fall = high - x;
  }
  return fall;
}

/** Of the least squares fit of `a + b · f(place)`, with places counted from the first: the sums of squares of values, and of the rest. */
function fitted(v: Float64Array, k: Float64Array, from: number, to: number, f: (place: number) => number) {
  const n = to - from;
  const v0 = v[from] ?? 0;
  const k0 = k[from] ?? 0;
  let sx = 0;
  let sy = 0;
  let sxx = 0;
  let sxy = 0;
  let syy = 0;
  for (let i = from; i < to; i++) {
    const x = f((k[i] ?? 0) - k0);
    const y = (v[i] ?? 0) - v0;
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
    syy += y * y;
  }
  const cxx = sxx - (sx * sx) / n;
  const cxy = sxy - (sx * sy) / n;
  const all = syy - (sy * sy) / n;
  return { all, rest: cxx > 0 ? all - (cxy * cxy) / cxx : all };
}

/** Squared errors below this are rounding. */
const leastError = (all: number): number => 1e-9 * Math.max(1, all);

/**
 * Squared error of the best straight line over that of the best single step (two levels, no slope): near 0 for a ramp without
 * noise, below 1 for any ramp that is larger than its noise, far above 1 for a step.
 */
export function lineOverStep(v: Float64Array, k: Float64Array, from: number, to: number): number {
  const n = to - from;
  const v0 = v[from] ?? 0;
  const { all, rest } = fitted(v, k, from, to, (place) => place);
  const sum = n * (mean(v, from, to) - v0);
  let left = 0;
  let gain = 0;
  for (let i = from; i < to - 1; i++) {
    left += (v[i] ?? 0) - v0;
    const a = i + 1 - from;
    gain = Math.max(gain, (left * left) / a + ((sum - left) * (sum - left)) / (n - a) - (sum * sum) / n);
  }
  return rest / Math.max(leastError(all), all - gain);
}

/**
 * Squared error of the best line that goes on, from wherever it begins, over that of the best ramp from one level to another, which
 * takes at most half of the places and has held its end for a sixth of them: far above 1 for what rose once, if slowly, and is done.
 *
 *     goes on        ╱          is over        ╭─────
 *                  ╱                          ╱
 *     ───────────╯               ───────────╯
 */
export function lineOverRamp(v: Float64Array, k: Float64Array, from: number, to: number): number {
  const places = (k[to - 1] ?? 0) - (k[from] ?? 0) + 1;
  const held = Math.max(1, Math.floor(places / 6));
  const { all, rest } = fitted(v, k, from, to, (place) => place);
  let goesOn = rest;
  for (let begin = held; begin <= places / 2; begin += held) {
    goesOn = Math.min(goesOn, fitted(v, k, from, to, (place) => Math.max(0, place - begin)).rest);
  }
  let isOver = Infinity;
  for (let length = held; length <= places / 2; length += held) {
    for (let begin = 1 - length; begin + length <= places - held; begin++) {
      const ramp = (place: number): number => Math.min(1, Math.max(0, (place - begin) / length));
      isOver = Math.min(isOver, fitted(v, k, from, to, ramp).rest);
    }
  }
  return goesOn / Math.max(leastError(all), isOver);
}
