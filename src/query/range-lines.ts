import { canonicalLabels, type LabelSet, labelValue } from '../model/labels.ts';
import type { SeriesTotals, TotalPoint, TotalsPart } from '../store/profile-store.ts';
import { lengthOf } from './range-steps.ts';

/** What is counted of a series, as a text: all of it (''), `self` or `total` of a function, or what has some pprof labels. */
export type PartKey = string;

/** What one series, or a part of it, adds to each step. */
export interface RangeLine {
  readonly labels: LabelSet;
  readonly part: PartKey;
  readonly points: readonly TotalPoint[];
  /** By point: value·seconds; of sums at the process's own rate while it stood. NaN where it was not measured. */
  readonly values: Float64Array;
}

/** What was measured of a series or a part of it. */
export function lineOf({ labels, part, temporality, points }: SeriesTotals): RangeLine {
  const values = new Float64Array(points.length);
  for (let at = 0; at < values.length; at++) {
    const { value, coveredSeconds, standing } = points[at] as TotalPoint;
    if (temporality === 'gauge') values[at] = Number(value);
    else values[at] = coveredSeconds > 0 ? (Number(value) / coveredSeconds) * lengthOf(standing) : Number.NaN;
  }
  return { labels, part: partKey(part), points, values };
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
