import type { Bytes } from './units.ts';

const powers = ['', 'K', 'M', 'G', 'T'];

/** Largest first; a binary unit before the decimal one that is a little smaller. */
const displayUnits: readonly (readonly [name: string, size: Bytes])[] = [4, 3, 2, 1].flatMap((power) => [
  [`${powers[power]}iB`, 1024 ** power] as const,
  [`${powers[power] === 'K' ? 'k' : powers[power]}B`, 1000 ** power] as const,
]);

const form = /^(\d{1,16})(?:\.(\d{1,9}))? ?(?:([kKMGT])(i?)B?|B)?$/;

/**
 * Reads `10GiB`, `512MB`, `1.5 GiB`, `64Ki`, `1048576`: decimal units count by 1000, those with an `i` by 1024; the `B` may be
 * left out, as Kubernetes does. Part of a byte is dropped. Undefined when it is anything else, or beyond 2^53.
 */
export function parseByteSize(text: string): Bytes | undefined {
  const found = form.exec(text);
  if (!found) return undefined;
  const [, whole = '', fraction = '', prefix = '', binary = ''] = found;
  const unit = (binary ? 1024n : 1000n) ** BigInt(powers.indexOf(prefix.toUpperCase()));
  const scale = 10n ** BigInt(fraction.length);
  const bytes = Number((BigInt(whole + fraction) * unit) / scale);
  const isPartOfByte = unit === 1n && fraction !== '';
  return Number.isSafeInteger(bytes) && !isPartOfByte ? bytes : undefined;
}

/**
 * Writes what `parseByteSize` reads: exactly where at most four digits and a unit do (`10GiB`, `512MB`), else rounded to a tenth of
 * the largest binary unit (`1.4GiB`). Bytes are rounded to whole ones; a minus for negatives.
 */
export function formatByteSize(bytes: Bytes): string {
  const size = Math.round(Math.abs(bytes));
  const sign = bytes < 0 && size > 0 ? '-' : '';
  for (const [name, unit] of displayUnits) {
    if (size % unit === 0 && size >= unit && size < 10_000 * unit) return `${sign}${size / unit}${name}`;
  }
  for (const [name, unit] of displayUnits) {
    if (name.includes('i') && size >= unit) return `${sign}${Math.round((size / unit) * 10) / 10}${name}`;
  }
  return `${sign}${size}B`;
}
