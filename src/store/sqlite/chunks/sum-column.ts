import { ByteReader, type ByteWriter } from '../encoding/bytes.ts';
import { readNumbers, writeNumbers } from './number-list.ts';
import { type NumberPacker, readPackedNumbers } from './packed-numbers.ts';
import { type Scales, worthOf } from './scales.ts';

/** Sums by stack: doubles while all are exact and none is negative, else bigints. */
export type Sums = Float64Array | readonly bigint[];

/** Sums in the narrowest form. */
export function narrowed(sums: readonly (number | bigint)[]): Sums {
  const isPlain = sums.every((sum) => sum >= 0 && sum <= Number.MAX_SAFE_INTEGER);
  return isPlain ? Float64Array.from(sums, Number) : sums.map(BigInt);
}

/**
 * How the sums of one sample type are written:
 *
 *     0  zero       nothing follows
 *     1  plain      packed numbers
 *     2  wide       n × int              negative or beyond 2^53
 *     3  multiple   uint factor          of the sums of the group's first type
 *     4  counts     packed numbers       each a count of its stack's scale
 *     5  scaled     n numbers            what they are more than their scale makes of the sums of the group's first type
 */
const sumKind = { zero: 0, plain: 1, wide: 2, multiple: 3, counts: 4, scaled: 5 } as const;

/** Where a type stands in its group. */
export interface SumContext {
  /** Its number in the group. */
  readonly type: number;
  /** Of the group, where it has some. */
  readonly scales: Scales | undefined;
}

/** Writes the sums of a type. `lead` are those of the first type of its group, unless this is the first. */
export function writeSums(
  writer: ByteWriter,
  packer: NumberPacker,
  sums: Sums,
  lead: Sums | undefined,
  context: SumContext,
): void {
  if (!(sums instanceof Float64Array)) {
    writer.byte(sumKind.wide);
    for (const sum of sums) writer.int(sum);
    return;
  }
  const factor = lead instanceof Float64Array ? factorBetween(lead, sums) : 0;
  if (sums.every((sum) => sum === 0)) writer.byte(sumKind.zero);
  else if (factor > 0) {
    writer.byte(sumKind.multiple);
    writer.uint(factor);
  } else if (lead instanceof Float64Array && isScaled(context)) {
    writer.byte(sumKind.scaled);
    writeNumbers(writer, restsOf(sums, lead, context));
  } else writeValues(writer, packer, sums, context);
}

function writeValues(writer: ByteWriter, packer: NumberPacker, sums: Float64Array, { type, scales }: SumContext): void {
  const counts = scales && type === 0 ? countsOf(sums, scales) : undefined;
  writer.byte(counts ? sumKind.counts : sumKind.plain);
  packer.write(writer, counts ?? sums);
}

/** Reads the sums of so many stacks. `lead` gives those of the first type of the group. */
export function readSums(body: Uint8Array, count: number, lead: () => Sums, context: SumContext): Sums {
  const reader = new ByteReader(body);
  const kind = reader.byte();
  if (kind === sumKind.wide) {
    return Array.from({ length: count }, () => reader.bigInt());
  }
  const sums = new Float64Array(count);
  if (kind === sumKind.zero) return sums;
  if (kind === sumKind.plain || kind === sumKind.counts) {
    readPackedNumbers(reader, sums);
    if (kind === sumKind.counts) scaleUp(sums, context.scales);
    return sums;
  }
  const first = lead();
  if (!(first instanceof Float64Array)) throw new Error('sums are multiples of sums that are none');
  if (kind === sumKind.multiple) {
    const factor = reader.uint();
    for (let at = 0; at < count; at++) sums[at] = (first[at] as number) * factor;
  } else if (kind === sumKind.scaled) {
    const rests = readNumbers(reader, count);
    for (let at = 0; at < count; at++) sums[at] = scaledSum(first, at, context) + (rests[at] as number);
  } else throw new Error(`unknown kind ${kind} of sums`);
  return sums;
}

/** Whether what is known of the group's first type says something about a type. */
function isScaled({ type, scales }: SumContext): boolean {
  return type > 0 && scales?.scales.some(({ worth }) => worth[type] !== 0) === true;
}

function restsOf(sums: Float64Array, lead: Float64Array, context: SumContext): number[] {
  return Array.from(sums, (sum, at) => sum - scaledSum(lead, at, context));
}

/** A guess at a sum: rounded, but always in the same way. */
function scaledSum(lead: Float64Array, at: number, { type, scales }: SumContext): number {
  const worth = scales?.scales[scales.scaleOf[at] as number]?.worth;
  return worth ? Math.floor(((lead[at] as number) / (worth[0] as number)) * (worth[type] as number)) : 0;
}

/** Undefined when a sum is not a whole number of counts. */
function countsOf(sums: Float64Array, { scales, scaleOf, fraction }: Scales): Float64Array | undefined {
  if (fraction !== 1) return undefined;
  const counts = sums.map((sum, at) => sum / (scales[scaleOf[at] as number]?.worth[0] as number));
  return counts.every(Number.isInteger) ? counts : undefined;
}

function scaleUp(counts: Float64Array, scales: Scales | undefined): void {
  if (!scales) throw new Error('counts have no scales');
  for (let at = 0; at < counts.length; at++) {
    const worth = scales.scales[scales.scaleOf[at] as number]?.worth[0] as number;
    counts[at] = worthOf(counts[at] as number, worth, scales.fraction);
  }
}

/** The whole number that every value of `first` times itself is `column`, or 0. */
export function factorBetween(first: Float64Array, column: Float64Array): number {
  const lead = first.findIndex((value) => value !== 0);
  if (lead < 0) return 0;
  const factor = (column[lead] as number) / (first[lead] as number);
  if (!Number.isSafeInteger(factor) || factor < 1) return 0;
  for (let at = 0; at < first.length; at++) {
    const product = (first[at] as number) * factor;
    if (product !== column[at] || Math.abs(product) > Number.MAX_SAFE_INTEGER) return 0;
  }
  return factor;
}
