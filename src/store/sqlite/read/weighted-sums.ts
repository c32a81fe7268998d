import type { ValueColumn } from '../../../profile/profile.ts';

const largestInt64 = 2n ** 63n - 1n;

/**
 * Exact sums by stack id. Sums are held as doubles while they cannot pass 2^53, which is known from the totals of what
 * was added; before they could, they are moved over to bigints and start again from 0.
 */
export class WeightedSums {
  #low: Float64Array;
  #high: bigint[] | undefined;
  #room = Number.MAX_SAFE_INTEGER;

  constructor(size: number) {
    this.#low = new Float64Array(size);
  }

  /** Adds `values[i] * weight` to the sum of `ids[i]`. No value is negative, and `total` is at least their sum. */
  addPlain(ids: Int32Array, values: Float64Array, count: number, weight: number, total: number): void {
    const bound = total * weight;
    if (bound > this.#room) this.#spill();
    if (bound > this.#room) {
      for (let i = 0; i < count; i++) this.#addWide(ids[i] ?? 0, BigInt(values[i] ?? 0) * BigInt(weight));
      return;
    }
    this.#room -= bound;
    const low = this.#low;
    if (weight === 1) for (let i = 0; i < count; i++) add(low, ids[i] ?? 0, values[i] ?? 0);
    else for (let i = 0; i < count; i++) add(low, ids[i] ?? 0, (values[i] ?? 0) * weight);
  }

  addSigned(ids: Int32Array, values: BigInt64Array, count: number, weight: number): void {
    for (let i = 0; i < count; i++) this.#addWide(ids[i] ?? 0, (values[i] ?? 0n) * BigInt(weight));
  }

  /** The exact sum of one stack. */
  at(id: number): number | bigint {
    const low = this.#low[id] ?? 0;
    const high = this.#high?.[id] ?? 0n;
    return high === 0n ? low : high + BigInt(low);
  }

  isZero(id: number): boolean {
    return this.#high ? BigInt(this.at(id)) === 0n : (this.#low[id] ?? 0) === 0;
  }

  /** Grows to hold ids below `size`. */
  reserve(size: number): void {
    if (size <= this.#low.length) return;
    const larger = new Float64Array(Math.max(size, 2 * this.#low.length));
    larger.set(this.#low);
    this.#low = larger;
  }

  #addWide(id: number, value: bigint): void {
    this.#high ??= [];
    this.#high[id] = (this.#high[id] ?? 0n) + value;
  }

  #spill(): void {
    for (let id = 0; id < this.#low.length; id++) {
      const low = this.#low[id] ?? 0;
      if (low !== 0) this.#addWide(id, BigInt(low));
    }
    this.#low.fill(0);
    this.#room = Number.MAX_SAFE_INTEGER;
  }
}

/** A column of exact values in the narrowest form; what does not fit 64 bits is cut to the nearest that does. */
export function valueColumn(values: readonly (number | bigint)[]): {
  readonly column: ValueColumn;
  readonly cut: boolean;
} {
  const wide = values.some((value) => typeof value === 'bigint' && !isSafe(value));
  if (!wide) return { column: Float64Array.from(values, Number), cut: false };
  let cut = false;
  const column = BigInt64Array.from(values, (value) => {
    const whole = BigInt(value);
    if (BigInt.asIntN(64, whole) === whole) return whole;
    cut = true;
    return whole < 0n ? -largestInt64 - 1n : largestInt64;
  });
  return { column, cut };
}

function isSafe(value: bigint): boolean {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
}

function add(sums: Float64Array, id: number, value: number): void {
  sums[id] = (sums[id] ?? 0) + value;
}
