import { PairMap } from '../profile/pair-map.ts';
import type { ValueColumn } from '../profile/profile.ts';
import type { StoredIncreases } from '../store/profile-store.ts';
import type { Checkpoint } from '../store/state-store.ts';
import type { ColumnArena } from './column-arena.ts';
import type { CounterBuffers } from './counter-buffers.ts';
import type { ResolvedProfile } from './resolver.ts';
import { columnOf, pickRows, rowsWithValue, valueAt } from './value-columns.ts';

/**
 * The running totals of one series by stack: one row for each stack with a value, one column for each type. Never changed
 * while anybody looks at them.
 */
export interface Counters {
  readonly types: readonly string[];
  readonly high: Int32Array;
  readonly low: Int32Array;
  readonly values: readonly ValueColumn[];
  /** There were more stacks than may be held: one that is not among these is not new, but unknown. */
  readonly capped: boolean;
  /** Where the columns lie, if in one of the buffers that go round. */
  readonly buffer: ArrayBuffer | undefined;
}

export function noCounters(types: readonly string[]): Counters {
  return {
    types,
    high: new Int32Array(0),
    low: new Int32Array(0),
    values: types.map(() => new Float64Array(0)),
    capped: false,
    buffer: undefined,
  };
}

/** What new counters are made of. */
export interface CounterRoom {
  readonly maxStacks: number;
  readonly arena: ColumnArena;
  readonly buffers: CounterBuffers;
}

/** What `columns` of a profile add to what was counted before, in columns of the arena; undefined when a stack fell or vanished. */
export function increaseOver(
  before: Counters,
  profile: ResolvedProfile,
  columns: readonly ValueColumn[],
  arena: ColumnArena,
): ValueColumn[] | undefined {
  const { high, low, capped } = before;
  const rows = arena.takeInts(high.length);
  for (let slot = 0; slot < rows.length; slot++) {
    rows[slot] = profile.rowOf(high[slot] as number, low[slot] as number);
    // Every held stack has a value, so one that vanished fell to 0.
    if ((rows[slot] as number) < 0) return undefined;
  }
  const increases: ValueColumn[] = [];
  for (const [index, now] of columns.entries()) {
    const then = before.values[index] ?? new Float64Array(rows.length);
    const increase =
      now instanceof Float64Array && then instanceof Float64Array
        ? fastIncrease(now, then, rows, arena)
        : exactIncrease(now, then, rows);
    if (!increase) return undefined;
    increases.push(increase);
  }
  return capped ? increases.map((column) => onlyRows(column, rows)) : increases;
}

function fastIncrease(
  now: Float64Array,
  then: Float64Array,
  rows: Int32Array,
  arena: ColumnArena,
): Float64Array | undefined {
  const increase = arena.take(now.length);
  increase.set(now);
  for (let slot = 0; slot < rows.length; slot++) {
    const row = rows[slot] as number;
    const rise = (now[row] as number) - (then[slot] as number);
    if (rise < 0) return undefined;
    increase[row] = rise;
  }
  return increase;
}

function exactIncrease(now: ValueColumn, then: ValueColumn, rows: Int32Array): ValueColumn | undefined {
  const increase = Array.from(now, BigInt);
  for (const [slot, row] of rows.entries()) {
    const rise = valueAt(now, row) - valueAt(then, slot);
    if (rise < 0n) return undefined;
    increase[row] = rise;
  }
  return columnOf(increase);
}

function onlyRows(column: ValueColumn, rows: Int32Array): ValueColumn {
  const kept = column.slice().fill(0 as never);
  for (const row of rows) kept[row] = column[row] as never;
  return kept;
}

/** What a column was before these increases. */
export function reducedBy(column: ValueColumn, increase: ValueColumn): ValueColumn {
  return columnOf(Array.from({ length: column.length }, (_, row) => valueAt(column, row) - valueAt(increase, row)));
}

/** Increases of rows, summed by the row that each becomes. */
export function summedInto(rows: number, rowOf: Int32Array, increase: ValueColumn): ValueColumn {
  const sums = Array.from({ length: rows }, () => 0n);
  for (const [from, to] of rowOf.entries()) sums[to] = (sums[to] ?? 0n) + valueAt(increase, from);
  return columnOf(sums);
}

/** The counters as of a profile, in a buffer of `buffers`. Over `maxStacks`, the stacks that were held before stay. */
export function countersOf(
  types: readonly string[],
  profile: ResolvedProfile,
  columns: readonly ValueColumn[],
  before: Counters | undefined,
  { maxStacks, arena, buffers }: CounterRoom,
): Counters {
  const rows = rowsWithValue(profile.count, columns, arena.takeInts(profile.count));
  const capped = rows.length > maxStacks || (before?.capped ?? false);
  const kept = rows.length > maxStacks ? firstHeld(rows, profile, before, maxStacks) : rows;
  const size = kept.length;
  const buffer = buffers.take(8 * size * (columns.length + 1));
  const values = columns.map((column, at) => pickRows(column, kept, new Float64Array(buffer, 8 * size * at, size)));
  const high = new Int32Array(buffer, 8 * size * columns.length, size);
  const low = new Int32Array(buffer, 8 * size * columns.length + 4 * size, size);
  for (let slot = 0; slot < size; slot++) {
    const row = kept[slot] as number;
    high[slot] = profile.high[row] as number;
    low[slot] = profile.low[row] as number;
  }
  return { types, high, low, values, capped, buffer };
}

function firstHeld(rows: Int32Array, profile: ResolvedProfile, before: Counters | undefined, max: number): Int32Array {
  const held = new Set<number>();
  for (let slot = 0; slot < (before?.high.length ?? 0); slot++) {
    held.add(profile.rowOf(before?.high[slot] ?? 0, before?.low[slot] ?? 0));
  }
  const first = [...rows.filter((row) => held.has(row)), ...rows.filter((row) => !held.has(row))];
  return Int32Array.from(first.slice(0, max));
}

/** A checkpoint's values plus what was stored since. Types that the checkpoint does not name are left out. */
export function addIncreases(
  { types, hashHigh, hashLow, values }: Pick<Checkpoint, 'types' | 'hashHigh' | 'hashLow' | 'values'>,
  since: StoredIncreases,
  maxStacks: number,
): Counters {
  const slots = new PairMap();
  slots.reset(hashHigh.length + since.hashHigh.length);
  const high: number[] = [];
  const low: number[] = [];
  const sums: bigint[][] = types.map(() => []);
  const add = (a: number, b: number, valueOf: (type: number) => bigint): void => {
    let slot = slots.get(a, b);
    if (slot < 0) {
      slot = high.push(a) - 1;
      low.push(b);
      slots.set(a, b, slot);
    }
    for (const [type, column] of sums.entries()) column[slot] = (column[slot] ?? 0n) + valueOf(type);
  };
  for (const [slot, a] of hashHigh.entries()) {
    add(a, hashLow[slot] ?? 0, (type) => valueAt(values[type] ?? new Float64Array(0), slot));
  }
  const sources = types.map((name) => since.values[since.types.findIndex(({ type }) => type === name)]);
  for (const [slot, a] of since.hashHigh.entries()) {
    add(a, since.hashLow[slot] ?? 0, (type) => valueAt(sources[type] ?? new Float64Array(0), slot));
  }
  const used = high.map((_, slot) => slot).filter((slot) => sums.some((column) => column[slot] !== 0n));
  const kept = used.slice(0, maxStacks);
  return {
    types,
    high: Int32Array.from(kept, (slot) => high[slot] ?? 0),
    low: Int32Array.from(kept, (slot) => low[slot] ?? 0),
    values: sums.map((column) => columnOf(kept.map((slot) => column[slot] ?? 0n))),
    capped: used.length >= maxStacks,
    buffer: undefined,
  };
}
