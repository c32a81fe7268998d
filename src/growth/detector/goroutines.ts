import type { Baseline, Gate } from '../../model/growth.ts';
import { type Level, newness } from './baselines.ts';
import type { GrowingProcess } from './heap.ts';
import {
  bucketsPerHour,
  goroutineFloors,
  goroutineShare,
  goroutineWeight,
  heldOptions,
  heldShare,
  minGoroutines,
  type SteadyOptions,
  shortFloors,
  steadyHold,
  steadyOptions,
} from './options.ts';
import type { Plateaus } from './plateaus.ts';
import { GateCounter, GateRecorder, type Probe } from './probe.ts';
import type { FollowedProcess } from './process.ts';
import { Window } from './rings.ts';
import type { Growth } from './series-growth.ts';
import { type Needs, type Shape, steady } from './shapes.ts';
import { least } from './statistics.ts';

/** Goroutines: steady growth of their count, which is exact: what is added by one request more is one. */

const window = new Window();
const options = { ...steadyOptions, least: goroutineFloors };
const optionsWhenFound = { ...heldOptions, least: goroutineFloors };

function needOf({ rings, goroutines }: FollowedProcess): number {
  const { v, n } = rings.short(goroutines.row, shortFloors, window);
  const start = least(v, 0, Math.min(4, n));
  return Math.max(minGoroutines, goroutineShare * (Number.isFinite(start) ? start : 0));
}

function shapeOf(
  { rings, goroutines }: FollowedProcess,
  needs: Needs,
  probe: Probe,
  asked: SteadyOptions = options,
): Shape | undefined {
  return steady(rings.short(goroutines.row, shortFloors, window), needs, asked, probe);
}

/** Conditions more than any that is not held has met. */
const heldMet = 20;

/** Judges a process that is old enough, once per bucket. */
export function judgeGoroutines(process: FollowedProcess, age: number, plateaus: Plateaus): GrowingProcess | undefined {
  const { goroutines } = process;
  const needs: Needs = { need: needOf(process), weight: goroutineWeight };
  const probe = new GateCounter();
  const shape = shapeOf(process, needs, probe);
  const heldProbe = new GateCounter();
  const held = heldGrowth(process, plateaus, heldProbe);
  const seen = shape ?? held;
  goroutines.steady = seen ? goroutines.steady + 1 : 0;
  if (seen) goroutines.lastHit = process.rings.bucket;
  const growth = newGrowth(process, needs, shape, plateaus, probe) ?? held;
  goroutines.stage = held ? heldMet + heldProbe.passed : probe.passed;
  goroutines.closeness = seen ? seen.rise / needs.need : 0;
  // What a leak came by is no level of health.
  if (!goroutines.found) plateaus.learn(process, goroutines, age, needs.need);
  if (!growth) return undefined;
  goroutines.found = { need: goroutines.found?.need ?? needs.need, baseline: growth.baseline };
  return { process, growing: [{ series: goroutines, growth, level: goroutines.floor, likely: undefined }], risen: [] };
}

/**
 * A count that was found growing, and grows on: against what was needed then, since a share of what it came to would let a leak of
 * constant rate end. That its level is new was shown before.
 */
function heldGrowth(process: FollowedProcess, plateaus: Plateaus, probe: Probe): Growth | undefined {
  const { found } = process.goroutines;
  if (!found) return undefined;
  const needs: Needs = { need: heldShare * found.need, weight: 0 };
  const shape = shapeOf(process, needs, probe, optionsWhenFound);
  if (!shape) return undefined;
  const baseline = baselineOf(process, needs, shape, plateaus, new GateCounter()) ?? found.baseline;
  return { ...shape, isSteady: true, baseline };
}

function newGrowth(
  process: FollowedProcess,
  needs: Needs,
  shape: Shape | undefined,
  plateaus: Plateaus,
  probe: Probe,
): Growth | undefined {
  if (!shape || !probe.atLeast('held', process.goroutines.steady, steadyHold, 'count')) return undefined;
  const baseline = baselineOf(process, needs, shape, plateaus, probe);
  return baseline && { ...shape, isSteady: true, baseline };
}

function baselineOf(
  { rings, goroutines }: FollowedProcess,
  needs: Needs,
  shape: Shape,
  plateaus: Plateaus,
  probe: Probe,
): Baseline | undefined {
  const level: Level = { ...needs, rings, row: goroutines.row, now: rings.recent(goroutines.row, bucketsPerHour) };
  const past = { plateau: plateaus.get(goroutines.id), yesterday: () => Number.NaN };
  return newness(level, shape, 12, past, probe);
}

export function goroutineGates(
  process: FollowedProcess,
  age: number,
  minAge: number,
  plateaus: Plateaus,
  bucketMs: number,
): readonly Gate[] {
  const recorder = new GateRecorder('count', bucketMs);
  if (recorder.atLeast('age', age, minAge, 'buckets')) {
    const needs: Needs = { need: needOf(process), weight: goroutineWeight };
    const growth = newGrowth(process, needs, shapeOf(process, needs, recorder), plateaus, recorder);
    const held = new GateRecorder('count', bucketMs);
    if (!growth && heldGrowth(process, plateaus, held)) return held.gates;
  }
  return recorder.gates;
}
