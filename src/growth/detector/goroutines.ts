import type { Gate } from '../../model/growth.ts';
import { type Level, newness } from './baselines.ts';
import type { GrowingProcess } from './heap.ts';
import {
  bucketsPerHour,
  goroutineFloors,
  goroutineShare,
  goroutineWeight,
  minGoroutines,
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

function needOf({ rings, goroutines }: FollowedProcess): number {
  const { v, n } = rings.short(goroutines.row, shortFloors, window);
  const start = least(v, 0, Math.min(4, n));
  return Math.max(minGoroutines, goroutineShare * (Number.isFinite(start) ? start : 0));
}

function shapeOf({ rings, goroutines }: FollowedProcess, needs: Needs, probe: Probe): Shape | undefined {
  return steady(rings.short(goroutines.row, shortFloors, window), needs, options, probe);
}

/** Judges a process that is old enough, once per bucket. */
export function judgeGoroutines(process: FollowedProcess, age: number, plateaus: Plateaus): GrowingProcess | undefined {
  const { goroutines } = process;
  const needs: Needs = { need: needOf(process), weight: goroutineWeight };
  const probe = new GateCounter();
  const shape = shapeOf(process, needs, probe);
  goroutines.steady = shape ? goroutines.steady + 1 : 0;
  if (shape) goroutines.lastHit = process.rings.bucket;
  const growth = newGrowth(process, needs, shape, plateaus, probe);
  goroutines.stage = probe.passed;
  goroutines.closeness = shape ? shape.rise / needs.need : 0;
  plateaus.learn(process, goroutines, age, needs.need);
  if (!growth) return undefined;
  return { process, growing: [{ series: goroutines, growth, level: goroutines.floor, likely: undefined }], risen: [] };
}

function newGrowth(
  process: FollowedProcess,
  needs: Needs,
  shape: Shape | undefined,
  plateaus: Plateaus,
  probe: Probe,
): Growth | undefined {
  const { rings, goroutines } = process;
  if (!shape || !probe.atLeast('held', goroutines.steady, steadyHold, 'count')) return undefined;
  const level: Level = { ...needs, rings, row: goroutines.row, now: rings.recent(goroutines.row, bucketsPerHour) };
  const baseline = newness(
    level,
    shape,
    12,
    { plateau: plateaus.get(goroutines.id), yesterday: () => Number.NaN },
    probe,
  );
  return baseline && { ...shape, isSteady: true, baseline };
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
    newGrowth(process, needs, shapeOf(process, needs, recorder), plateaus, recorder);
  }
  return recorder.gates;
}
