import type { Gate, LikelyBecause } from '../../model/growth.ts';
import type { Past } from './baselines.ts';
import type { ClockLevels } from './clock-levels.ts';
import { likelyByItself, type Recurrences } from './likely.ts';
import { bucketsPerHour, shortFloors, wholeShare } from './options.ts';
import type { Plateaus } from './plateaus.ts';
import { GateRecorder } from './probe.ts';
import type { FollowedProcess, Series } from './process.ts';
import { Window } from './rings.ts';
import { sigma } from './sampling-noise.ts';
import { type Growth, gatesOf, judgeSeries } from './series-growth.ts';
import type { Needs } from './shapes.ts';
import { mean, trend } from './statistics.ts';

/** Which processes and functions of a workload grow at the end of a bucket. */

/** One growing function of one process; of id '' where only the whole heap grows. */
export interface GrowingSeries {
  readonly series: Series;
  readonly growth: Growth;
  readonly level: number;
  readonly likely: LikelyBecause | undefined;
}

export interface GrowingProcess {
  readonly process: FollowedProcess;
  /** The steepest first. */
  readonly growing: readonly GrowingSeries[];
  /** Where only the whole grows: functions by their rise. */
  readonly risen: readonly { readonly series: Series; readonly rise: number; readonly level: number }[];
}

/** A slope per bucket with its interval. */
export interface Slope {
  readonly slope: number;
  readonly low: number;
  readonly high: number;
}

export interface Knowledge {
  readonly plateaus: Plateaus;
  readonly recurrences: Recurrences;
  readonly clock: ClockLevels;
  readonly minPeriods: number;
  readonly minShare: number;
}

/** What the process must grow by: so many samples, or a share of its heap. */
export function heapNeed({ rings, whole, period }: FollowedProcess, { minPeriods, minShare }: Knowledge): number {
  const level = rings.recent(whole.row, bucketsPerHour);
  return Math.max(minPeriods * period, minShare * (level > 0 ? level : 0));
}

const window = new Window();

function pastOf({ id }: Series, bucket: number, { plateaus, clock }: Knowledge): Past {
  return { plateau: plateaus.get(id), yesterday: () => clock.yesterday(id, bucket) };
}

/** Judges a process that is old enough; undefined if nothing in it grows. */
export function judgeHeap(process: FollowedProcess, age: number, knowledge: Knowledge): GrowingProcess | undefined {
  const { rings, whole } = process;
  const { plateaus } = knowledge;
  const need = heapNeed(process, knowledge);
  const wholeRise = riseOf(process, whole);
  const grown: GrowingSeries[] = [];
  const found = (series: Series, growth: Growth): GrowingSeries => {
    const level = rings.recent(series.row, bucketsPerHour);
    series.found = { need: series.found?.need ?? need, baseline: growth.baseline };
    const likely =
      likelyByItself(process, series, age, { need, weight: series.weight }, level) ??
      (knowledge.recurrences.isLikely(process, series, age) ? 'recurrence' : undefined);
    return { series, growth, level, likely };
  };
  for (const series of process.functions.values()) {
    const growth = judgeSeries(
      process,
      series,
      { need, weight: series.weight },
      pastOf(series, rings.bucket, knowledge),
    );
    series.closeness = riseOf(process, series) / need;
    if (growth && isInWhole(process, series, growth, wholeRise)) grown.push(found(series, growth));
    plateaus.learn(process, series, age, need);
  }
  const growth = judgeSeries(process, whole, { need, weight: whole.weight }, pastOf(whole, rings.bucket, knowledge));
  whole.closeness = wholeRise / need;
  plateaus.learn(process, whole, age, need);
  if (growth && grown.length === 0) {
    return { process, growing: [found(whole, growth)], risen: risenIn(process) };
  }
  if (grown.length === 0) return undefined;
  if (growth) nameBaselines(grown, growth);
  grown.sort((a, b) => b.growth.slope - a.growth.slope || (a.series.id < b.series.id ? -1 : 1));
  return { process, growing: grown, risen: [] };
}

/** A function that came with this revision has no past, but the whole heap may have one that it exceeds. */
function nameBaselines(grown: GrowingSeries[], { baseline }: Growth): void {
  for (const [at, each] of grown.entries()) {
    if (each.growth.baseline.kind === 'none') grown[at] = { ...each, growth: { ...each.growth, baseline } };
  }
}

/** The rise of the newest six hours by thirds: less moved by single floors than the ends are. */
function riseOf({ rings }: FollowedProcess, { row }: Series): number {
  const { v, n } = rings.short(row, shortFloors, window);
  const third = Math.floor(n / 3);
  return 1.5 * (mean(v, n - third, n) - mean(v, 0, third));
}

function isInWhole(process: FollowedProcess, series: Series, growth: Growth, wholeRise: number): boolean {
  const gate = wholeGate(process, series, growth, wholeRise);
  return gate.value >= gate.needed;
}

/** Memory that moves between functions is no growth. Only the six hours of steady growth are compared. */
function wholeGate(
  { rings, whole }: FollowedProcess,
  series: Series,
  growth: Growth,
  wholeRise: number,
): { value: number; needed: number } {
  if (series === whole || series.steady === 0) return { value: 0, needed: 0 };
  const { v, n } = rings.short(series.row, shortFloors, window);
  const rise = Math.min(growth.rise, (v[n - 1] ?? 0) - (v[0] ?? 0));
  const level = rings.recent(whole.row, bucketsPerHour);
  return { value: wholeRise, needed: wholeShare * rise - 2 * sigma(whole.weight, level, level) };
}

function risenIn(process: FollowedProcess): GrowingProcess['risen'] {
  return [...process.functions.values()]
    .map((series) => ({
      series,
      rise: riseOf(process, series),
      level: process.rings.recent(series.row, bucketsPerHour),
    }))
    .filter(({ rise }) => rise > 0)
    .sort((a, b) => b.rise - a.rise || (a.series.id < b.series.id ? -1 : 1));
}

/** The slope of the whole heap over the newest six hours; undefined of fewer than six floors. */
export function slopeOfSeries({ rings }: FollowedProcess, { row }: Series): Slope | undefined {
  const { v, k, n } = rings.short(row, shortFloors, window);
  return n < 6 ? undefined : trend(v, k, 0, n);
}

/** The conditions of the function that came furthest in a process which was judged in this bucket. */
export function heapGates(
  process: FollowedProcess,
  series: Series,
  age: number,
  minAge: number,
  knowledge: Knowledge,
  bucketMs: number,
): readonly Gate[] {
  const recorder = (): GateRecorder => new GateRecorder('bytes', bucketMs);
  const first = recorder();
  if (!first.atLeast('age', age, minAge, 'buckets')) return first.gates;
  const needs: Needs = { need: heapNeed(process, knowledge), weight: series.weight };
  const { gates, growth } = gatesOf(process, series, needs, pastOf(series, process.rings.bucket, knowledge), recorder);
  const last = recorder();
  if (growth && series !== process.whole) {
    const { value, needed } = wholeGate(process, series, growth, riseOf(process, process.whole));
    last.atLeast('whole-heap', value, needed, 'level');
  }
  return [...first.gates, ...gates, ...last.gates];
}

/** The series of a process that came furthest: by conditions met, then by how much it rose. */
export function furthestSeries(process: FollowedProcess): Series {
  let best = process.whole;
  for (const series of process.functions.values()) if (isFurther(series, best)) best = series;
  return best;
}

export function isFurther(a: Series, b: Series): boolean {
  if (a.stage !== b.stage) return a.stage > b.stage;
  if (a.closeness !== b.closeness) return a.closeness > b.closeness;
  return a.id < b.id;
}
