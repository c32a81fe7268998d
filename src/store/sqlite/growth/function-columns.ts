import type { Bytes } from '../../../model/units.ts';
import { readColumn, writeColumn } from './bit-columns.ts';
import type { BitReader, BitWriter } from './bits.ts';
import { bytesOf, countOf, explains, findUnit, objectsOf, type SampleUnit, sampleUnit } from './sampled.ts';

/** Floors of one function over buckets. */
export interface FunctionColumns {
  readonly bytes: readonly number[];
  readonly objects: readonly number[];
  readonly allocBytes: readonly number[];
}

/** Order of the Golomb code of an object size. */
const sizeOrder = 10;

/**
 * Where all objects are of one size: the size, counts of samples, and what the counts do not say; whether
 * allocations are such counts too. Else the numbers as they are.
 */
export function writeFunction(bits: BitWriter, { bytes, objects, allocBytes }: FunctionColumns, period: Bytes): void {
  const unit = findUnit(bytes, objects, period);
  bits.bits(unit ? 1 : 0, 1);
  if (!unit) {
    for (const column of [bytes, objects, allocBytes]) writeColumn(bits, column);
    return;
  }
  bits.golomb(unit.size, sizeOrder);
  const counts = bytes.map((value) => countOf(unit, value));
  writeColumn(bits, counts);
  writeColumn(
    bits,
    bytes.map((value, at) => value - bytesOf(unit, counts[at] as number)),
  );
  writeColumn(
    bits,
    objects.map((value, at) => value - objectsOf(unit, counts[at] as number)),
  );
  const isCounted = explains(unit, allocBytes);
  bits.bits(isCounted ? 1 : 0, 1);
  if (isCounted) writeCounted(bits, unit, allocBytes);
  else writeColumn(bits, allocBytes);
}

/** The inverse of `writeFunction`. */
export function readFunction(bits: BitReader, count: number, period: Bytes): FunctionColumns {
  if (bits.bits(1) === 0) {
    const [bytes, objects] = [readColumn(bits, count), readColumn(bits, count)];
    return { bytes, objects, allocBytes: readColumn(bits, count) };
  }
  const unit = sampleUnit(bits.golomb(sizeOrder), period);
  const counts = readColumn(bits, count);
  const bytes = readColumn(bits, count).map((rest, at) => rest + bytesOf(unit, counts[at] as number));
  const objects = readColumn(bits, count).map((rest, at) => rest + objectsOf(unit, counts[at] as number));
  const isCounted = bits.bits(1) === 1;
  return { bytes, objects, allocBytes: isCounted ? readCounted(bits, unit, count) : readColumn(bits, count) };
}

function writeCounted(bits: BitWriter, unit: SampleUnit, values: readonly number[]): void {
  const counts = values.map((value) => countOf(unit, value));
  writeColumn(bits, counts);
  writeColumn(
    bits,
    values.map((value, at) => value - bytesOf(unit, counts[at] as number)),
  );
}

function readCounted(bits: BitReader, unit: SampleUnit, count: number): number[] {
  const counts = readColumn(bits, count);
  return readColumn(bits, count).map((rest, at) => rest + bytesOf(unit, counts[at] as number));
}
