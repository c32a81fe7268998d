import { FlameherdError } from '../model/errors.ts';
import { sameType, type ValueType } from '../model/profile-type.ts';
import type { Profile, ProfileHeader, ValueColumn } from './profile.ts';
import type { StackTable } from './stack-table.ts';
import { StackTableBuilder } from './stack-table-builder.ts';
import { SumColumn } from './sum-column.ts';

/** A profile and how often it counts: 1 adds it, -1 takes it away. */
export interface Part {
  readonly profile: Profile;
  readonly times: 1 | -1;
}

/** Nodes or rows between two checks. */
const checkedRows = 4096;

/**
 * The sum of profiles, row by row, exact. Sample types are those that all parts have, in the order of the first; parts
 * without any in common are `bad_query`. Columns with different divisors are brought to their least common multiple.
 */
export function combine(parts: readonly Part[], header: ProfileHeader, check: () => void = () => {}): Profile {
  const sampleTypes = commonTypes(parts.map(({ profile }) => profile));
  const stacks = new StackTableBuilder();
  const rows = parts.map(({ profile }) => rowsInto(stacks, profile.stacks, check));
  const divisors: number[] = [];
  const values = sampleTypes.map((type) => {
    const columns = parts.map(({ profile, times }, i) => ({
      ...columnOf(profile, type),
      times,
      rows: rows[i] as Int32Array,
    }));
    const divisor = columns.reduce((common, column) => leastCommonMultiple(common, column.divisor), 1);
    divisors.push(divisor);
    const sum = new SumColumn(stacks.size);
    for (const { column, times, rows: rowOf, divisor: own } of columns)
      addColumn(sum, column, rowOf, (times * divisor) / own, check);
    return sum.finish(stacks.size);
  });
  return { sampleTypes, stacks, values, divisors, header };
}

/**
 * The header of a merge, as google/pprof makes it: the longest period, the earliest time that is known, the sum of the
 * durations, comments once each, and the first of everything else.
 */
export function mergedHeader(headers: readonly ProfileHeader[]): ProfileHeader {
  const times = headers.map(({ timeNanos }) => timeNanos).filter((time) => time !== 0n);
  return {
    timeNanos: times.reduce((earliest, time) => (time < earliest ? time : earliest), times[0] ?? 0n),
    durationNanos: headers.reduce((sum, { durationNanos }) => sum + durationNanos, 0n),
    periodType: headers.find(({ periodType }) => periodType)?.periodType,
    period: headers.reduce((longest, { period }) => (period > longest ? period : longest), headers[0]?.period ?? 0n),
    defaultSampleType: headers.find(({ defaultSampleType }) => defaultSampleType)?.defaultSampleType ?? '',
    dropFrames: headers.find(({ dropFrames }) => dropFrames)?.dropFrames ?? '',
    keepFrames: headers.find(({ keepFrames }) => keepFrames)?.keepFrames ?? '',
    docUrl: headers.find(({ docUrl }) => docUrl)?.docUrl ?? '',
    comments: [...new Set(headers.flatMap(({ comments }) => comments))],
  };
}

function commonTypes(profiles: readonly Profile[]): readonly ValueType[] {
  const [first, ...rest] = profiles.map(({ sampleTypes }) => sampleTypes);
  const common = (first ?? []).filter((type) => rest.every((types) => types.some((other) => sameType(type, other))));
  if (common.length === 0 && first && first.length > 0) {
    const lists = profiles.map(({ sampleTypes }) => sampleTypes.map(({ type, unit }) => `${type}/${unit}`).join(', '));
    throw new FlameherdError(
      'bad_query',
      `profiles without a sample type in common: ${[...new Set(lists)].join('; ')}`,
      {
        hint: 'bring together profiles of one kind only',
      },
    );
  }
  return common;
}

function columnOf(profile: Profile, type: ValueType): { column: ValueColumn; divisor: number } {
  const at = profile.sampleTypes.findIndex((own) => sameType(own, type));
  return { column: profile.values[at] ?? new Float64Array(), divisor: profile.divisors[at] ?? 1 };
}

/** The rows of one table in another: `answer[row]` is the same stack and labels there. */
function rowsInto(target: StackTableBuilder, source: StackTable, check: () => void): Int32Array {
  const { tree } = source;
  const frames = Int32Array.from({ length: tree.frameCount }, (_, id) =>
    id === 0 ? 0 : target.tree.frameId(tree.frameAt(id)),
  );
  // A parent's number is below its children's, so one pass finds every parent's node before it is needed.
  const nodes = new Int32Array(tree.size);
  for (let node = 1; node < tree.size; node++) {
    if (node % checkedRows === 0) check();
    nodes[node] = target.tree.node(
      nodes[tree.parent[node] as number] as number,
      frames[tree.frame[node] as number] as number,
    );
  }
  const labelSets = source.labelSets.map((labels) => target.labelSetId(labels));
  const rows = new Int32Array(source.size);
  for (let row = 0; row < source.size; row++) {
    if (row % checkedRows === 0) check();
    rows[row] = target.row(nodes[source.leaf[row] as number] as number, labelSets[source.labelSet[row] as number] ?? 0);
  }
  return rows;
}

/** Columns may be shorter than the table (rows past the end are 0) or, in a growing table, longer. */
function addColumn(sum: SumColumn, column: ValueColumn, rows: Int32Array, factor: number, check: () => void): void {
  const count = Math.min(column.length, rows.length);
  if (column instanceof Float64Array && Math.abs(factor) === 1) {
    for (let row = 0; row < count; row++) {
      if (row % checkedRows === 0) check();
      sum.add(rows[row] as number, factor * (column[row] as number));
    }
    return;
  }
  const exactFactor = BigInt(factor);
  for (let row = 0; row < count; row++) {
    if (row % checkedRows === 0) check();
    sum.add(rows[row] as number, exactFactor * BigInt(column[row] as number | bigint));
  }
}

function leastCommonMultiple(a: number, b: number): number {
  let x = a;
  let y = b;
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
