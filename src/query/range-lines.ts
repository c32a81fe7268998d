import { canonicalLabels, type LabelSet, labelValue } from '../model/labels.ts';
import type { SeriesTotals, TotalPoint, TotalsPart } from '../store/profile-store.ts';
import { lengthOf, type StepGrid } from './range-steps.ts';

/** What is counted of a series, as a text: all of it (''), `self` or `total` of a function, or what has some pprof labels. */
export type PartKey = string;

/** What one series, or a part of it, adds to each step. */
export interface RangeLine {
  readonly labels: LabelSet;
  readonly part: PartKey;
  /** By point, its step. */
  readonly steps: Int32Array;
  /** By point: value·seconds; of sums at the process's own rate while it stood. 0 where it was not measured. */
  readonly values: Float64Array;
}

/** The points of a series: their steps, and the seconds that were measured and in which the process stood. */
export interface PointColumns {
  readonly steps: Int32Array;
  readonly covered: Float64Array;
  readonly stood: Float64Array;
}

export function columnsOf({ points }: SeriesTotals, grid: StepGrid): PointColumns {
  const steps = new Int32Array(points.length);
  const covered = new Float64Array(points.length);
  const stood = new Float64Array(points.length);
  for (let at = 0; at < steps.length; at++) {
    const { bucketMs, coveredSeconds, standing } = points[at] as TotalPoint;
    steps[at] = grid.at(bucketMs);
    covered[at] = coveredSeconds;
    stood[at] = lengthOf(standing);
  }
  return { steps, covered, stood };
}

/** What was measured of a series or a part of it. */
export function lineOf(
  { labels, part, temporality, points }: SeriesTotals,
  { steps, covered, stood }: PointColumns,
): RangeLine {
  const values = new Float64Array(points.length);
  const isGauge = temporality === 'gauge';
  for (let at = 0; at < values.length; at++) {
    const value = Number((points[at] as TotalPoint).value);
    if (isGauge) values[at] = value;
    else if (covered[at] !== 0) values[at] = (value / (covered[at] as number)) * (stood[at] as number);
  }
  return { labels, part: partKey(part), steps, values };
}

export function partKey(part: TotalsPart | undefined): PartKey {
  if (part === undefined) return '';
  return part.kind === 'function' ? part.of : canonicalLabels(part.labels);
}

/** Nothing was counted of it in the whole window: a store may as well have left it out. */
export function isNothing({ points }: SeriesTotals): boolean {
  return points.every(({ value }) => value === 0n);
}

/** One text for the values that label sets have of some labels. */
export function labelsKey(labels: LabelSet, names: readonly string[]): string {
  return JSON.stringify(names.map((name) => labelValue(labels, name)));
}
