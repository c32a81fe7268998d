/**
 * A quotient as answers print it: whole where it comes out even, with all digits; else three decimals from 1000 up and
 * seven digits below, so right to 1e-6. `divisor` is whole and above 0.
 */
export function quotient(value: number | bigint, divisor: number): number | bigint {
  if (typeof value === 'bigint') return bigQuotient(value, BigInt(divisor));
  const exact = value / divisor;
  return Number.isInteger(exact) ? exact : shortDecimal(exact);
}

/** A measured number without the digits that mean nothing: right to 1e-6. Whole numbers stay. */
export function shortDecimal(value: number): number {
  if (Number.isInteger(value)) return value;
  return Math.abs(value) >= 1000 ? Math.round(value * 1000) / 1000 : Number(value.toPrecision(7));
}

function bigQuotient(value: bigint, divisor: bigint): number | bigint {
  const whole = value / divisor;
  const isWhole = value % divisor === 0n;
  if (isWhole || whole > Number.MAX_SAFE_INTEGER || whole < Number.MIN_SAFE_INTEGER) return whole;
  return shortDecimal(Number(whole) + Number(value % divisor) / Number(divisor));
}
