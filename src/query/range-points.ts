import { partitionLabels } from '../model/labels.ts';
import type { DurationMs, UnixMs } from '../model/units.ts';
import type { SeriesTotals, TotalPoint } from '../store/profile-store.ts';
import {
  columnsOf,
  isNothing,
  labelsKey,
  lineOf,
  type PartKey,
  type PointColumns,
  type RangeLine,
} from './range-lines.ts';
import { type WholeSeries, WorkloadRates } from './range-rates.ts';
import { observedByStep, StepGrid } from './range-steps.ts';
import { StepCovers } from './step-covers.ts';

/** Some series, and the part of them that is counted. */
export interface CountedSeries {
  readonly wholes: readonly WholeSeries[];
  /** What was measured of the part; a series without a line did nothing of it. */
  readonly lines: readonly RangeLine[];
  readonly part: PartKey;
}

export interface RangePoint {
  readonly bucketMs: UnixMs;
  readonly value: number;
  /** Time in which at least one of the summed series was observed. */
  readonly observedSeconds: number;
}

export interface RangeOptions {
  /** Parts are counted, not the series themselves. */
  readonly isSplit: boolean;
  readonly stepMs: DurationMs;
  readonly divisor: number;
  /** Throws when nobody waits for the answer any more. */
  readonly check: () => void;
}

/**
 * What series and parts of them add to each step (DESIGN §6). With T the time in which the selection was observed in the step:
 * gauges: value·seconds ÷ T; sums: the process's rate (value ÷ covered seconds) × the time it stood ÷ T. A process that stood
 * but was not profiled in the step is taken to do what the profiled processes of its workload did; where there is none, it
 * has no point. Values are divided by `divisor`.
 *
 * What is known of steps is in columns: a point for each minute and pod would otherwise be several objects, and most of the
 * time of an answer.
 */
export class RangeParts {
  readonly wholes: readonly WholeSeries[];
  readonly lines: readonly RangeLine[];
  /** How long anything of the selection was observed. */
  readonly observedSeconds: number;
  readonly #divisor: number;
  readonly #check: () => void;
  readonly #grid: StepGrid;
  readonly #selectionSeconds: Float64Array;
  /** Scratch by step, empty between two uses. */
  readonly #sums: Float64Array;
  readonly #isSet: Uint8Array;
  readonly #covers: StepCovers;

  constructor(totals: readonly SeriesTotals[], { isSplit, stepMs, divisor, check }: RangeOptions) {
    const wholes = totals.filter(({ part }) => part === undefined);
    this.#grid = new StepGrid(wholes, stepMs);
    this.#divisor = divisor;
    this.#check = check;
    this.#sums = new Float64Array(this.#grid.count);
    this.#isSet = new Uint8Array(this.#grid.count);
    this.#covers = new StepCovers(this.#grid.count);
    this.#selectionSeconds = observedByStep(wholes, this.#grid, this.#covers);
    this.observedSeconds = this.#selectionSeconds.reduce((sum, seconds) => sum + seconds, 0);
    const measured = wholes.map((series) => ({ totals: series, ...columnsOf(series, this.#grid) }));
    const parts = isSplit ? totals.filter((line) => line.part !== undefined && !isNothing(line)) : [];
    this.lines = isSplit
      ? parts.map((part) => lineOf(part, columnsOf(part, this.#grid)))
      : measured.map((whole) => lineOf(whole.totals, whole));
    this.wholes = this.#wholesOf(measured, isSplit ? parts : wholes);
  }

  /** Whether a series has a point at all. */
  hasPoint({ steps, untold }: WholeSeries): boolean {
    return steps.some((step, at) => untold?.[at] !== 1 && this.#selectionSeconds[step] !== 0);
  }

  /** The integral over the window: to find the largest by. */
  weigh({ wholes, lines, part }: CountedSeries): number {
    this.#check();
    let weight = 0;
    for (const { values } of lines) {
      for (let at = 0; at < values.length; at++) weight += values[at] as number;
    }
    for (const { estimates } of wholes) {
      const rates = estimates?.rates.get(part);
      if (!estimates || !rates) continue;
      const { seconds, at } = estimates;
      for (let index = 0; index < at.length; index++) {
        weight += (rates[at[index] as number] as number) * (seconds[index] as number);
      }
    }
    return weight / this.#divisor;
  }

  /**
   * Added up step by step, in order of time. There is a point in each step in which one of the series has one: 0 where nothing
   * of the part was done.
   */
  sum(counted: readonly CountedSeries[]): RangePoint[] {
    for (const { wholes, lines, part } of counted) {
      this.#check();
      for (const line of lines) this.#addMeasured(line);
      for (const whole of wholes) this.#addEstimated(whole, part);
    }
    for (const wholes of new Set(counted.map((each) => each.wholes))) {
      for (const whole of wholes) this.#observe(whole);
    }
    return this.#takePoints();
  }

  #wholesOf(
    wholes: readonly (PointColumns & { readonly totals: SeriesTotals })[],
    counted: readonly SeriesTotals[],
  ): WholeSeries[] {
    const workloadOf = ({ labels }: SeriesTotals): string => labelsKey(labels, partitionLabels);
    const countedOf = Map.groupBy(counted, workloadOf);
    const rates = new WorkloadRates(this.#grid);
    return [...Map.groupBy(wholes, ({ totals }) => workloadOf(totals))].flatMap(([workload, series]) =>
      rates.estimate(series, countedOf.get(workload) ?? []),
    );
  }

  #addMeasured({ steps, values }: RangeLine): void {
    for (let at = 0; at < steps.length; at++) {
      const step = steps[at] as number;
      this.#sums[step] = (this.#sums[step] as number) + (values[at] as number);
    }
  }

  #addEstimated({ estimates }: WholeSeries, part: PartKey): void {
    const rates = estimates?.rates.get(part);
    if (!estimates || !rates) return;
    const { steps, seconds, at } = estimates;
    for (let index = 0; index < steps.length; index++) {
      const step = steps[index] as number;
      const value = (rates[at[index] as number] as number) * (seconds[index] as number);
      this.#sums[step] = (this.#sums[step] as number) + value;
    }
  }

  #observe({ totals: { points }, steps, untold }: WholeSeries): void {
    for (let at = 0; at < steps.length; at++) {
      if (untold?.[at] === 1) continue;
      const step = steps[at] as number;
      this.#isSet[step] = 1;
      this.#covers.addAll(step, (points[at] as TotalPoint).standing);
    }
  }

  #takePoints(): RangePoint[] {
    const found: RangePoint[] = [];
    for (let step = 0; step < this.#grid.count; step++) {
      const selectionSeconds = this.#selectionSeconds[step] as number;
      if (this.#isSet[step] === 1 && selectionSeconds > 0) {
        const value = (this.#sums[step] as number) / selectionSeconds / this.#divisor;
        found.push({ bucketMs: this.#grid.leftEdge(step), value, observedSeconds: this.#covers.seconds(step) });
      }
      this.#covers.clear(step);
    }
    this.#sums.fill(0);
    this.#isSet.fill(0);
    return found;
  }
}
