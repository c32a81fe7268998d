import { humanChange, humanValue } from '../../model/human-value.ts';

/** Values and changes of a table: shares with two digits, so that they stand below each other; all else as people read it. */

export function valueText(value: number, unit: string): string {
  return unit === 'share' ? `${(100 * value).toFixed(2)} %` : humanValue(value, unit);
}

/** With its sign; shares in points, which the heading says. */
export function changeText(change: number, unit: string): string {
  if (unit !== 'share') return humanChange(change, unit).replace(/^-/, '−');
  return `${change < 0 ? '−' : '+'}${(100 * Math.abs(change)).toFixed(2)}`;
}

/** `± 0.31`; `?` where nothing tells. */
export function spreadText(spread: number | null, unit: string): string {
  if (spread === null) return '?';
  if (unit !== 'share') return `± ${humanValue(spread, unit)}`;
  return 100 * spread < 0.005 ? '< 0.01' : `± ${(100 * spread).toFixed(2)}`;
}

/** `Change, points`: a heading with the unit, where the values below it go without. */
export function changeHeading(unit: string): string {
  return unit === 'share' ? 'Change, points' : 'Change';
}

/** Why a change is called unsure, for its title and for those who hear it. */
export function unsureText(spread: number | null, unit: string): string {
  return spread === null
    ? 'Unsure: too few scrapes to tell what they differ by'
    : `Unsure: scrapes differ by up to ${spreadText(spread, unit).replace('± ', '')}${unit === 'share' ? ' points' : ''} anyway`;
}
