import { type BitReader, type BitWriter, bitLength, golombSize } from './bits.ts';

/**
 * A column of numbers as bits, in the form that is smallest. `same`: one number; `steps`: each as its difference to the one
 * before; `spread`: each as its difference to the least; `doubles` and `floats`: what is not whole, or too large.
 */
const form = { same: 0, steps: 1, spread: 2, doubles: 3, floats: 4 } as const;
const formBits = 3;
const orderBits = 5;
const mostOrder = 31;
const sizeBits = 6;
/** Differences of numbers up to it, folded to be positive, are exact. */
const mostWhole = 2 ** 51;

const scratch = Buffer.alloc(8);

export function writeColumn(bits: BitWriter, values: readonly number[]): void {
  const [first] = values;
  if (first === undefined) return;
  if (!values.every(isSafe)) return writeDoubles(bits, values);
  if (values.every((value) => value === first)) {
    bits.bits(form.same, formBits);
    writeWhole(bits, first);
    return;
  }
  const least = values.reduce((a, b) => Math.min(a, b));
  const steps = golombOf(values.slice(1).map((value, at) => fold(value - (values[at] as number))));
  const spread = golombOf(values.map((value) => value - least));
  const isSteps = steps.size <= spread.size;
  const { numbers, order } = isSteps ? steps : spread;
  bits.bits(isSteps ? form.steps : form.spread, formBits);
  writeWhole(bits, isSteps ? first : least);
  bits.bits(order, orderBits);
  for (const number of numbers) bits.golomb(number, order);
}

/** The inverse of `writeColumn`. */
export function readColumn(bits: BitReader, count: number): number[] {
  if (count === 0) return [];
  const kind = bits.bits(formBits);
  if (kind === form.doubles || kind === form.floats) return readDoubles(bits, kind, count);
  const start = readWhole(bits);
  if (kind === form.same) return repeated(start, count);
  const order = bits.bits(orderBits);
  const values: number[] = [];
  if (kind === form.spread) {
    for (let at = 0; at < count; at++) values.push(start + bits.golomb(order));
    return values;
  }
  values.push(start);
  for (let at = 1, value = start; at < count; at++) values.push((value += unfold(bits.golomb(order))));
  return values;
}

/** A whole number of either sign, at most 2^51 in size. */
function writeWhole(bits: BitWriter, value: number): void {
  const folded = fold(value);
  const size = folded === 0 ? 0 : bitLength(folded);
  bits.bits(size, sizeBits);
  bits.bits(folded, size);
}

function readWhole(bits: BitReader): number {
  return unfold(bits.bits(bits.bits(sizeBits)));
}

function writeDoubles(bits: BitWriter, values: readonly number[]): void {
  const areFloats = values.every((value) => Object.is(Math.fround(value), value));
  bits.bits(areFloats ? form.floats : form.doubles, formBits);
  const isSame = values.every((value) => Object.is(value, values[0]));
  bits.bits(isSame ? 1 : 0, 1);
  for (const value of isSame ? values.slice(0, 1) : values) {
    if (areFloats) scratch.writeFloatBE(value);
    else scratch.writeDoubleBE(value);
    for (let at = 0; at < (areFloats ? 4 : 8); at += 4) bits.bits(scratch.readUInt32BE(at), 32);
  }
}

function readDoubles(bits: BitReader, kind: number, count: number): number[] {
  const isSame = bits.bits(1) === 1;
  const next = (): number => {
    scratch.writeUInt32BE(bits.bits(32));
    if (kind === form.floats) return scratch.readFloatBE();
    scratch.writeUInt32BE(bits.bits(32), 4);
    return scratch.readDoubleBE();
  };
  return isSame ? repeated(next(), count) : Array.from({ length: count }, next);
}

/** The order in which numbers take the fewest bits, sought from that of their mean. */
function golombOf(numbers: readonly number[]): { numbers: readonly number[]; order: number; size: number } {
  const sizeAt = (order: number): number => numbers.reduce((sum, number) => sum + golombSize(number, order), 0);
  const mean = numbers.reduce((sum, number) => sum + number / numbers.length, 0);
  let order = Math.min(mostOrder, bitLength(Math.floor(mean) + 1));
  let size = sizeAt(order);
  for (let less = order - 1; less >= 0; less--) {
    const found = sizeAt(less);
    if (found > size) break;
    [order, size] = [less, found];
  }
  return { numbers, order, size };
}

function repeated(value: number, count: number): number[] {
  const values: number[] = [];
  for (let at = 0; at < count; at++) values.push(value);
  return values;
}

function isSafe(value: number): boolean {
  return Math.abs(value) <= mostWhole && Math.floor(value) === value && !Object.is(value, -0);
}

function fold(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function unfold(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
