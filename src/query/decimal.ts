/** A measured number without the digits that mean nothing: right to 1e-6. Whole numbers stay. */
export function shortDecimal(value: number): number {
  if (Number.isInteger(value)) return value;
  return Math.abs(value) >= 1000 ? Math.round(value * 1000) / 1000 : Number(value.toPrecision(7));
}
