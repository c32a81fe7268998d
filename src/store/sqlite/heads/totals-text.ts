import { decodeTotals } from './samples.ts';

/**
 * The totals of a profile as SQLite writes a blob in hexadecimal. A text for each row costs a fifth of a Buffer for each,
 * which would be most of what reading the rows of a head costs.
 */
export type TotalsText = string;

const [zero, letterA] = [48, 65];

/** The total of one sample type; a bigint only where a number is not exact. */
export function totalIn(text: TotalsText, type: number): number | bigint {
  const value = readInt(text, startOf(text, type));
  return Number.isSafeInteger(value) ? value : (totalsIn(text)[type] ?? 0n);
}

export function totalsIn(text: TotalsText): bigint[] {
  return decodeTotals(Buffer.from(text, 'hex'));
}

/** All totals as numbers: exact up to 2^53, rounded beyond. */
export function totalBoundsIn(text: TotalsText): number[] {
  const totals: number[] = [];
  for (let at = 0; at < text.length; at = endOf(text, at)) totals.push(readInt(text, at));
  return totals;
}

function startOf(text: TotalsText, type: number): number {
  let at = 0;
  for (let left = type; left > 0; left--) at = endOf(text, at);
  return at;
}

function endOf(text: TotalsText, start: number): number {
  let at = start;
  while (at < text.length && byteAt(text, at) > 127) at += 2;
  return at + 2;
}

/** As `ByteReader.int`; 0 where the text has ended. */
function readInt(text: TotalsText, start: number): number {
  if (start >= text.length) return 0;
  const first = byteAt(text, start);
  let value = (first & 127) >> 1;
  let scale = 64;
  for (let last = first, at = start + 2; last > 127; scale *= 128, at += 2) {
    last = byteAt(text, at);
    value += (last & 127) * scale;
  }
  return first % 2 === 0 ? value : -value - 1;
}

function byteAt(text: TotalsText, at: number): number {
  return 16 * digitAt(text, at) + digitAt(text, at + 1);
}

function digitAt(text: TotalsText, at: number): number {
  const code = text.charCodeAt(at);
  return code < letterA ? code - zero : code - letterA + 10;
}
