import type { PprofLabel } from '../model/frame.ts';
import { diffProfiles } from './diff.ts';
import { type Ratio, scaledColumn } from './diff-scaled-column.ts';
import type { Profile, ValueColumn } from './profile.ts';
import type { StackTable } from './stack-table.ts';

/** The label of the samples of the base, by which `go tool pprof` knows them (google/pprof, `Sample.DiffBaseSample`). */
export const baseLabel = { key: 'pprof::base', text: 'true' } as const;

export interface LabelledDiffOptions {
  /** By sample type of both: what the compared side is multiplied by. */
  readonly scale: readonly Ratio[];
  readonly check: () => void;
}

/**
 * Both sides in one profile as `go tool pprof -diff_base` makes it: the samples of the compared side, and those of the base
 * negative and labelled. Values are whole; averages and what is scaled are rounded by largest remainder on each side, so that
 * the total of each is right to 1. Sample types, and their order, must be the same. The header is that of a merge of both.
 */
export function labelledDiff(compare: Profile, base: Profile, { scale, check }: LabelledDiffOptions): Profile {
  const labelled = { ...base, stacks: withBaseLabel(base.stacks) };
  return diffProfiles(inWholes(labelled, [], check), inWholes(compare, scale, check), check);
}

/** Every column in whole numbers, multiplied by its ratio; by 1 where there is none. */
function inWholes(profile: Profile, scale: readonly Ratio[], check: () => void): Profile {
  const values = profile.sampleTypes.map((_, type) => {
    const { times, over } = scale[type] ?? { times: 1n, over: 1n };
    return scaledColumn(ownRows(profile, type), { times, over: over * BigInt(profile.divisors[type] ?? 1) }, check);
  });
  return { ...profile, values, divisors: values.map(() => 1) };
}

/** The same rows; the label stands in place of any other of its key. */
function withBaseLabel(stacks: StackTable): StackTable {
  const { tree, size, leaf, labelSet } = stacks;
  const labelSets = stacks.labelSets.map((labels): readonly PprofLabel[] => [
    ...labels.filter(({ key }) => key !== baseLabel.key),
    baseLabel,
  ]);
  return { tree, size, leaf, labelSet, labelSets, stack: (row) => stacks.stack(row) };
}

/** Columns of a growing table may be longer than it. */
function ownRows({ values, stacks }: Profile, type: number): ValueColumn {
  const column = values[type] ?? new Float64Array();
  return column.length > stacks.size ? column.subarray(0, stacks.size) : column;
}
