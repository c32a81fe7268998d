import type { ValueColumn } from './profile.ts';

/**
 * Exact sums by node: doubles where no sum can reach 2^53, else BigInts, which may pass int64. A profile's whole is
 * looked at once to decide, so the loops need no check.
 */
export type Amounts = Float64Array | bigint[];

const exact = 2 ** 53;

/** Sums a column into `size` slots: the value of row `r` is added to slot `slots[r]`. */
export function gathered(column: ValueColumn, slots: Int32Array, rows: number, size: number): Amounts {
  const count = Math.min(rows, column.length);
  if (column instanceof Float64Array && absoluteSum(column, count) < exact) {
    const sums = new Float64Array(size);
    for (let row = 0; row < count; row++) {
      const slot = slots[row] as number;
      sums[slot] = (sums[slot] as number) + (column[row] as number);
    }
    return sums;
  }
  const sums = Array.from({ length: size }, () => 0n);
  for (let row = 0; row < count; row++) {
    const slot = slots[row] as number;
    sums[slot] = (sums[slot] as bigint) + BigInt(column[row] as number | bigint);
  }
  return sums;
}

/** Each node's own amount plus those of all nodes below it. A parent's number must be below its children's. */
export function foldedUp(self: Amounts, parent: Int32Array): Amounts {
  if (self instanceof Float64Array) {
    const total = self.slice();
    for (let node = total.length - 1; node > 0; node--) {
      const up = parent[node] as number;
      total[up] = (total[up] as number) + (total[node] as number);
    }
    return total;
  }
  const total = self.slice();
  for (let node = total.length - 1; node > 0; node--) {
    const up = parent[node] as number;
    total[up] = (total[up] as bigint) + (total[node] as bigint);
  }
  return total;
}

/** The exact sum of two whole numbers: a double where that is one, else a bigint. */
export function exactSum(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a + b)) return a + b;
  return BigInt(a) + BigInt(b);
}

/** The size of each amount without its sign, near enough to compare and to draw by. */
export function sizesOf(amounts: Amounts): Float64Array {
  if (!(amounts instanceof Float64Array)) return Float64Array.from(amounts, (amount) => Math.abs(Number(amount)));
  const sizes = new Float64Array(amounts.length);
  for (let at = 0; at < sizes.length; at++) sizes[at] = Math.abs(amounts[at] as number);
  return sizes;
}

function absoluteSum(column: Float64Array, count: number): number {
  let sum = 0;
  for (let row = 0; row < count; row++) sum += Math.abs(column[row] as number);
  return sum;
}
