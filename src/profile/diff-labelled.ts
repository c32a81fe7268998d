import type { PprofLabel } from '../model/frame.ts';
import { mergedHeader, rowsInto } from './combine.ts';
import { type Ratio, scaledColumn } from './diff-scaled-column.ts';
import type { Profile, ProfileHeader, ValueColumn } from './profile.ts';
import type { StackTable } from './stack-table.ts';
import { StackTableBuilder } from './stack-table-builder.ts';
import { SumColumn } from './sum-column.ts';

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
  const stacks = new StackTableBuilder();
  check();
  const rows = rowsInto(stacks, compare.stacks);
  check();
  const baseRows = rowsInto(stacks, withBaseLabel(base.stacks));
  const values = compare.sampleTypes.map((_, type) => {
    const { times, over } = scale[type] ?? { times: 1n, over: 1n };
    const whole = { times, over: over * BigInt(compare.divisors[type] ?? 1) };
    const baseWhole = { times: 1n, over: BigInt(base.divisors[type] ?? 1) };
    const sum = new SumColumn(stacks.size);
    addTo(sum, scaledColumn(ownRows(compare, type), whole, check), rows, 1);
    addTo(sum, scaledColumn(ownRows(base, type), baseWhole, check), baseRows, -1);
    return sum.finish(stacks.size);
  });
  const header: ProfileHeader = mergedHeader([compare.header, base.header]);
  return { sampleTypes: compare.sampleTypes, stacks, values, divisors: values.map(() => 1), header };
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

function addTo(sum: SumColumn, column: ValueColumn, rows: Int32Array, sign: 1 | -1): void {
  for (let row = 0; row < column.length; row++) {
    const value = column[row] as number | bigint;
    sum.add(rows[row] as number, sign === 1 ? value : -value);
  }
}
