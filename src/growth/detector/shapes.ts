import type { EnvelopeOptions, SteadyOptions } from './options.ts';
import { quickShare, zGrowth } from './options.ts';
import type { Probe } from './probe.ts';
import type { Window } from './rings.ts';
import { sigma } from './sampling-noise.ts';
import { deepestFall, least, lineOverRamp, lineOverStep, slopeOf, trend } from './statistics.ts';

/** The two shapes of growth: one ramp, and a lower envelope that rises. */

/** What a shape shows. Slopes are per place of the window. */
export interface Shape {
  /** Over the window. */
  readonly rise: number;
  readonly slope: number;
  readonly low: number;
  readonly high: number;
  /** The place where the window begins. */
  readonly from: number;
}

/** What a series must show to count as growing. */
export interface Needs {
  /** Least growth, in the unit of the series. */
  readonly need: number;
  /** `sampleWeight` of the series. */
  readonly weight: number;
}

/**
 * Steady growth: one ramp over the whole window.
 *
 *              ╭─╯  last third still rises
 *          ╭─╮╭╯    small falls only
 *       ╭──╯ ╰╯     no single step or short ramp explains it
 *     ──╯
 *
 * The slope is Theil-Sen's; rise, slope and order must be larger than what sampling makes of a flat series.
 */
export function steady(w: Window, { need, weight }: Needs, o: SteadyOptions, probe: Probe): Shape | undefined {
  const { v, k, n } = w;
  if (!probe.atLeast('floors', n, o.least, 'count')) return undefined;
  const begin = least(v, 0, 6);
  const end = least(v, n - 4, n);
  if (!probe.atLeast('rise', end - begin, quickShare * need, 'level')) return undefined;
  const noise = sigma(weight, begin, end);
  if (!probe.atMost('fall', deepestFall(v, 0, n), o.fall * (end - begin) + noise, 'level')) return undefined;
  if (!probe.atMost('line-over-step', lineOverStep(v, k, 0, n), o.step)) return undefined;
  if (!probe.atMost('line-over-ramp', lineOverRamp(v, k, 0, n), o.ramp)) return undefined;
  const { slope, low, high, z, tau } = trend(v, k, 0, n);
  const rise = slope * ((k[n - 1] ?? 0) - (k[0] ?? 0));
  if (!probe.atLeast('trend', z, o.mk) || !probe.atLeast('order', tau, o.tau)) return undefined;
  if (!probe.atLeast('slope', low, Number.MIN_VALUE, 'level')) return undefined;
  if (!probe.atLeast('growth', rise, need, 'level') || !probe.atLeast('noise', rise, zGrowth * noise, 'level'))
    return undefined;
  const a = Math.floor(n / 3);
  const b = Math.floor((2 * n) / 3);
  if (!probe.atLeast('last-third', slopeOf(v, k, b, n) / slope, o.tail)) return undefined;
  const others = Math.min(slopeOf(v, k, 0, a), slopeOf(v, k, a, b));
  if (!probe.atLeast('thirds', others / slope, o.third)) return undefined;
  return { rise, slope, low, high, from: w.from + (k[0] ?? 0) };
}

/**
 * A lower envelope that rises through three thirds: sees through saws, bursts and staircases.
 *
 *                 ╱│ ╱│
 *        ╱│  ╱│ ╱  │╱ ·····  m3
 *      ╱  │╱  ·│····         m2
 *     ·········              m1
 */
export function envelope(w: Window, { need, weight }: Needs, o: EnvelopeOptions, probe: Probe): Shape | undefined {
  const { v, k, n } = w;
  if (!probe.atLeast('floors', n, o.least, 'count')) return undefined;
  const a = Math.floor(n / 3);
  const b = Math.floor((2 * n) / 3);
  const m1 = least(v, 0, a);
  const m3 = least(v, b, n);
  const rise = m3 - m1;
  if (!probe.atLeast('rise', rise, need, 'level')) return undefined;
  const noise = sigma(weight, m1, m3);
  if (!probe.atLeast('noise', rise, zGrowth * noise, 'level')) return undefined;
  const m2 = least(v, a, b);
  if (!probe.atLeast('second-third', m2 - m1, o.part * rise, 'level')) return undefined;
  if (!probe.atLeast('last-third', (m3 - m2) / Math.max(Number.MIN_VALUE, m2 - m1), o.ratio)) return undefined;
  if (!probe.atMost('line-over-step', lineOverStep(v, k, 0, n), 1)) return undefined;
  const places = (k[n - 1] ?? 0) - (k[0] ?? 0) + 1;
  const slope = rise / ((2 * places) / 3);
  if (!probe.atLeast('thirds', slopeOf(v, k, b, n) / slope, o.tailSlope)) return undefined;
  if (!probe.atLeast('newest-hour', least(v, n - 2, n) - m3, o.tail * (m3 - m2), 'level')) return undefined;
  const reach = (2 * noise) / ((2 * places) / 3);
  return { rise: (rise * 3) / 2, slope, low: slope - reach, high: slope + reach, from: w.from + (k[0] ?? 0) };
}
