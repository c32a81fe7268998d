import type { LabelSet } from '../model/labels.ts';
import { partitionKey } from '../model/series.ts';
import type { UnixMs } from '../model/units.ts';
import type { SecondRange, SeriesTotals, TotalPoint } from '../store/profile-store.ts';
import { secondsOfUnion } from '../store/standing.ts';

/** How many ranges of a step a new one is compared with before it is kept. */
const comparedRanges = 4;

/** What one series adds to a step's value: parts of series add up to groups, and groups to the whole. */
export interface SeriesPart {
  readonly labels: LabelSet;
  readonly points: readonly PartPoint[];
}

interface PartPoint {
  readonly bucketMs: UnixMs;
  readonly value: number;
  readonly standing: readonly SecondRange[];
  /** How long the whole selection was observed in this step: what `value` was divided by. */
  readonly selectionSeconds: number;
}

export interface RangePoint {
  readonly bucketMs: UnixMs;
  readonly value: number;
  /** Time in which at least one of the summed series was observed. */
  readonly observedSeconds: number;
  readonly selectionSeconds: number;
}

/** What is known of one step of the whole selection. */
interface Step {
  readonly standing: Cover;
  /** By partition: what its profiled processes did, to estimate the others by. */
  readonly measured: Map<string, { value: number; coveredSeconds: number }>;
}

/**
 * Each series' part of each step (DESIGN §6). With T the time in which the selection was observed in the step:
 * gauges: value·seconds ÷ T; sums: the process's rate (value ÷ covered seconds) × the time it stood ÷ T. A process that stood
 * but was not profiled in the step is taken to do what the profiled processes of its workload did; where there is none, it
 * has no point. Values are divided by `divisor`.
 */
export function seriesParts(totals: readonly SeriesTotals[], divisor: number): SeriesPart[] {
  const partitions = totals.map(({ labels }) => partitionKey(labels));
  const steps = stepsOf(totals, partitions);
  return totals.map(({ labels, temporality, points }, index) => {
    const parts: PartPoint[] = [];
    for (const point of points) {
      const { bucketMs, standing } = point;
      const step = steps.get(bucketMs);
      const selectionSeconds = step?.standing.seconds ?? 0;
      const measured = step?.measured.get(partitions[index] ?? '');
      const standingValue =
        temporality === 'gauge' ? Number(point.value) : rateOf(point, measured) * lengthOf(standing);
      if (selectionSeconds === 0 || Number.isNaN(standingValue)) continue;
      parts.push({ bucketMs, value: standingValue / selectionSeconds / divisor, standing, selectionSeconds });
    }
    return { labels, points: parts };
  });
}

/** The parts added up, step by step, in order of time. */
export function sumParts(parts: readonly SeriesPart[]): RangePoint[] {
  const steps = new Map<UnixMs, { value: number; readonly standing: Cover; readonly selectionSeconds: number }>();
  for (const { points } of parts) {
    for (const { bucketMs, value, standing, selectionSeconds } of points) {
      const step = getOrAdd(steps, bucketMs, () => ({ value: 0, standing: new Cover(), selectionSeconds }));
      step.value += value;
      step.standing.addAll(standing);
    }
  }
  return [...steps]
    .map(([bucketMs, { value, standing, selectionSeconds }]) => {
      return { bucketMs, value, observedSeconds: standing.seconds, selectionSeconds };
    })
    .sort((a, b) => a.bucketMs - b.bucketMs);
}

/**
 * The seconds in which anything of a selection was observed. What a step holds is answered from one place for all series, so
 * seconds of different steps never overlap: steps add up.
 */
export function observedSecondsOf(series: readonly SeriesTotals[]): number {
  const [only, ...others] = series;
  if (only && others.length === 0) return only.points.reduce((sum, { standing }) => sum + lengthOf(standing), 0);
  const covers = new Map<UnixMs, Cover>();
  for (const { points } of series) {
    for (const { bucketMs, standing } of points) getOrAdd(covers, bucketMs, () => new Cover()).addAll(standing);
  }
  return covers.values().reduce((sum, cover) => sum + cover.seconds, 0);
}

/** The union of ranges of which most are alike, as those of pods that are there all the time. */
class Cover {
  readonly #ranges: SecondRange[] = [];
  #seconds: number | undefined;

  addAll(ranges: readonly SecondRange[]): void {
    for (const range of ranges) this.#add(range);
  }

  get seconds(): number {
    return (this.#seconds ??= secondsOfUnion(this.#ranges));
  }

  #add(range: SecondRange): void {
    const ranges = this.#ranges;
    for (let at = 0; at < ranges.length && at < comparedRanges; at++) {
      const known = ranges[at] as SecondRange;
      if (known.from <= range.from && range.to <= known.to) return;
    }
    this.#seconds = undefined;
    ranges.push(range);
  }
}

/** Of ranges that neither touch nor overlap, as those of one point. */
function lengthOf(ranges: readonly SecondRange[]): number {
  let seconds = 0;
  for (const { from, to } of ranges) seconds += to - from;
  return seconds;
}

function stepsOf(totals: readonly SeriesTotals[], partitions: readonly string[]): Map<UnixMs, Step> {
  const steps = new Map<UnixMs, Step>();
  for (const [index, { points }] of totals.entries()) {
    for (const { bucketMs, value, coveredSeconds, standing } of points) {
      const step = getOrAdd(steps, bucketMs, (): Step => ({ standing: new Cover(), measured: new Map() }));
      step.standing.addAll(standing);
      if (coveredSeconds === 0) continue;
      const measured = getOrAdd(step.measured, partitions[index] ?? '', () => ({ value: 0, coveredSeconds: 0 }));
      measured.value += Number(value);
      measured.coveredSeconds += coveredSeconds;
    }
  }
  return steps;
}

/** Per second; NaN when nothing tells. */
function rateOf(point: TotalPoint, measured: { value: number; coveredSeconds: number } | undefined): number {
  if (point.coveredSeconds > 0) return Number(point.value) / point.coveredSeconds;
  return measured ? measured.value / measured.coveredSeconds : Number.NaN;
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
