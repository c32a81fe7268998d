import { type LabelSet, labelValue, partitionLabels } from '../model/labels.ts';
import type { DurationMs, UnixMs } from '../model/units.ts';
import type { SecondRange, SeriesTotals, TotalPoint } from '../store/profile-store.ts';
import { StepCovers } from './step-covers.ts';

/** What one series adds to the value of each step: parts of series add up to groups, and groups to the whole. */
export interface SeriesPart {
  readonly labels: LabelSet;
  readonly points: readonly TotalPoint[];
  /** By point; NaN where it adds none. */
  readonly values: Float64Array;
}

export interface RangePoint {
  readonly bucketMs: UnixMs;
  readonly value: number;
  /** Time in which at least one of the summed series was observed. */
  readonly observedSeconds: number;
  /** How long the whole selection was observed in this step: what `value` was divided by. */
  readonly selectionSeconds: number;
}

/**
 * Each series' part of each step (DESIGN §6). With T the time in which the selection was observed in the step:
 * gauges: value·seconds ÷ T; sums: the process's rate (value ÷ covered seconds) × the time it stood ÷ T. A process that stood
 * but was not profiled in the step is taken to do what the profiled processes of its workload did; where there is none, it
 * has no point. Values are divided by `divisor`.
 *
 * Steps are numbered from the first one that has a point. What is known of them is in columns: a point for each minute and
 * pod would otherwise be several objects, and most of the time of an answer.
 */
export class RangeParts {
  readonly parts: readonly SeriesPart[];
  /** How long anything of the selection was observed. */
  readonly observedSeconds: number;
  readonly #stepMs: DurationMs;
  readonly #firstMs: UnixMs;
  readonly #selectionSeconds: Float64Array;
  /** Scratch by step, empty between two uses. */
  readonly #sums: Float64Array;
  readonly #covered: Float64Array;
  readonly #isSet: Uint8Array;
  readonly #covers: StepCovers;

  constructor(totals: readonly SeriesTotals[], stepMs: DurationMs, divisor: number) {
    const { firstMs, steps } = stepsOf(totals, stepMs);
    this.#stepMs = stepMs;
    this.#firstMs = firstMs;
    this.#selectionSeconds = new Float64Array(steps);
    this.#sums = new Float64Array(steps);
    this.#covered = new Float64Array(steps);
    this.#isSet = new Uint8Array(steps);
    this.#covers = new StepCovers(steps);
    this.observedSeconds = this.#observe(totals);
    this.parts = this.#partsOf(totals, divisor);
  }

  /** Parts added up, step by step, in order of time. */
  sum(parts: readonly SeriesPart[]): RangePoint[] {
    let first = this.#sums.length;
    let last = -1;
    for (const { points, values } of parts) {
      for (let at = 0; at < values.length; at++) {
        const value = values[at] as number;
        if (Number.isNaN(value)) continue;
        const { bucketMs, standing } = points[at] as TotalPoint;
        const step = this.#stepAt(bucketMs);
        this.#isSet[step] = 1;
        this.#sums[step] = (this.#sums[step] as number) + value;
        this.#covers.addAll(step, standing);
        if (step < first) first = step;
        if (step > last) last = step;
      }
    }
    const summed: RangePoint[] = [];
    for (let step = first; step <= last; step++) {
      if (this.#isSet[step] === 0) continue;
      summed.push({
        bucketMs: this.#firstMs + step * this.#stepMs,
        value: this.#sums[step] as number,
        observedSeconds: this.#covers.seconds(step),
        selectionSeconds: this.#selectionSeconds[step] as number,
      });
      this.#isSet[step] = 0;
      this.#sums[step] = 0;
      this.#covers.clear(step);
    }
    return summed;
  }

  #stepAt(bucketMs: UnixMs): number {
    return (bucketMs - this.#firstMs) / this.#stepMs;
  }

  /** Notes how long the selection was observed in each step; answers how long in all. */
  #observe(totals: readonly SeriesTotals[]): number {
    for (const { points } of totals) {
      for (const { bucketMs, standing } of points) this.#covers.addAll(this.#stepAt(bucketMs), standing);
    }
    let sum = 0;
    for (let step = 0; step < this.#selectionSeconds.length; step++) {
      const seconds = this.#covers.seconds(step);
      this.#selectionSeconds[step] = seconds;
      sum += seconds;
      this.#covers.clear(step);
    }
    return sum;
  }

  #partsOf(totals: readonly SeriesTotals[], divisor: number): SeriesPart[] {
    const parts: SeriesPart[] = Array.from(totals, ({ labels, points }) => {
      return { labels, points, values: new Float64Array(points.length) };
    });
    const byPartition = Map.groupBy(totals.keys(), (index) => labelsKey(totals[index]?.labels ?? {}, partitionLabels));
    for (const indexes of byPartition.values()) {
      for (const index of indexes) this.#measure((totals[index] as SeriesTotals).points);
      for (const index of indexes) {
        this.#setValues((parts[index] as SeriesPart).values, totals[index] as SeriesTotals, divisor);
      }
      for (const index of indexes) this.#forget((totals[index] as SeriesTotals).points);
    }
    return parts;
  }

  /** What the profiled processes of a workload did in each step: to estimate the others by. */
  #measure(points: readonly TotalPoint[]): void {
    for (const { bucketMs, value, coveredSeconds } of points) {
      if (coveredSeconds === 0) continue;
      const step = this.#stepAt(bucketMs);
      this.#sums[step] = (this.#sums[step] as number) + Number(value);
      this.#covered[step] = (this.#covered[step] as number) + coveredSeconds;
    }
  }

  #setValues(values: Float64Array, { temporality, points }: SeriesTotals, divisor: number): void {
    for (let at = 0; at < values.length; at++) {
      const point = points[at] as TotalPoint;
      const step = this.#stepAt(point.bucketMs);
      const selectionSeconds = this.#selectionSeconds[step] as number;
      const standingValue =
        temporality === 'gauge' ? Number(point.value) : this.#rateOf(point, step) * lengthOf(point.standing);
      values[at] = selectionSeconds === 0 ? Number.NaN : standingValue / selectionSeconds / divisor;
    }
  }

  /** Per second; NaN when nothing tells. */
  #rateOf({ value, coveredSeconds }: TotalPoint, step: number): number {
    if (coveredSeconds > 0) return Number(value) / coveredSeconds;
    const measuredSeconds = this.#covered[step] as number;
    return measuredSeconds > 0 ? (this.#sums[step] as number) / measuredSeconds : Number.NaN;
  }

  #forget(points: readonly TotalPoint[]): void {
    for (const { bucketMs } of points) {
      const step = this.#stepAt(bucketMs);
      this.#sums[step] = 0;
      this.#covered[step] = 0;
    }
  }
}

/**
 * The seconds in which anything of some series was observed. What a step holds is answered from one place for all series, so
 * seconds of different steps never overlap: steps add up.
 */
export function observedSecondsOf(series: readonly SeriesTotals[], stepMs: DurationMs): number {
  const [only, ...others] = series;
  if (!only || others.length > 0) return new RangeParts(series, stepMs, 1).observedSeconds;
  let seconds = 0;
  const { points } = only;
  for (let at = 0; at < points.length; at++) seconds += lengthOf((points[at] as TotalPoint).standing);
  return seconds;
}

/** One text for the values that label sets have of some labels. */
export function labelsKey(labels: LabelSet, names: readonly string[]): string {
  return JSON.stringify(names.map((name) => labelValue(labels, name)));
}

function stepsOf(totals: readonly SeriesTotals[], stepMs: DurationMs): { firstMs: UnixMs; steps: number } {
  let [firstMs, lastMs] = [Infinity, -Infinity];
  for (const { points } of totals) {
    for (const { bucketMs } of points) {
      if (bucketMs < firstMs) firstMs = bucketMs;
      if (bucketMs > lastMs) lastMs = bucketMs;
    }
  }
  return lastMs < firstMs ? { firstMs: 0, steps: 0 } : { firstMs, steps: (lastMs - firstMs) / stepMs + 1 };
}

/** Of ranges that neither touch nor overlap, as those of one point. */
function lengthOf(ranges: readonly SecondRange[]): number {
  let seconds = 0;
  for (let at = 0; at < ranges.length; at++) {
    const { from, to } = ranges[at] as SecondRange;
    seconds += to - from;
  }
  return seconds;
}
