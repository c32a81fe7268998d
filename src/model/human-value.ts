/** Numbers as people read them: three digits, a unit of a fitting size. For exact numbers there is JSON. */

type Sizes = readonly (readonly [unit: string, size: number])[];

/** Largest first. */
const sizesOf: Readonly<Record<string, Sizes>> = {
  nanoseconds: [
    ['h', 3600e9],
    ['min', 60e9],
    ['s', 1e9],
    ['ms', 1e6],
    ['µs', 1e3],
    ['ns', 1],
  ],
  bytes: [
    ['TiB', 2 ** 40],
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
    ['B', 1],
  ],
};

/**
 * A value in its unit: `1.5 GiB`, `320 ms`, `31.2 MiB/s`, `12.3 %` of a `share`, `0.52 cores`; a `count` is a number alone,
 * `12,345`. Negative ones as those above 0, with a `-`.
 */
export function humanValue(amount: number | bigint, unit: string): string {
  const value = Number(amount);
  const { name, size } = humanUnit(value, unit);
  const gap = name === '' || name === '/s' ? '' : ' ';
  return `${threeDigits(unit === 'share' ? 100 * value : value / size)}${gap}${name}`;
}

/** The unit in which such an amount is written, and how much of `unit` it is: `MiB`, 2^20 for 5e6 bytes; '' of a count. */
export function humanUnit(amount: number, unit: string): { readonly name: string; readonly size: number } {
  if (unit === 'share') return { name: '%', size: 0.01 };
  const [, base = unit, perSecond = ''] = /^(.*?)(\/s)?$/.exec(unit) ?? [];
  const sizes = sizesOf[base];
  if (!sizes) return { name: (base === 'count' ? '' : base) + perSecond, size: 1 };
  const [name, size] = sizes.find(([, least]) => Math.abs(amount) >= least) ?? sizes.at(-1) ?? ['', 1];
  return { name: name + perSecond, size };
}

/** The same with its sign; changes of shares are in points. */
export function humanChange(change: number, unit: string): string {
  const size = humanValue(Math.abs(change), unit).replace(/%$/, 'points');
  return `${change < 0 ? '-' : '+'}${size}`;
}

/** ` (-40 %)`: a change relative to what there was before; '' where there was nothing. */
export function humanRatio(before: number, after: number): string {
  if (before === 0) return '';
  const percent = (100 * (after - before)) / Math.abs(before);
  return ` (${percent < 0 ? '-' : '+'}${threeDigits(Math.abs(percent))} %)`;
}

/** `1 profile`, `2 processes`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Without a trailing zero; whole from 100 on. */
function threeDigits(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  const rounded = Number(value.toPrecision(3));
  return Math.abs(rounded) < 1e-6 && rounded !== 0 ? rounded.toExponential() : String(rounded);
}
