/** Decimals of an average. */
const decimals = 6;
const scale = 10n ** BigInt(decimals);

/**
 * A number as JSON, exact: integers have all their digits, whatever their size; an amount that is to be divided is a
 * decimal with at most six places, rounded half away from zero. `divisor` is whole and above 0.
 */
export function jsonNumber(amount: number | bigint, divisor = 1): string {
  const whole = BigInt(amount);
  if (divisor === 1) return whole.toString();
  const by = BigInt(divisor);
  const magnitude = whole < 0n ? -whole : whole;
  const scaled = (2n * magnitude * scale + by) / (2n * by);
  const places = (scaled % scale).toString().padStart(decimals, '0').replace(/0+$/, '');
  const sign = whole < 0n && scaled !== 0n ? '-' : '';
  return `${sign}${scaled / scale}${places === '' ? '' : `.${places}`}`;
}
