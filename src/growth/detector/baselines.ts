import type { Baseline } from '../../model/growth.ts';
import {
  earlierHalves,
  halvesPerDay,
  highShare,
  longFloors,
  plateauExcess,
  seenSigmas,
  yesterdayBelow,
  yesterdayHalves,
  yesterdayHeld,
  yesterdayHeldStep,
  yesterdayRising,
  yesterdayShare,
  yesterdayStep,
  yesterdayWindow,
} from './options.ts';
import type { Plateau } from './plateaus.ts';
import type { Probe } from './probe.ts';
import type { FloorRings } from './rings.ts';
import { sigma } from './sampling-noise.ts';
import type { Needs, Shape } from './shapes.ts';

/** Growth is news only if the level was not there before: yesterday, earlier in the process, or as a plateau in health. */

/** The floor of the hour that ends `back` half-hours before the newest; NaN unless both halves are known. */
function hourFloor(rings: FloorRings, row: number, back: number): number {
  const a = rings.half(row, back);
  const b = rings.half(row, back + 1);
  return a === a && b === b ? Math.min(a, b) : Number.NaN;
}

/** The highest hourly floor of all that is known before the newest `after` half-hours, and of how many half-hours. */
export function highestBefore(rings: FloorRings, row: number, after: number): { level: number; halves: number } {
  let level = Number.NaN;
  let halves = 0;
  for (let back = after; back < longFloors - 1; back++) {
    const floor = hourFloor(rings, row, back);
    if (floor !== floor) continue;
    halves++;
    if (!(floor <= level)) level = floor;
  }
  return { level, halves };
}

/** A series less itself at the same clock time the day before, over the newest half-hours. */
export interface SinceYesterday {
  /** The newest difference, and the level it was taken from. NaN if none is known. */
  readonly now: number;
  readonly level: number;
  readonly least: number;
  /** The largest rise of the difference within 90 minutes. */
  readonly jump: number;
  /** By how much the difference, and the series itself, rose in the newest six hours; NaN if that is not known. */
  readonly rise: number;
  readonly own: number;
  /** Known differences, newest first. */
  readonly values: Float64Array;
}

export function sinceYesterday(rings: FloorRings, row: number, halves: number): SinceYesterday {
  const all = new Float64Array(halves);
  const known = new Float64Array(halves);
  let n = 0;
  let level = Number.NaN;
  let least = Infinity;
  let jump = 0;
  for (let back = halves - 1; back >= 0; back--) {
    const before = hourFloor(rings, row, back + halvesPerDay);
    const difference = hourFloor(rings, row, back) - before;
    all[back] = difference;
    if (difference !== difference) continue;
    level = before;
    least = Math.min(least, difference);
    const rise = difference - (all[back + 3] ?? Number.NaN);
    if (rise > jump) jump = rise;
  }
  const ago = yesterdayWindow < halves ? yesterdayWindow : halves - 1;
  const own = hourFloor(rings, row, 0) - hourFloor(rings, row, ago);
  for (const difference of all) if (difference === difference) known[n++] = difference;
  const rise = (all[0] ?? Number.NaN) - (all[ago] ?? Number.NaN);
  return { now: known[0] ?? Number.NaN, level, least, jump, rise, own, values: known.subarray(0, n) };
}

/** What is known of a function from other processes. */
export interface Past {
  readonly plateau: Plateau | undefined;
  /** The most one held at this clock time yesterday, in health; NaN if that is not known. */
  yesterday(): number;
}

export interface Level extends Needs {
  readonly rings: FloorRings;
  readonly row: number;
  /** The floor of the newest hour. */
  readonly now: number;
}

/**
 * The baseline that the growth exceeds; undefined if it is explained by one. A week's growth is its own baseline: thirds of two
 * days see through the days.
 *
 * @param window half-hours that the shape may reach back
 */
export function newness(level: Level, shape: Shape, window: number, past: Past, probe: Probe): Baseline | undefined {
  const { rings, row, now, need, weight } = level;
  const before = highestBefore(rings, row, window);
  const above = now - before.level;
  const wanted = Math.max(
    highShare * shape.rise,
    highShare * need,
    (plateauExcess - 1) * before.level,
    seenSigmas * sigma(weight, before.level, now),
  );
  const isHigh = !(before.level > 0) || above >= wanted;
  const day = sinceYesterday(rings, row, yesterdayHalves);
  if (day.values.length > 0) {
    if (!isAboveYesterday(day, level, shape, probe)) return undefined;
    const isEverywhere =
      day.values.length >= 40 && day.least > -(yesterdayBelow * shape.rise + 2 * sigma(weight, now, now));
    if (!isHigh && !isEverywhere) return refuse(probe.atLeast('seen', above, wanted, 'level'));
  } else if (!isHigh) return refuse(probe.atLeast('seen', above, wanted, 'level'));
  const isAboveHeld = (gate: 'plateau' | 'before', held: number): boolean =>
    probe.atLeast(gate, now, plateauExcess * held + 2 * sigma(weight, held, now), 'level');
  const { plateau } = past;
  if (plateau && !isAboveHeld('plateau', plateau.level)) return undefined;
  if (day.values.length > 0) return { kind: 'yesterday', level: day.level };
  const yesterday = past.yesterday();
  if (yesterday > 0) return isAboveHeld('before', yesterday) ? { kind: 'yesterday', level: yesterday } : undefined;
  if (plateau) return { kind: 'plateau', level: plateau.level, revision: plateau.revision };
  return before.halves >= earlierHalves ? { kind: 'earlier', level: before.level } : { kind: 'none' };
}

const refuse = (_isMet: boolean): undefined => undefined;

/**
 * The difference to yesterday must be as large as the growth, and be no step. Either it rises with the window, as a new leak's
 * does, or it was there for a day, as an old leak's was; a step was not, and a busier day is not at night.
 *
 *     new leak  ____╱     old leak  ─────     step  ___┌──     busier  _╱╲_
 */
function isAboveYesterday(day: SinceYesterday, { now, need, weight }: Level, shape: Shape, probe: Probe): boolean {
  const noise = sigma(weight, now, now);
  const enough = Math.max(yesterdayShare * shape.rise, 0.5 * need, 3 * noise);
  if (!probe.atLeast('yesterday', day.now, enough, 'level')) return false;
  if (day.values.length < 4) return true;
  const isRising = day.rise >= yesterdayRising * day.own;
  const step = (isRising ? yesterdayStep : yesterdayHeldStep) * day.now + 0.25 * noise;
  return (
    (isRising || probe.atLeast('held-since-yesterday', day.least, yesterdayHeld * day.now - 2 * noise, 'level')) &&
    probe.atMost('step-since-yesterday', day.jump, step, 'level')
  );
}
