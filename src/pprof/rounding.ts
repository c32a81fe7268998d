import type { ValueColumn } from '../profile/profile.ts';

/**
 * A column divided by `divisor` and rounded to whole numbers by largest remainder: each value is right to 1, and so is
 * the sum of all, which plain rounding would leave wrong by up to half a row each. Ties go to the earlier row.
 */
export function dividedColumn(column: ValueColumn, divisor: number): ValueColumn {
  if (divisor === 1) return column;
  const floors = column.slice();
  const remainders = new Float64Array(column.length);
  let left = 0;
  for (let row = 0; row < column.length; row++) {
    const remainder = floorRow(floors, row, divisor);
    remainders[row] = remainder;
    left += remainder;
  }
  const upRows = Uint32Array.from(remainders, (_, row) => row)
    .sort((a, b) => (remainders[b] as number) - (remainders[a] as number) || a - b)
    .subarray(0, Math.round(left / divisor));
  for (const row of upRows) {
    if (floors instanceof BigInt64Array) floors[row] = (floors[row] ?? 0n) + 1n;
    else floors[row] = (floors[row] ?? 0) + 1;
  }
  return floors;
}

/** Divides one row downwards in place; answers what was left over, in [0, divisor). */
function floorRow(column: ValueColumn, row: number, divisor: number): number {
  if (column instanceof BigInt64Array) {
    const by = BigInt(divisor);
    const value = column[row] ?? 0n;
    const remainder = ((value % by) + by) % by;
    column[row] = (value - remainder) / by;
    return Number(remainder);
  }
  const value = column[row] ?? 0;
  const remainder = ((value % divisor) + divisor) % divisor;
  column[row] = (value - remainder) / divisor;
  return remainder;
}
