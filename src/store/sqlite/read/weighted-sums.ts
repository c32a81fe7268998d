import type { ValueColumn } from '../../../profile/profile.ts';

const largestInt64 = 2n ** 63n - 1n;
/** What the high part of a sum counts. */
const unit = 2 ** 32;
const wideUnit = 2n ** 32n;
/** With a weight up to this, the product of a weight and a value's low part is exact. */
const mostSplitWeight = 2 ** 20;

/** What sums by stack are added to. */
export interface StackSums {
  /**
   * Adds `values[i] * weight` to the sum of `ids[i]`. Ids rise; no value is negative, and `total` is at least their sum.
   */
  addPlain(ids: Int32Array, values: Float64Array, count: number, weight: number, total: number): void;
  /** As `addPlain`, for values of any sign and size. */
  addSigned(ids: Int32Array, values: BigInt64Array | readonly bigint[], count: number, weight: number): void;
}

/**
 * Exact sums by stack id. A sum is a double while it cannot pass 2^53, which is known from the totals of what was added;
 * before it could, whole multiples of 2^32 are moved to a second double. What is negative, or was handed over as a bigint,
 * is added up apart, as a bigint.
 */
export class WeightedSums implements StackSums {
  #low: Float64Array;
  #high: Float64Array | undefined;
  #wide: Map<number, bigint> | undefined;
  /** How much may still be added to any sum before its low part could pass 2^53. */
  #room = Number.MAX_SAFE_INTEGER;

  constructor(size: number) {
    this.#low = new Float64Array(size);
  }

  /** All sums from here on are 0. */
  get size(): number {
    return this.#low.length;
  }

  addPlain(ids: Int32Array, values: Float64Array, count: number, weight: number, total: number): void {
    this.#reserveFor(ids, count);
    const bound = total * weight;
    if (bound > this.#room) this.#spill();
    if (bound > this.#room) {
      this.#addSplit(ids, values, count, weight);
      return;
    }
    this.#room -= bound;
    const low = this.#low;
    if (weight === 1) for (let i = 0; i < count; i++) add(low, ids[i] as number, values[i] as number);
    else for (let i = 0; i < count; i++) add(low, ids[i] as number, (values[i] as number) * weight);
  }

  addSigned(ids: Int32Array, values: BigInt64Array | readonly bigint[], count: number, weight: number): void {
    this.#reserveFor(ids, count);
    const times = BigInt(weight);
    for (let i = 0; i < count; i++) this.#addWide(ids[i] as number, (values[i] as bigint) * times);
  }

  /** All sums as they lie here, none negative; undefined when doubles are not certain to be exact. */
  get doubles(): Float64Array | undefined {
    return this.#high || this.#wide ? undefined : this.#low;
  }

  /** The exact sum of one stack: a bigint only where a number is not certain to be exact. */
  at(id: number): number | bigint {
    const low = this.#low[id] ?? 0;
    if (!this.#high && !this.#wide) return low;
    const high = this.#high?.[id] ?? 0;
    const wide = this.#wide?.get(id);
    const sum = high * unit + low;
    if (wide === undefined && sum <= Number.MAX_SAFE_INTEGER) return sum;
    return BigInt(high) * wideUnit + BigInt(low) + (wide ?? 0n);
  }

  isZero(id: number): boolean {
    if (this.#wide) return BigInt(this.at(id)) === 0n;
    return (this.#low[id] ?? 0) === 0 && (this.#high?.[id] ?? 0) === 0;
  }

  /** Takes other sums off these, stack by stack. */
  subtract(other: WeightedSums): void {
    this.reserve(other.size);
    const low = this.#low;
    const taken = this.doubles && other.doubles;
    for (let id = 0; id < other.size; id++) {
      const left = (low[id] as number) - (taken?.[id] ?? 0);
      if (taken && left >= 0) low[id] = left;
      else if (!other.isZero(id)) this.#addWide(id, -BigInt(other.at(id)));
    }
  }

  /** Grows to hold ids below `size`. */
  reserve(size: number): void {
    if (size <= this.#low.length) return;
    const length = Math.max(size, 2 * this.#low.length);
    this.#low = longer(this.#low, length);
    if (this.#high) this.#high = longer(this.#high, length);
  }

  #reserveFor(ids: Int32Array, count: number): void {
    if (count > 0) this.reserve((ids[count - 1] as number) + 1);
  }

  #addWide(id: number, value: bigint): void {
    this.#wide ??= new Map();
    this.#wide.set(id, (this.#wide.get(id) ?? 0n) + value);
  }

  /** For values whose sum could pass 2^53 at once: each is added to both parts. */
  #addSplit(ids: Int32Array, values: Float64Array, count: number, weight: number): void {
    if (weight > mostSplitWeight) {
      for (let i = 0; i < count; i++) this.#addWide(ids[i] as number, BigInt(values[i] as number) * BigInt(weight));
      return;
    }
    this.#room -= unit;
    const [low, high] = [this.#low, this.#highParts()];
    for (let i = 0; i < count; i++) {
      const id = ids[i] as number;
      const value = values[i] as number;
      const units = Math.floor(value / unit);
      const rest = (value - units * unit) * weight;
      const carry = Math.floor(rest / unit);
      add(low, id, rest - carry * unit);
      add(high, id, units * weight + carry);
    }
  }

  #spill(): void {
    const [low, high] = [this.#low, this.#highParts()];
    for (let id = 0; id < low.length; id++) {
      const sum = low[id] as number;
      if (sum < unit) continue;
      const units = Math.floor(sum / unit);
      high[id] = (high[id] as number) + units;
      low[id] = sum - units * unit;
    }
    this.#room = Number.MAX_SAFE_INTEGER - unit;
  }

  #highParts(): Float64Array {
    return (this.#high ??= new Float64Array(this.#low.length));
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
  sums[id] = (sums[id] as number) + value;
}

function longer(sums: Float64Array, length: number): Float64Array {
  const grown = new Float64Array(length);
  grown.set(sums);
  return grown;
}
