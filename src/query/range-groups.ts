import { canonicalLabels, type LabelSet, labelValue } from '../model/labels.ts';
import type { SeriesTotals, TotalsSplit } from '../store/profile-store.ts';
import type { LabelNames } from './label-names.ts';
import { LabelKeys, type PartKey, partKey } from './range-lines.ts';
import type { CountedSeries, RangeParts } from './range-points.ts';

/** A line of the answer: the labels that its series and samples share, and what is counted. */
export interface RangeGroup {
  readonly labels: LabelSet;
  readonly counted: CountedSeries;
  /** Of a function: its own part of what is counted. */
  readonly self: CountedSeries | undefined;
}

/** A label to group by: as it was asked for, and its name on samples if it is theirs. */
export interface GroupLabel {
  readonly asked: string;
  readonly onSamples: string | undefined;
}

export function groupLabels(groupBy: readonly string[], names: LabelNames): GroupLabel[] {
  return groupBy.map((asked) => ({ asked, onSamples: names.onSamples(asked) }));
}

/** Groups that have a point, the largest first; equal ones by their labels, so that an answer does not depend on the order of rows in the store. */
export function groupsOf(
  parts: RangeParts,
  totals: readonly SeriesTotals[],
  labels: readonly GroupLabel[],
  split: TotalsSplit | undefined,
): RangeGroup[] {
  const keys = new LabelKeys(labels.flatMap(({ asked, onSamples }) => (onSamples === undefined ? asked : [])));
  const sampleLabels = labelsOfParts(totals);
  const linesOf = Map.groupBy(parts.lines, (line) => keys.of(line.totals.labels));
  const groups: RangeGroup[] = [];
  for (const [key, wholes] of Map.groupBy(parts.wholes, ({ totals }) => keys.of(totals.labels))) {
    if (!wholes.some((whole) => parts.hasPoint(whole))) continue;
    const lines = Map.groupBy(linesOf.get(key) ?? [], ({ part }) => part);
    const countedAs = (part: PartKey): CountedSeries => ({ wholes, lines: lines.get(part) ?? [], part });
    for (const part of partsOf({ wholes, lines: lines.keys(), split })) {
      groups.push({
        labels: labelsOf(labels, wholes[0]?.totals.labels ?? {}, sampleLabels.get(part) ?? {}),
        counted: countedAs(part),
        self: split?.kind === 'functions' ? countedAs('self') : undefined,
      });
    }
  }
  return largestFirst(parts, groups);
}

/** The parts that series with the same labels are shown as. */
function partsOf({
  wholes,
  lines,
  split,
}: Pick<CountedSeries, 'wholes'> & {
  readonly lines: Iterable<PartKey>;
  readonly split: TotalsSplit | undefined;
}): Iterable<PartKey> {
  if (!split) return [partKey(undefined)];
  if (split.kind === 'functions') return ['total'];
  const found = new Set(lines);
  for (const { rates } of wholes) for (const part of rates.keys()) found.add(part);
  // Nothing was counted at all: that is nothing without labels, so that groups are there when the whole is.
  return found.size === 0 && split.matchers.length === 0 ? [partKey({ kind: 'labels', labels: {} })] : found;
}

function labelsOfParts(totals: readonly SeriesTotals[]): Map<PartKey, LabelSet> {
  return new Map(totals.flatMap(({ part }) => (part?.kind === 'labels' ? [[partKey(part), part.labels]] : [])));
}

function labelsOf(labels: readonly GroupLabel[], ofSeries: LabelSet, ofSamples: LabelSet): LabelSet {
  return Object.fromEntries(
    labels
      .map(({ asked, onSamples }): [string, string] => [
        asked,
        onSamples === undefined ? labelValue(ofSeries, asked) : labelValue(ofSamples, onSamples),
      ])
      .filter(([, value]) => value !== ''),
  );
}

function largestFirst(parts: RangeParts, groups: readonly RangeGroup[]): RangeGroup[] {
  return groups
    .map((group) => ({ group, weight: Math.abs(parts.weigh(group.counted)), name: canonicalLabels(group.labels) }))
    .sort((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1))
    .map(({ group }) => group);
}
