import { FlameherdError } from '../model/errors.ts';
import type { ValueColumn } from './profile.ts';

const exact = 2 ** 53;
const int64Max = 2n ** 63n - 1n;
const int64Min = -(2n ** 63n);

/**
 * A column of exact sums by row. It counts in doubles, which is exact below 2^53, and changes to 64-bit integers when one
 * sum gets there. A sum beyond int64 is `bad_profile`: pprof could not carry it, and a wrapped one would be a lie.
 */
export class SumColumn {
  #doubles: Float64Array;
  #integers: BigInt64Array | undefined;

  /** `rows` is how many to make room for; the column grows by itself. */
  constructor(rows: number) {
    this.#doubles = new Float64Array(Math.max(rows, 16));
  }

  /** Adds a whole number; one beyond 2^53 must be a bigint. */
  add(row: number, value: number | bigint): void {
    if (row >= this.#length) this.#grow(row + 1);
    if (this.#integers === undefined) {
      const sum = (this.#doubles[row] as number) + Number(value);
      // A value or sum that was rounded is 2^53 at least.
      if (sum < exact && sum > -exact && Math.abs(Number(value)) < exact) {
        this.#doubles[row] = sum;
        return;
      }
    }
    this.#addInteger(row, BigInt(value));
  }

  /** The column with this many rows. It must not be added to afterwards. */
  finish(rows: number): ValueColumn {
    if (rows > this.#length) this.#grow(rows);
    return this.#integers ? this.#integers.subarray(0, rows) : this.#doubles.subarray(0, rows);
  }

  get #length(): number {
    return (this.#integers ?? this.#doubles).length;
  }

  #addInteger(row: number, value: bigint): void {
    this.#integers ??= BigInt64Array.from(this.#doubles, BigInt);
    const sum = (this.#integers[row] ?? 0n) + value;
    if (sum > int64Max || sum < int64Min) {
      throw new FlameherdError('bad_profile', `the values of one stack add up to ${sum}, which is beyond int64`, {
        hint: 'ask for a shorter window, or check what the program writes as values',
      });
    }
    this.#integers[row] = sum;
  }

  #grow(need: number): void {
    let length = this.#length * 2;
    while (length < need) length *= 2;
    if (this.#integers) {
      const longer = new BigInt64Array(length);
      longer.set(this.#integers);
      this.#integers = longer;
    } else {
      const longer = new Float64Array(length);
      longer.set(this.#doubles);
      this.#doubles = longer;
    }
  }
}
