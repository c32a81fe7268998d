import type { StackTrace } from '../model/frame.ts';
import type { ValueColumn } from '../profile/profile.ts';
import { columnOf, pickRows, rowsWithValue, valueAt } from './value-columns.ts';

/** Bounds of what is stored of one profile. What is over a bound folds into `(other)` and is counted; no total changes. */
export interface TrimLimits {
  readonly stacks: number;
  /** Locations of one stack. */
  readonly depth: number;
  /** UTF-16 code units of one name, file or label; longer ones are cut and end in `…`. */
  readonly text: number;
}

export const defaultTrimLimits: TrimLimits = { stacks: 100_000, depth: 1_024, text: 8_192 };

export const otherName = '(other)';

/** The stack that the trimmed samples of a profile become. */
export const otherStack: StackTrace = {
  frames: [
    {
      function: { name: otherName, systemName: otherName, file: '', startLine: 0 },
      line: 0,
      column: 0,
      inlined: false,
      folded: false,
      mapping: undefined,
      address: 0n,
    },
  ],
  labels: [],
};

/** The rows of a profile that are stored, in their order, and what the others add up to. */
export interface KeptRows {
  readonly rows: Int32Array;
  /** By type; undefined when nothing was folded. */
  readonly folded: readonly bigint[] | undefined;
  readonly trimmed: number;
}

/**
 * Chooses the rows to store: those with a value, that `admits` lets pass, and of these the largest ones. A row is as large
 * as its greatest share of any type's sum. `room` holds the rows, and is all zeros before.
 */
export function keepLargest(
  count: number,
  columns: readonly ValueColumn[],
  admits: (row: number) => boolean,
  maxStacks: number,
  room: Int32Array = new Int32Array(count),
): KeptRows {
  const kept = rowsWithValue(count, columns, room);
  const folded: number[] = [];
  let size = 0;
  for (const row of kept) {
    if (admits(row)) kept[size++] = row;
    else folded.push(row);
  }
  let rows = kept.subarray(0, size);
  if (size > maxStacks) {
    const byShare = rows.slice().sort(bySharesOf(columns));
    for (const row of byShare.subarray(maxStacks)) folded.push(row);
    rows = byShare.slice(0, maxStacks).sort();
  }
  return {
    rows,
    folded: folded.length === 0 ? undefined : columns.map((column) => sumOf(column, folded)),
    trimmed: folded.length,
  };
}

/**
 * The kept rows of a column, in `room` where that can be; what was folded is added to the row `otherAt`, which may be one
 * past the last.
 */
export function keptColumn(
  column: ValueColumn,
  { rows, folded }: KeptRows,
  type: number,
  otherAt: number,
  room?: Float64Array,
): ValueColumn {
  const picked = pickRows(column, rows, room);
  if (!folded) return picked;
  const values = Array.from(picked, BigInt);
  values[otherAt] = (values[otherAt] ?? 0n) + (folded[type] ?? 0n);
  return columnOf(values);
}

function sumOf(column: ValueColumn, rows: readonly number[]): bigint {
  let sum = 0n;
  for (const row of rows) sum += valueAt(column, row);
  return sum;
}

/** Largest first. */
function bySharesOf(columns: readonly ValueColumn[]): (a: number, b: number) => number {
  const sizes = columns.map((column) => {
    let sum = 0;
    for (const value of column) sum += Math.abs(Number(value));
    return sum || 1;
  });
  const share = (row: number): number =>
    Math.max(...columns.map((column, type) => Math.abs(Number(column[row])) / (sizes[type] ?? 1)));
  return (a, b) => share(b) - share(a) || a - b;
}
