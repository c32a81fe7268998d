import { humanUnit } from '../../model/human-value.ts';

/**
 * How the numbers of a table are written: all in one unit and with as many digits, so that they stand below each other. The last
 * digit is about a ten-thousandth of the whole: what moved by less is written nowhere as a change of 0, it is left out.
 */
export interface Scale {
  /** `cores`, `MiB/s`, `%`; '' of a count. */
  readonly unit: string;
  /** Of changes: shares differ by points. */
  readonly changeUnit: string;
  readonly size: number;
  readonly digits: number;
  /** Smaller changes would be written as 0. */
  readonly least: number;
}

/** For a table in which `whole` is the most that can be. */
export function scaleOf(whole: number, unit: string): Scale {
  const { name, size } = humanUnit(whole, unit);
  const tenThousandth = Math.abs(whole) / size / 10_000;
  const digits = tenThousandth > 0 ? Math.min(9, Math.max(0, Math.floor(-Math.log10(tenThousandth) + 1e-9))) : 2;
  return {
    unit: name,
    changeUnit: unit === 'share' ? 'points' : name,
    size,
    digits,
    // A little more, for half of a digit may be a bit less in binary.
    least: 0.500001 * 10 ** -digits * size,
  };
}

export function valueText(value: number, { size, digits }: Scale): string {
  return grouped(value / size, digits);
}

/** With its sign. */
export function changeText(change: number, { size, digits }: Scale): string {
  return `${change < 0 ? '−' : '+'}${grouped(Math.abs(change) / size, digits)}`;
}

/** `± 0.31`; `?` where nothing tells. */
export function spreadText(spread: number | null, { size, digits, least }: Scale): string {
  if (spread === null) return '?';
  return spread < least ? `< ${(10 ** -digits).toFixed(digits)}` : `± ${grouped(spread / size, digits)}`;
}

/** `0.31 cores`, `+2.10 points`: a text of this scale by itself. */
export function withUnit(text: string, unit: string): string {
  return unit === '' ? text : `${text} ${unit}`;
}

/** Why a change is called unsure, for its title and for those who hear it. */
export function unsureText(spread: number | null, scale: Scale): string {
  if (spread === null) return 'Unsure: too few scrapes to tell what they differ by';
  const size = withUnit(spreadText(spread, scale).replace('± ', ''), scale.changeUnit);
  return `Unsure: scrapes differ by up to ${size} anyway`;
}

function grouped(value: number, digits: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
