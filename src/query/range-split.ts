import { FlameherdError } from '../model/errors.ts';
import { labelValue } from '../model/labels.ts';
import type { Matcher } from '../model/selector.ts';
import { comparedName } from '../profile/compared-name.ts';
import type { SeriesTotals, TotalsSplit } from '../store/profile-store.ts';
import type { RangeQuestion } from './engine.ts';
import type { GroupLabel } from './range-groups.ts';
import { isNothing } from './range-lines.ts';

/** By what profiles must be split to answer; undefined where their totals do. Throws `bad_parameter` for two splits at once. */
export function splitOf(
  { functionName }: RangeQuestion,
  sampleMatchers: readonly Matcher[],
  labels: readonly GroupLabel[],
): TotalsSplit | undefined {
  const groupBy = labels.flatMap(({ onSamples }) => onSamples ?? []);
  const isByLabels = sampleMatchers.length > 0 || groupBy.length > 0;
  if (functionName === undefined) return isByLabels ? { kind: 'labels', matchers: sampleMatchers, groupBy } : undefined;
  if (isByLabels) throw functionAndLabels([...sampleMatchers.map(({ name }) => name), ...groupBy]);
  // A name as diffs have it, `serve.func`, is that of all closures of `serve`.
  return { kind: 'functions', names: [functionName], isExact: comparedName(functionName) !== functionName };
}

/** The labels to group by that no sample has of which something was counted. */
export function absentLabels(split: TotalsSplit | undefined, totals: readonly SeriesTotals[]): string[] {
  if (split?.kind !== 'labels') return [];
  const found = totals.flatMap((line) => (line.part?.kind === 'labels' && !isNothing(line) ? [line.part.labels] : []));
  return split.groupBy.filter((name) => found.every((labels) => labelValue(labels, name) === ''));
}

function functionAndLabels(names: readonly string[]): FlameherdError {
  const list = [...new Set(names)].join(', ');
  return new FlameherdError('bad_parameter', `function: cannot be answered by labels of samples as well (${list})`, {
    hint: `no series has a label ${list}; select and group by labels of series, or leave function out. merge with format=top selects by both`,
  });
}
