import { partitionLabels } from '../model/labels.ts';
import type { DurationMs, UnixMs } from '../model/units.ts';
import type { SeriesTotals, TotalPoint } from '../store/profile-store.ts';
import { isNothing, LabelKeys, linesOf, type PartKey, type RangeLine } from './range-lines.ts';
import { estimateWorkload, untold, type WholeSeries, WorkloadRates } from './range-rates.ts';
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
 * but was not profiled in the step is taken to do what the profiled processes of its revision did, else of its workload; where
 * there is none, it has no point. Values are divided by `divisor`.
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
    const ofWholes = linesOf(wholes, this.#grid);
    this.lines = isSplit
      ? linesOf(
          totals.filter((line) => line.part !== undefined && !isNothing(line)),
          this.#grid,
        )
      : ofWholes;
    this.wholes = this.#wholesOf(ofWholes, this.lines);
  }

  /** Whether a series has a point at all. */
  hasPoint({ steps, told }: WholeSeries): boolean {
    return steps.some((step, at) => told?.[at] !== untold && this.#selectionSeconds[step] !== 0);
  }

  /** The integral over the window: to find the largest by. */
  weigh({ wholes, lines, part }: CountedSeries): number {
    this.#check();
    let weight = 0;
    for (const { values } of lines) {
      for (let at = 0; at < values.length; at++) weight += values[at] as number;
    }
    for (const { told, stood, rates } of wholes) {
      const rate = rates.get(part);
      if (!told || !rate) continue;
      for (let at = 0; at < told.length; at++) {
        const by = told[at] as number;
        if (by >= 0) weight += (rate[by] as number) * (stood[at] as number);
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

  #wholesOf(wholes: readonly RangeLine[], counted: readonly RangeLine[]): WholeSeries[] {
    const keys = new LabelKeys(partitionLabels);
    const workloadOf = ({ totals }: RangeLine): string => keys.of(totals.labels);
    const countedOf = Map.groupBy(counted, workloadOf);
    const rates = new WorkloadRates(this.#grid.count);
    return [...Map.groupBy(wholes, workloadOf)].flatMap(([workload, series]) =>
      estimateWorkload(rates, series, countedOf.get(workload) ?? []),
    );
  }

  #addMeasured({ steps, values }: RangeLine): void {
    for (let at = 0; at < steps.length; at++) {
      const step = steps[at] as number;
      this.#sums[step] = (this.#sums[step] as number) + (values[at] as number);
    }
  }

  #addEstimated({ steps, told, stood, rates }: WholeSeries, part: PartKey): void {
    const rate = rates.get(part);
    if (!told || !rate) return;
    for (let at = 0; at < told.length; at++) {
      const by = told[at] as number;
      if (by < 0) continue;
      const step = steps[at] as number;
      this.#sums[step] = (this.#sums[step] as number) + (rate[by] as number) * (stood[at] as number);
    }
  }

  #observe({ totals: { points }, steps, told }: WholeSeries): void {
    for (let at = 0; at < steps.length; at++) {
      if (told?.[at] === untold) continue;
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
