import type { SeriesTotals } from '../store/profile-store.ts';
import { type PartKey, partKey } from './range-lines.ts';
import { lengthOf, type StepGrid } from './range-steps.ts';

/** All of one series: when it was observed, and where the others of its workload tell what it did. */
export interface WholeSeries {
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
  estimate(wholes: readonly SeriesTotals[], counted: readonly SeriesTotals[]): WholeSeries[] {
    const sums = wholes.filter(isSum);
    for (const line of sums) this.#addCovered(line);
    const steps = sums.flatMap((line) => this.#unmeasuredSteps(line));
    for (const [index, step] of steps.entries()) this.#at[step] = index + 1;
    const rates = steps.length === 0 ? new Map() : this.#ratesIn(steps, counted.filter(isSum));
    const found = wholes.map((line) => this.#wholeOf(line, rates));
    for (const step of steps) this.#at[step] = 0;
    for (const line of sums) this.#clear(this.#covered, line);
    return found;
  }

  #addCovered({ points }: SeriesTotals): void {
    for (const { bucketMs, coveredSeconds } of points) {
      const step = this.#grid.at(bucketMs);
      this.#covered[step] = (this.#covered[step] as number) + coveredSeconds;
    }
  }

  /** The steps in which it was not measured and others were, as far as they were not found before. */
  #unmeasuredSteps({ points }: SeriesTotals): number[] {
    const steps: number[] = [];
    for (const { bucketMs, coveredSeconds } of points) {
      const step = this.#grid.at(bucketMs);
      if (coveredSeconds > 0 || this.#covered[step] === 0 || this.#at[step] !== 0) continue;
      this.#at[step] = 1;
      steps.push(step);
    }
    return steps;
  }

  /** A process that has no line of a part did nothing of it: it counts in what rates are divided by. */
  #ratesIn(steps: readonly number[], counted: readonly SeriesTotals[]): Map<PartKey, Float64Array> {
    const rates = new Map<PartKey, Float64Array>();
    for (const [part, lines] of Map.groupBy(counted, (line) => partKey(line.part))) {
      for (const { points } of lines) {
        for (const { bucketMs, value, coveredSeconds } of points) {
          const step = this.#grid.at(bucketMs);
          if (coveredSeconds > 0) this.#sums[step] = (this.#sums[step] as number) + Number(value);
        }
      }
      rates.set(
        part,
        Float64Array.from(steps, (step) => (this.#sums[step] as number) / (this.#covered[step] as number)),
      );
      for (const line of lines) this.#clear(this.#sums, line);
    }
    return rates;
  }

  #wholeOf(totals: SeriesTotals, rates: ReadonlyMap<PartKey, Float64Array>): WholeSeries {
    const { points } = totals;
    if (!isSum(totals) || points.every(({ coveredSeconds }) => coveredSeconds > 0)) {
      return { totals, untold: undefined, estimates: undefined };
    }
    const untold = new Uint8Array(points.length);
    const estimated = points.flatMap(({ bucketMs, coveredSeconds, standing }, index) => {
      const step = this.#grid.at(bucketMs);
      const at = (this.#at[step] as number) - 1;
      if (coveredSeconds > 0) return [];
      if (at < 0) untold[index] = 1;
      return at < 0 ? [] : [{ step, seconds: lengthOf(standing), at }];
    });
    const estimates = {
      steps: Int32Array.from(estimated, ({ step }) => step),
      seconds: Float64Array.from(estimated, ({ seconds }) => seconds),
      at: Int32Array.from(estimated, ({ at }) => at),
      rates,
    };
    return { totals, untold, estimates };
  }

  #clear(column: Float64Array, { points }: SeriesTotals): void {
    for (const { bucketMs } of points) column[this.#grid.at(bucketMs)] = 0;
  }
}

function isSum({ temporality }: SeriesTotals): boolean {
  return temporality !== 'gauge';
}
