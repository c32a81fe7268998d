import { labelValue } from '../model/labels.ts';
import type { SeriesTotals } from '../store/profile-store.ts';
import type { PartKey, RangeLine } from './range-lines.ts';

/** In `told`: the point was measured; and nothing tells what the process did. */
export const [measured, untold] = [-1, -2];

/** All of one series: when it was observed, and where the others of its workload tell what it did. */
export interface WholeSeries extends RangeLine {
  /** By point, where it is in the columns of `rates`, or `measured` or `untold`; undefined where all was measured. */
  readonly told: Int32Array | undefined;
  /** What a process of its workload did per second where this one stood and was not measured, by part. */
  readonly rates: ReadonlyMap<PartKey, Float64Array>;
}

const noRates: ReadonlyMap<PartKey, Float64Array> = new Map();

/**
 * The series of one workload, and what is counted of them. A process that was not measured in a step is taken to do what others
 * of its revision did, as two revisions are what people compare; where none of those was measured, others of the workload tell.
 */
export function estimateWorkload(
  rates: WorkloadRates,
  wholes: readonly RangeLine[],
  counted: readonly RangeLine[],
): WholeSeries[] {
  const ofWorkload = rates.estimate(wholes, counted);
  const revisions = Map.groupBy(wholes, revisionOf);
  if (revisions.size < 2 || ofWorkload.every(({ told }) => told === undefined)) return ofWorkload;
  const countedOf = Map.groupBy(counted, revisionOf);
  const steps = columnsOf(ofWorkload);
  const nearer = new Map<SeriesTotals, WholeSeries>();
  for (const [revision, series] of revisions) {
    const own = rates.estimate(series, countedOf.get(revision) ?? []);
    const joined = joinedRates(ofWorkload, steps, own);
    for (const whole of own) nearer.set(whole.totals, { ...whole, rates: joined });
  }
  return ofWorkload.map((whole) => {
    const near = nearer.get(whole.totals);
    if (!near?.told || !whole.told) return whole;
    const told = near.told.map((by, at) => (by >= 0 ? steps + by : (whole.told?.[at] ?? untold)));
    return { ...near, told };
  });
}

/** Columns of the workload, then those of one revision: of a part that it has no line of, it did nothing. */
function joinedRates(
  ofWorkload: readonly WholeSeries[],
  steps: number,
  ofRevision: readonly WholeSeries[],
): ReadonlyMap<PartKey, Float64Array> {
  const all = ofWorkload.find(({ told }) => told !== undefined)?.rates ?? noRates;
  const own = ofRevision.find(({ told }) => told !== undefined)?.rates ?? noRates;
  const joined = new Map<PartKey, Float64Array>();
  for (const [part, rate] of all) {
    const column = new Float64Array(steps + columnsOf(ofRevision));
    column.set(rate);
    column.set(own.get(part) ?? [], steps);
    joined.set(part, column);
  }
  return joined;
}

/** How many columns the rates of these series have that are read. */
function columnsOf(wholes: readonly WholeSeries[]): number {
  let columns = 0;
  for (const { told } of wholes) for (const by of told ?? []) columns = Math.max(columns, by + 1);
  return columns;
}

function revisionOf({ totals }: RangeLine): string {
  return labelValue(totals.labels, 'revision');
}

/**
 * What processes that were not measured in a step are taken to have done in it (DESIGN §6, "Rates"): per second what the
 * measured ones of their workload did, part by part. Its columns by step are used for one workload after the other.
 */
export class WorkloadRates {
  readonly #sums: Float64Array;
  readonly #covered: Float64Array;
  /** One more than where a step is in the columns of the workload's rates; 0 where it is not. */
  readonly #at: Int32Array;

  constructor(steps: number) {
    this.#sums = new Float64Array(steps);
    this.#covered = new Float64Array(steps);
    this.#at = new Int32Array(steps);
  }

  /** The series of one workload, and what is counted of them: the series themselves or parts. */
  estimate(wholes: readonly RangeLine[], counted: readonly RangeLine[]): WholeSeries[] {
    const sums = wholes.filter(isSum);
    for (const { steps, covered } of sums) addTo(this.#covered, steps, covered);
    const steps: number[] = [];
    for (const series of sums) this.#noteUnmeasured(series, steps);
    const rates = steps.length === 0 ? noRates : this.#ratesIn(steps, counted.filter(isSum));
    const found = wholes.map((series) => this.#wholeOf(series, rates));
    for (const step of steps) this.#at[step] = 0;
    for (const { steps: own } of sums) clear(this.#covered, own);
    return found;
  }

  /** Adds the steps in which it was not measured and others were, as far as they are not there yet. */
  #noteUnmeasured({ steps, covered }: RangeLine, found: number[]): void {
    for (let at = 0; at < steps.length; at++) {
      const step = steps[at] as number;
      if (covered[at] !== 0 || this.#covered[step] === 0 || this.#at[step] !== 0) continue;
      found.push(step);
      this.#at[step] = found.length;
    }
  }

  /** A process that has no line of a part did nothing of it: it counts in what rates are divided by. */
  #ratesIn(steps: readonly number[], counted: readonly RangeLine[]): Map<PartKey, Float64Array> {
    const rates = new Map<PartKey, Float64Array>();
    for (const [part, lines] of Map.groupBy(counted, (line) => line.part)) {
      for (const line of lines) this.#addMeasured(line);
      const rate = new Float64Array(steps.length);
      for (let at = 0; at < steps.length; at++) {
        const step = steps[at] as number;
        rate[at] = (this.#sums[step] as number) / (this.#covered[step] as number);
        this.#sums[step] = 0;
      }
      rates.set(part, rate);
    }
    return rates;
  }

  /** Only steps in which some process was not measured are of use. */
  #addMeasured({ steps, amounts, covered }: RangeLine): void {
    for (let at = 0; at < steps.length; at++) {
      const step = steps[at] as number;
      if (covered[at] === 0 || this.#at[step] === 0) continue;
      this.#sums[step] = (this.#sums[step] as number) + (amounts[at] as number);
    }
  }

  #wholeOf(series: RangeLine, rates: ReadonlyMap<PartKey, Float64Array>): WholeSeries {
    const { steps, covered } = series;
    if (!isSum(series) || !covered.includes(0)) return { ...series, told: undefined, rates: noRates };
    const told = new Int32Array(steps.length);
    for (let at = 0; at < steps.length; at++) {
      const by = this.#at[steps[at] as number] as number;
      if (covered[at] !== 0) told[at] = measured;
      else told[at] = by === 0 ? untold : by - 1;
    }
    return { ...series, told, rates };
  }
}

function isSum({ totals }: { readonly totals: SeriesTotals }): boolean {
  return totals.temporality !== 'gauge';
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
