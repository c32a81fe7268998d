import type { DecodedProfile } from '../pprof/decoded-profile.ts';
import type { ValueColumn } from '../profile/profile.ts';
import type { ColumnArena } from './column-arena.ts';

/** Below this size every whole number is exact in a float64. */
const exactLimit = 2 ** 53;

/**
 * The values of samples summed by row, one column for each sample type, `rows` long. Exact: a column whose sizes add up
 * beyond 2^53 is summed again in int64, where it wraps as pprof's own sums do. The columns are the arena's.
 */
export function sumColumns(
  profile: DecodedProfile,
  rowOfSample: Int32Array,
  rows: number,
  arena: ColumnArena,
): ValueColumn[] {
  const types = profile.sampleTypes.length;
  const { values, sampleCount } = profile;
  const columns: ValueColumn[] = [];
  for (let type = 0; type < types; type++) {
    const column = arena.take(rows);
    let size = 0;
    for (let sample = 0, at = type; sample < sampleCount; sample++, at += types) {
      const value = values[at] as number;
      const row = rowOfSample[sample] as number;
      column[row] = (column[row] as number) + value;
      size += value < 0 ? -value : value;
    }
    const exact = size <= exactLimit && !profile.bigValues;
    columns.push(exact ? column : narrowed(sumExactly(profile, rowOfSample, rows, type)));
  }
  return columns;
}

function sumExactly(profile: DecodedProfile, rowOfSample: Int32Array, rows: number, type: number): BigInt64Array {
  const types = profile.sampleTypes.length;
  const column = new BigInt64Array(rows);
  for (let sample = 0; sample < profile.sampleCount; sample++) {
    const at = sample * types + type;
    const row = rowOfSample[sample] as number;
    const value = profile.bigValues?.get(at) ?? BigInt(profile.values[at] as number);
    // A BigInt64Array keeps the low 64 bits.
    column[row] = (column[row] as bigint) + value;
  }
  return column;
}

/** The same column in float64 if every value is exact there. */
export function narrowed(column: BigInt64Array): ValueColumn {
  const limit = BigInt(exactLimit);
  for (const value of column) if (value > limit || value < -limit) return column;
  return Float64Array.from(column, Number);
}

/** One value, exact. */
export function valueAt(column: ValueColumn, row: number): bigint {
  const value = column[row] ?? 0;
  return typeof value === 'bigint' ? value : BigInt(value);
}

/** A column from exact values. */
export function columnOf(values: readonly bigint[]): ValueColumn {
  return narrowed(BigInt64Array.from(values));
}

/** The chosen rows, in their order, in a column of their own: in `picked`, as long as `rows`, if these are float64. */
export function pickRows(
  column: ValueColumn,
  rows: Int32Array,
  picked: Float64Array = new Float64Array(rows.length),
): ValueColumn {
  if (column instanceof Float64Array) {
    for (let index = 0; index < rows.length; index++) picked[index] = column[rows[index] as number] as number;
    return picked;
  }
  return narrowed(BigInt64Array.from(rows, (row) => column[row] as bigint));
}

/** The rows below `count` that any column has a value for, in their order. `rows` is where, and all zeros before. */
export function rowsWithValue(
  count: number,
  columns: readonly ValueColumn[],
  rows: Int32Array = new Int32Array(count),
): Int32Array {
  for (const column of columns) {
    if (column instanceof Float64Array) {
      for (let row = 0; row < count; row++) if (column[row] !== 0) rows[row] = 1;
    } else {
      for (let row = 0; row < count; row++) if (column[row] !== 0n) rows[row] = 1;
    }
  }
  // The marks give way to the numbers of the marked rows, which are never ahead of them.
  let size = 0;
  for (let row = 0; row < count; row++) if (rows[row] === 1) rows[size++] = row;
  return rows.subarray(0, size);
}
