import type { ValueColumn } from '../../profile/profile.ts';
import type { BatchColumns } from '../batch-columns.ts';
import type { FunctionColumns } from './observation.ts';

/** Sums columns of a profile by the function that each row belongs to, in one pass. */
export class FunctionSummer {
  /** The sums by number of function, a block for each column; zeros between profiles. */
  #sums = new Float64Array(0);
  #stride = 0;
  #touched = new Uint16Array(0);
  #isTouched = new Uint8Array(0);

  /**
   * `owners` and `stack` as `StackOwners` and `ResolvedProfile` have them, `functions` one more than the highest number. `scale` is
   * what the values are multiplied by. Sums beyond 2^53 are rounded.
   */
  sum<Name extends string>(
    rows: {
      readonly count: number;
      readonly stack: Int32Array;
      readonly owners: Uint16Array;
      readonly functions: number;
    },
    columns: Readonly<Record<Name, ValueColumn | undefined>>,
    room: BatchColumns,
    scale = 1,
  ): FunctionColumns<Name> {
    const names = Object.keys(columns) as Name[];
    const present = names.filter((name) => columns[name] !== undefined);
    this.#makeRoom(rows.functions, present.length);
    let touched = 0;
    for (const [at, name] of present.entries()) touched = this.#add(rows, plain(columns[name]), at, touched);
    const numbers = room.ints(touched);
    numbers.set(this.#touched.subarray(0, touched));
    const summed: Partial<Record<Name, Float64Array>> = {};
    const totals: Partial<Record<Name, number>> = {};
    for (const name of names) totals[name] = 0;
    for (const [at, name] of present.entries()) {
      const [column, total] = this.#take(numbers, at, room.doubles(touched), scale);
      summed[name] = column;
      totals[name] = total;
    }
    for (const number of numbers) this.#isTouched[number] = 0;
    return { numbers, columns: summed as FunctionColumns<Name>['columns'], totals: totals as Record<Name, number> };
  }

  #makeRoom(functions: number, columns: number): void {
    if (functions > this.#stride) {
      this.#stride = 2 * functions;
      this.#touched = new Uint16Array(this.#stride);
      this.#isTouched = new Uint8Array(this.#stride);
      this.#sums = new Float64Array(0);
    }
    if (this.#sums.length < columns * this.#stride) this.#sums = new Float64Array(columns * this.#stride);
  }

  #add(
    { count, stack, owners }: { readonly count: number; readonly stack: Int32Array; readonly owners: Uint16Array },
    values: Float64Array,
    at: number,
    touchedBefore: number,
  ): number {
    const sums = this.#sums;
    const touched = this.#touched;
    const isTouched = this.#isTouched;
    const base = at * this.#stride;
    let size = touchedBefore;
    for (let row = 0; row < count; row++) {
      const value = values[row] as number;
      if (value === 0) continue;
      const number = owners[(stack[row] as number) >> 2] as number;
      sums[base + number] = (sums[base + number] as number) + value;
      if (isTouched[number] !== 0) continue;
      isTouched[number] = 1;
      touched[size++] = number;
    }
    return size;
  }

  /** Leaves zeros behind. */
  #take(numbers: Int32Array, at: number, into: Float64Array, scale: number): [Float64Array, number] {
    const base = at * this.#stride;
    let total = 0;
    for (let index = 0; index < numbers.length; index++) {
      const number = numbers[index] as number;
      const value = (this.#sums[base + number] as number) * scale;
      this.#sums[base + number] = 0;
      into[index] = value;
      total += value;
    }
    return [into, total];
  }
}

function plain(column: ValueColumn | undefined): Float64Array {
  return column instanceof Float64Array ? column : Float64Array.from(column ?? [], Number);
}
