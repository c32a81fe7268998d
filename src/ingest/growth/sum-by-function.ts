import type { ValueColumn } from '../../profile/profile.ts';
import type { BatchColumns } from '../batch-columns.ts';
import type { FunctionColumns } from './observation.ts';

/** The rows of a profile, and the functions that they belong to. */
export interface OwnedRows {
  readonly count: number;
  /** The number of each row's function; 0 where nobody looked. */
  readonly owner: Uint16Array;
  /** Looks for it. */
  readonly find: (row: number) => number;
}

/** Columns that are summed in one pass. */
const width = 4;

/** Sums up to four columns of a profile by the function that each row belongs to. */
export class FunctionSummer {
  /** Four sums for each function, by number; zeros between profiles. */
  readonly #sums: Float64Array;
  /** The functions that have any value, in the order in which they came. */
  readonly #touched: Uint16Array;
  readonly #isTouched: Uint8Array;
  /** In the place of columns that are not there. */
  #zeros = new Float64Array(0);

  /** Numbers of functions are at most `highest`. */
  constructor(highest: number) {
    this.#sums = new Float64Array(width * (highest + 1));
    this.#touched = new Uint16Array(highest + 1);
    this.#isTouched = new Uint8Array(highest + 1);
  }

  /** `scale` is what the values are multiplied by. Sums beyond 2^53 are rounded. */
  sum<Name extends string>(
    rows: OwnedRows,
    columns: Readonly<Record<Name, ValueColumn | undefined>>,
    room: BatchColumns,
    scale = 1,
  ): FunctionColumns<Name> {
    const names = Object.keys(columns) as Name[];
    if (rows.count > this.#zeros.length) this.#zeros = new Float64Array(2 * rows.count);
    const plain = names.map((name) => plainColumn(columns[name]) ?? this.#zeros);
    const touched = names.length === 1 ? this.#addOne(rows, plain) : this.#addAll(rows, plain);
    const numbers = room.ints(touched);
    for (let at = 0; at < touched; at++) numbers[at] = this.#touched[at] as number;
    const summed: Partial<Record<Name, Float64Array | undefined>> = {};
    const totals: Partial<Record<Name, number>> = {};
    for (const [at, name] of names.entries()) {
      const column = columns[name] && room.doubles(touched);
      summed[name] = column;
      totals[name] = column ? this.#read(numbers, at, scale, column) : 0;
    }
    this.#clear(numbers);
    return { numbers, columns: summed as FunctionColumns<Name>['columns'], totals: totals as Record<Name, number> };
  }

  #addOne({ count, owner, find }: OwnedRows, [column]: readonly (Float64Array | undefined)[]): number {
    const values = column ?? this.#zeros;
    const sums = this.#sums;
    const touched = this.#touched;
    const isTouched = this.#isTouched;
    let size = 0;
    for (let row = 0; row < count; row++) {
      const value = values[row] as number;
      if (value === 0) continue;
      const number = (owner[row] as number) || find(row);
      sums[number * width] = (sums[number * width] as number) + value;
      if (isTouched[number] !== 0) continue;
      isTouched[number] = 1;
      touched[size++] = number;
    }
    return size;
  }

  #addAll({ count, owner, find }: OwnedRows, columns: readonly (Float64Array | undefined)[]): number {
    const [first = this.#zeros, second = this.#zeros, third = this.#zeros, fourth = this.#zeros] = columns;
    const sums = this.#sums;
    const touched = this.#touched;
    const isTouched = this.#isTouched;
    let size = 0;
    for (let row = 0; row < count; row++) {
      const a = first[row] as number;
      const b = second[row] as number;
      const c = third[row] as number;
      const d = fourth[row] as number;
      // Most stacks of a heap hold nothing and allocated nothing since.
      if (a === 0 && b === 0 && c === 0 && d === 0) continue;
      const number = (owner[row] as number) || find(row);
      const at = number * width;
      sums[at] = (sums[at] as number) + a;
      sums[at + 1] = (sums[at + 1] as number) + b;
      sums[at + 2] = (sums[at + 2] as number) + c;
      sums[at + 3] = (sums[at + 3] as number) + d;
      if (isTouched[number] !== 0) continue;
      isTouched[number] = 1;
      touched[size++] = number;
    }
    return size;
  }

  #read(numbers: Int32Array, offset: number, scale: number, into: Float64Array): number {
    const sums = this.#sums;
    let total = 0;
    for (let at = 0; at < numbers.length; at++) {
      const value = (sums[(numbers[at] as number) * width + offset] as number) * scale;
      into[at] = value;
      total += value;
    }
    return total;
  }

  #clear(numbers: Int32Array): void {
    const sums = this.#sums;
    const isTouched = this.#isTouched;
    for (let at = 0; at < numbers.length; at++) {
      const number = numbers[at] as number;
      isTouched[number] = 0;
      // Calling fill for four of them takes longer.
      for (let one = number * width; one < (number + 1) * width; one++) sums[one] = 0;
    }
  }
}

function plainColumn(column: ValueColumn | undefined): Float64Array | undefined {
  return column === undefined || column instanceof Float64Array ? column : Float64Array.from(column, Number);
}
