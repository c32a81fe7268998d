/** A value in its unit as a person reads it: `1.5 GiB`, `320 ms`, `12,345`. Negative ones as those above 0, with a `-`. */
export function humanValue(amount: number | bigint, unit: string): string {
  const value = Number(amount);
  if (unit === 'nanoseconds')
    return scaled(value, [
      [1e9 * 60, 'min'],
      [1e9, 's'],
      [1e6, 'ms'],
      [1e3, 'µs'],
      [1, 'ns'],
    ]);
  if (unit === 'bytes')
    return scaled(value, [
      [2 ** 40, 'TiB'],
      [2 ** 30, 'GiB'],
      [2 ** 20, 'MiB'],
      [2 ** 10, 'KiB'],
      [1, 'B'],
    ]);
  return Math.abs(value) < 1e4 && !Number.isInteger(value)
    ? value.toFixed(2)
    : Math.round(value).toLocaleString('en-US');
}

function scaled(value: number, steps: readonly (readonly [size: number, unit: string])[]): string {
  const [size, unit] = steps.find(([step]) => Math.abs(value) >= step) ?? steps.at(-1) ?? [1, ''];
  const shown = value / size;
  return `${Number.isInteger(shown) ? shown : shown.toFixed(Math.abs(shown) < 10 ? 2 : 1)} ${unit}`;
}
