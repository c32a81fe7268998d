import type { SeriesTotals, TotalPoint } from '../store/profile-store.ts';
import { type PartKey, type PointColumns, partKey } from './range-lines.ts';
import type { StepGrid } from './range-steps.ts';

/** All of one series: when it was observed, and where the others of its workload tell what it did. */
export interface WholeSeries extends PointColumns {
  readonly totals: SeriesTotals;
  /** By point, 1 where nothing tells what it did; undefined where every point is told of. */
  readonly untold: Uint8Array | undefined;
  readonly estimates: Estimates | undefined;
}

/** The steps in which a process stood and was not measured, though others of its workload were. */
export interface Estimates {
  readonly steps: Int32Array;
  /** How long it stood in each. */
  readonly seconds: Float64Array;
  /** Where each step is in the columns of `rates`. */
  readonly at: Int32Array;
  /** Per second and measured process, by part. */
  readonly rates: ReadonlyMap<PartKey, Float64Array>;
}

type MeasuredSeries = PointColumns & Pick<WholeSeries, 'totals'>;

/**
 * What processes that were not measured in a step are taken to have done in it (DESIGN §6, "Rates"): per second what the
 * measured ones of their workload did, part by part. Its columns by step are used for one workload after the other.
 */
export class WorkloadRates {
  readonly #grid: StepGrid;
  readonly #sums: Float64Array;
  readonly #covered: Float64Array;
  /** One more than where a step is in the columns of the workload's rates; 0 where it is not. */
  readonly #at: Int32Array;

  constructor(grid: StepGrid) {
    this.#grid = grid;
    this.#sums = new Float64Array(grid.count);
    this.#covered = new Float64Array(grid.count);
    this.#at = new Int32Array(grid.count);
  }

  /** The series of one workload, and what is counted of them: the series themselves or parts. */
  estimate(wholes: readonly MeasuredSeries[], counted: readonly SeriesTotals[]): WholeSeries[] {
    const sums = wholes.filter(({ totals }) => isSum(totals));
    for (const { steps, covered } of sums) addTo(this.#covered, steps, covered);
    const steps: number[] = [];
    for (const series of sums) this.#noteUnmeasured(series, steps);
    const rates = steps.length === 0 ? new Map() : this.#ratesIn(steps, counted.filter(isSum));
    const found = wholes.map((series) => this.#wholeOf(series, rates));
    for (const step of steps) this.#at[step] = 0;
    for (const { steps: own } of sums) clear(this.#covered, own);
    return found;
  }

  /** Adds the steps in which it was not measured and others were, as far as they are not there yet. */
  #noteUnmeasured({ steps, covered }: PointColumns, found: number[]): void {
    for (let at = 0; at < steps.length; at++) {
      const step = steps[at] as number;
      if (covered[at] !== 0 || this.#covered[step] === 0 || this.#at[step] !== 0) continue;
      found.push(step);
      this.#at[step] = found.length;
    }
  }

  /** A process that has no line of a part did nothing of it: it counts in what rates are divided by. */
  #ratesIn(steps: readonly number[], counted: readonly SeriesTotals[]): Map<PartKey, Float64Array> {
    const rates = new Map<PartKey, Float64Array>();
    for (const [part, lines] of Map.groupBy(counted, (line) => partKey(line.part))) {
      for (const { points } of lines) this.#addMeasured(points);
      const rate = (step: number): number => (this.#sums[step] as number) / (this.#covered[step] as number);
      rates.set(part, Float64Array.from(steps, rate));
      for (const step of steps) this.#sums[step] = 0;
    }
    return rates;
  }

  /** Only steps in which some process was not measured are of use. */
  #addMeasured(points: readonly TotalPoint[]): void {
    for (let at = 0; at < points.length; at++) {
      const { bucketMs, value, coveredSeconds } = points[at] as TotalPoint;
      const step = this.#grid.at(bucketMs);
      if (coveredSeconds > 0 && this.#at[step] !== 0) this.#sums[step] = (this.#sums[step] as number) + Number(value);
    }
  }

  #wholeOf(series: MeasuredSeries, rates: ReadonlyMap<PartKey, Float64Array>): WholeSeries {
    const { totals, steps, covered, stood } = series;
    if (!isSum(totals) || !covered.includes(0)) return { ...series, untold: undefined, estimates: undefined };
    const untold = new Uint8Array(steps.length);
    const unmeasured: number[] = [];
    for (let at = 0; at < steps.length; at++) {
      if (covered[at] !== 0) continue;
      if (this.#at[steps[at] as number] === 0) untold[at] = 1;
      else unmeasured.push(at);
    }
    const estimates = {
      steps: Int32Array.from(unmeasured, (at) => steps[at] as number),
      seconds: Float64Array.from(unmeasured, (at) => stood[at] as number),
      at: Int32Array.from(unmeasured, (at) => (this.#at[steps[at] as number] as number) - 1),
      rates,
    };
    return { ...series, untold, estimates };
  }
}

function isSum({ temporality }: SeriesTotals): boolean {
  return temporality !== 'gauge';
}

function addTo(sums: Float64Array, steps: Int32Array, values: Float64Array): void {
  for (let at = 0; at < steps.length; at++) {
    const step = steps[at] as number;
    sums[step] = (sums[step] as number) + (values[at] as number);
  }
}

function clear(column: Float64Array, steps: Int32Array): void {
  for (let at = 0; at < steps.length; at++) column[steps[at] as number] = 0;
}
