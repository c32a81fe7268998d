import { canonicalLabels, type LabelSet, labelValue } from '../model/labels.ts';
import type { SeriesTotals, TotalPoint, TotalsPart } from '../store/profile-store.ts';
import { lengthOf, type StepGrid } from './range-steps.ts';

/** What is counted of a series, as a text: all of it (''), `self` or `total` of a function, or what has some pprof labels. */
export type PartKey = string;

/** A series, or a part of it, with its points in columns. */
export interface RangeLine {
  readonly totals: SeriesTotals;
  readonly part: PartKey;
  readonly steps: Int32Array;
  readonly amounts: Float64Array;
  /** The seconds that were measured, and those in which the process stood. */
  readonly covered: Float64Array;
  readonly stood: Float64Array;
  /** What it adds to the step: value·seconds; of sums at the process's own rate while it stood. 0 where it was not measured. */
  readonly values: Float64Array;
}

/** All are parts of the same columns: to allocate some for each series would take longer than to fill them. */
export function linesOf(totals: readonly SeriesTotals[], grid: StepGrid): RangeLine[] {
  const size = totals.reduce((sum, { points }) => sum + points.length, 0);
  const steps = new Int32Array(size);
  const [amounts, covered, stood, values] = [size, size, size, size].map((length) => new Float64Array(length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  let to = 0;
  return totals.map((series) => {
    const from = to;
    to += series.points.length;
    const line = {
      totals: series,
      part: partKey(series.part),
      steps: steps.subarray(from, to),
      amounts: amounts.subarray(from, to),
      covered: covered.subarray(from, to),
      stood: stood.subarray(from, to),
      values: values.subarray(from, to),
    };
    fill(line, grid);
    return line;
  });
}

function fill({ totals: { points, temporality }, steps, amounts, covered, stood, values }: RangeLine, grid: StepGrid) {
  const isGauge = temporality === 'gauge';
  for (let at = 0; at < points.length; at++) {
    const { bucketMs, value, coveredSeconds, standing } = points[at] as TotalPoint;
    const amount = Number(value);
    const seconds = lengthOf(standing);
    steps[at] = grid.at(bucketMs);
    amounts[at] = amount;
    covered[at] = coveredSeconds;
    stood[at] = seconds;
    if (isGauge) values[at] = amount;
    else if (coveredSeconds !== 0) values[at] = (amount / coveredSeconds) * seconds;
  }
}

export function partKey(part: TotalsPart | undefined): PartKey {
  if (part === undefined) return '';
  return part.kind === 'function' ? part.of : canonicalLabels(part.labels);
}

/** Nothing was counted of it in the whole window: a store may as well have left it out. */
export function isNothing({ points }: SeriesTotals): boolean {
  return points.every(({ value }) => value === 0n);
}

/** The values that label sets have of some labels, as one text. Series share label sets with their parts: each is read once. */
export class LabelKeys {
  readonly #names: readonly string[];
  readonly #known = new Map<LabelSet, string>();

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  of(labels: LabelSet): string {
    const known = this.#known.get(labels);
    if (known !== undefined) return known;
    const key = JSON.stringify(this.#names.map((name) => labelValue(labels, name)));
    this.#known.set(labels, key);
    return key;
  }
}
