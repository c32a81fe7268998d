import { formatByteSize } from '../../model/byte-size.ts';

/** Seconds in each unit that lengths of time are written in, largest first. */
const timeUnits: readonly (readonly [name: string, seconds: number])[] = [
  ['h', 3600],
  ['min', 60],
  ['s', 1],
  ['ms', 1e-3],
  ['µs', 1e-6],
  ['ns', 1e-9],
];

/** A value as people read it, with three digits: `12.3 %` of a `share`, `0.52 cores`, `31.2MiB/s`, `1.5 s`, `20 count`. */
export function humanValue(value: number, unit: string): string {
  const [, base = unit, perSecond = ''] = /^(.*?)(\/s)?$/.exec(unit) ?? [];
  if (unit === 'share') return `${threeDigits(100 * value)} %`;
  if (base === 'bytes') return `${formatByteSize(value)}${perSecond}`;
  if (base === 'nanoseconds') return `${humanTime(value / 1e9)}${perSecond}`;
  return base === 'count' ? `${threeDigits(value)}${perSecond}` : `${threeDigits(value)} ${base}${perSecond}`.trim();
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

/** Without a trailing zero; whole from 100 on. */
function threeDigits(value: number): string {
  if (Math.abs(value) >= 100) return String(Math.round(value));
  const rounded = Number(value.toPrecision(3));
  return Math.abs(rounded) < 1e-6 && rounded !== 0 ? rounded.toExponential() : String(rounded);
}

function humanTime(seconds: number): string {
  const size = Math.abs(seconds);
  const [name, unit] = timeUnits.find(([, least]) => size >= least) ?? ['s', 1];
  return `${threeDigits(seconds / unit)} ${name}`;
}
