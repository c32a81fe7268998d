import { FlameherdError } from '../model/errors.ts';
import type { Profile, ValueColumn } from './profile.ts';

/** A whole number over another that is not 0, to multiply by. */
export interface Ratio {
  readonly times: bigint;
  readonly over: bigint;
}

/** A ratio; 0 where there is nothing to divide by, as `go tool pprof -normalize` has it. */
export function ratio(times: bigint, over: bigint): Ratio {
  return over === 0n ? { times: 0n, over: 1n } : { times, over };
}

/** What a column of the compared side is multiplied by to have the total that it has in the base. */
export function shareRatio(compare: Profile, base: Profile, column: number): Ratio {
  const [own, other] = [totalOf(compare, column), totalOf(base, column)];
  return ratio(other.total * own.divisor, own.total * other.divisor);
}

function totalOf({ values, divisors }: Profile, column: number): { readonly total: bigint; readonly divisor: bigint } {
  let [total, sum] = [0n, 0];
  for (const value of values[column] ?? []) {
    if (typeof value === 'number' && Number.isSafeInteger(sum + value)) sum += value;
    else total += BigInt(value);
  }
  return { total: total + BigInt(sum), divisor: BigInt(divisors[column] ?? 1) };
}

/**
 * A column times a ratio, rounded to whole numbers by largest remainder: each value is right to 1 and so is the sum of all.
 * Ties go to the earlier row. Throws `bad_profile` where a value would be beyond int64.
 */
export function scaledColumn(column: ValueColumn, ratio: Ratio, check: () => void): ValueColumn {
  const { times, over } = reduced(ratio);
  if (times === 1n && over === 1n) return column;
  return rounded(column, times, over, check);
}

const checkedRows = 4096;

function rounded(column: ValueColumn, times: bigint, over: bigint, check: () => void): ValueColumn {
  const floors = new BigInt64Array(column.length);
  // Near enough to be ordered by: a remainder is below 1.
  const remainders = new Float64Array(column.length);
  const divisor = Number(over);
  let left = 0n;
  for (let row = 0; row < column.length; row++) {
    if (row % checkedRows === 0) check();
    const value = column[row] ?? 0;
    if (Number(value) === 0) continue;
    const product = BigInt(value) * times;
    const remainder = ((product % over) + over) % over;
    floors[row] = inInt64((product - remainder) / over);
    remainders[row] = Number(remainder) / divisor;
    left += remainder;
  }
  // To the nearest whole number, of what was rounded away.
  const ups = Number((2n * left + over) / (2n * over));
  const order = Uint32Array.from(remainders, (_, row) => row)
    .sort((a, b) => (remainders[b] as number) - (remainders[a] as number) || a - b)
    .subarray(0, ups);
  for (const row of order) floors[row] = (floors[row] as bigint) + 1n;
  return isExactInDoubles(floors) ? Float64Array.from(floors, Number) : floors;
}

function reduced({ times, over }: Ratio): Ratio {
  let [a, b] = [times < 0n ? -times : times, over < 0n ? -over : over];
  while (b !== 0n) [a, b] = [b, a % b];
  const sign = over < 0n ? -1n : 1n;
  return a === 0n ? { times: 0n, over: 1n } : { times: (sign * times) / a, over: (sign * over) / a };
}

function isExactInDoubles(values: BigInt64Array): boolean {
  return values.every((value) => value < 2n ** 53n && value > -(2n ** 53n));
}

function inInt64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) === value) return value;
  throw new FlameherdError('bad_profile', `a value comes to ${value} when it is scaled, which is beyond int64`, {
    hint: 'ask with normalize=none, or for a shorter window',
  });
}
