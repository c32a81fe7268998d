import type { ByteReader, ByteWriter } from '../encoding/bytes.ts';
import { type NumberPacker, readPackedNumbers } from './packed-numbers.ts';

/**
 * Values of one stack are multiples of each other more often than not: of an allocation site all objects have one size, and
 * a profiler that samples counts each sample for many. So a value is written as a count, and a scale that is kept once:
 *
 *     alloc_objects   alloc_space      count     worth: 32768 objects, 524288 bytes
 *     65536           1048576          2
 *     32769           524304           1         and a rest of 1 and 16
 */
export interface Scale {
  /** By type of the group: what a count of 1 is worth, times the fraction of the scales. */
  readonly worth: readonly number[];
  /** By type of the group: whether values have a rest beside what their count is worth. */
  readonly hasRest: readonly boolean[];
  /** Of sampled objects; else 0. */
  readonly size: number;
}

/** The scales of a group of types. */
export interface Scales {
  readonly scales: readonly Scale[];
  /** By position of the stack: which scale is its. */
  readonly scaleOf: Uint8Array;
  /** 1, or what `worth` is to be divided by. */
  readonly fraction: number;
  /** Set where scales are those of sampled objects: see `sampledWorth`. */
  readonly rate: number | undefined;
}

export const mostScales = 255;
/** What one sampled object is worth is no whole number. */
export const sampledFraction = 2 ** 16;

export function worthOf(count: number, worth: number, fraction: number): number {
  return fraction === 1 ? count * worth : Math.floor((count * worth) / fraction);
}

/** By scale: what a count of 1 is worth of a type, times the fraction. */
export function worthsOf({ scales }: Scales, type: number): Float64Array {
  return Float64Array.from(scales, ({ worth }) => worth[type] as number);
}

/** Writes the scales of a group; `before` are those of the group before it. Undefined for a group that has none. */
export function writeScales(
  writer: ByteWriter,
  packer: NumberPacker,
  group: Scales | undefined,
  before: Scales | undefined,
): void {
  writer.uint(group?.scales.length ?? 0);
  if (!group) return;
  writer.uint(group.rate ?? 0);
  for (const { worth, hasRest, size } of group.scales) {
    if (group.rate !== undefined) writer.uint(size);
    else for (const one of worth) writer.uint(one);
    for (let type = 0; type < worth.length; type += 8) writer.byte(bitsOf(hasRest.slice(type, type + 8)));
  }
  if (group.scales.length === 1) return;
  const isSame = before !== undefined && Buffer.compare(group.scaleOf, before.scaleOf) === 0;
  writer.byte(isSame ? 1 : 0);
  if (!isSame) packer.write(writer, group.scaleOf);
}

/** Reads the scales of a group of so many types, for so many stacks. */
export function readScales(
  reader: ByteReader,
  types: number,
  stacks: number,
  before: Scales | undefined,
): Scales | undefined {
  const count = reader.uint();
  if (count === 0) return undefined;
  const rate = reader.uint() || undefined;
  const scales = Array.from({ length: count }, () => readScale(reader, types, rate));
  const fraction = rate === undefined ? 1 : sampledFraction;
  if (count === 1) return { scales, fraction, rate, scaleOf: new Uint8Array(stacks) };
  if (reader.byte() !== 0 && before) return { scales, fraction, rate, scaleOf: before.scaleOf };
  return { scales, fraction, rate, scaleOf: new Uint8Array(readPackedNumbers(reader, stacks)) };
}

function readScale(reader: ByteReader, types: number, rate: number | undefined): Scale {
  const size = rate === undefined ? 0 : reader.uint();
  const worth = rate === undefined ? Array.from({ length: types }, () => reader.uint()) : sampledWorth(size, rate);
  const hasRest: boolean[] = [];
  for (let type = 0; type < types; type += 8) {
    const bits = reader.byte();
    for (let bit = 0; bit < Math.min(8, types - type); bit++) hasRest.push(((bits >> bit) & 1) === 1);
  }
  return { worth, hasRest, size };
}

function bitsOf(flags: readonly boolean[]): number {
  return flags.reduce((bits, flag, at) => bits | (flag ? 1 << at : 0), 0);
}

/**
 * What a count of 1 of a size is worth, in parts of `sampledFraction`: objects and bytes. A heap profiler of Go samples an
 * object for every `rate` bytes that are allocated, and gives n sampled ones of a size as
 *
 *     trunc(n × s) objects,  trunc(n × s × size) bytes,  s = 1 / (1 − e^(−size / rate))
 *
 * Rounded up: what was cut from a whole number of counts must not fall below it. Size 0 stands for no size that fits.
 */
export function sampledWorth(size: number, rate: number): readonly [number, number] {
  if (size === 0) return [sampledFraction, 0];
  const objects = 1 / shareBelow(size / rate);
  return [Math.ceil(objects * sampledFraction), Math.ceil(objects * size * sampledFraction)];
}

/**
 * 1 − e^(−x), by additions, multiplications and divisions alone: their results are the same everywhere and for good, which
 * no library promises of an exponential, and stored counts mean nothing without them.
 */
export function shareBelow(x: number): number {
  if (x > 40) return 1;
  let halvings = 0;
  let small = x;
  for (; small > 1 / 16; small /= 2) halvings++;
  let [term, share] = [small, small];
  for (let power = 2; power < 12; power++) {
    term *= -small / power;
    share += term;
  }
  for (; halvings > 0; halvings--) share *= 2 - share;
  return share;
}
