import { ByteReader, ByteWriter } from '../encoding/bytes.ts';
import { unfold, zigzag } from './magnitude.ts';
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
 *     2  wide       n × int                    negative or beyond 2^53
 *     3  multiple   uint factor                of the sums of the group's first type
 *     4  counts     packed counts and rests    as values are (`Scale`); 0, -1, 1, -2 → 0, 1, 2, 3
 *     5  scaled     packed rests               the counts are those of the sums of the group's first type
 */
const sumKind = { zero: 0, plain: 1, wide: 2, multiple: 3, counts: 4, scaled: 5 } as const;

/** Where a type stands in its group. */
export interface SumContext {
  /** Its number in the group. */
  readonly type: number;
  /** Of the group, where it has some. */
  readonly scales: Scales | undefined;
}

/** Writes sums. One object serves chunk after chunk. */
export class SumEncoder {
  readonly #packer: NumberPacker;
  readonly #plain = new ByteWriter();
  readonly #scaled = new ByteWriter();

  constructor(packer: NumberPacker) {
    this.#packer = packer;
  }

  /** The sums of a type, good until the next call. `lead` are those of the first type of its group. */
  encode(sums: Sums, lead: Sums, context: SumContext): Uint8Array {
    const plain = this.#plain;
    plain.reset();
    if (!(sums instanceof Float64Array)) {
      plain.byte(sumKind.wide);
      for (const sum of sums) plain.int(sum);
      return plain.bytes();
    }
    const factor = lead === sums || !(lead instanceof Float64Array) ? 0 : factorBetween(lead, sums);
    if (sums.every((sum) => sum === 0)) plain.byte(sumKind.zero);
    else if (factor > 0) {
      plain.byte(sumKind.multiple);
      plain.uint(factor);
    } else return this.#shorter(sums, lead, context);
    return plain.bytes();
  }

  #shorter(sums: Float64Array, lead: Sums, context: SumContext): Uint8Array {
    const [plain, scaled] = [this.#plain, this.#scaled];
    plain.byte(sumKind.plain);
    this.#packer.write(plain, sums);
    if (!context.scales || !(lead instanceof Float64Array)) return plain.bytes();
    scaled.reset();
    const counts = countsOf(lead, context.scales);
    scaled.byte(lead === sums ? sumKind.counts : sumKind.scaled);
    if (lead === sums) this.#packer.write(scaled, counts);
    const guesses = scaledUp(counts, context);
    this.#packer.write(
      scaled,
      sums.map((sum, at) => zigzag(sum - (guesses[at] as number))),
    );
    return scaled.length < plain.length ? scaled.bytes() : plain.bytes();
  }
}

/** Reads the sums of so many stacks. `lead` gives those of the first type of the group. */
export function readSums(body: Uint8Array, count: number, lead: () => Sums, context: SumContext): Sums {
  const reader = new ByteReader(body);
  const kind = reader.byte();
  if (kind === sumKind.wide) {
    return Array.from({ length: count }, () => reader.bigInt());
  }
  if (kind === sumKind.zero) return new Float64Array(count);
  if (kind === sumKind.plain) return readPackedNumbers(reader, count);
  if (kind === sumKind.counts) return withRests(reader, readPackedNumbers(reader, count), context);
  const first = lead();
  if (!(first instanceof Float64Array)) throw new Error('sums are multiples of sums that are none');
  if (kind === sumKind.multiple) return multiplied(first, reader.uint());
  if (kind === sumKind.scaled && context.scales) return withRests(reader, countsOf(first, context.scales), context);
  throw new Error(`unknown kind ${kind} of sums`);
}

/** Reads what sums are more than their counts are worth, and adds that. */
function withRests(reader: ByteReader, counts: Float64Array, context: SumContext): Float64Array {
  const sums = scaledUp(counts, context);
  const rests = readPackedNumbers(reader, counts.length);
  for (let at = 0; at < sums.length; at++) sums[at] = (sums[at] as number) + unfold(rests[at] as number);
  return sums;
}

function multiplied(sums: Float64Array, factor: number): Float64Array {
  const products = new Float64Array(sums.length);
  for (let at = 0; at < sums.length; at++) products[at] = (sums[at] as number) * factor;
  return products;
}

/** The counts that sums of the first type come nearest to: rounded, but always in the same way. */
function countsOf(lead: Float64Array, { scales, scaleOf, fraction }: Scales): Float64Array {
  const units = Float64Array.from(scales, ({ worth }) => (worth[0] as number) / fraction);
  const counts = new Float64Array(lead.length);
  for (let at = 0; at < counts.length; at++) {
    counts[at] = Math.round((lead[at] as number) / (units[scaleOf[at] as number] as number));
  }
  return counts;
}

/** What counts are worth. */
function scaledUp(counts: Float64Array, { type, scales }: SumContext): Float64Array {
  if (!scales) throw new Error('counts have no scales');
  const { scaleOf, fraction } = scales;
  const worth = Float64Array.from(scales.scales, (scale) => scale.worth[type] as number);
  const sums = new Float64Array(counts.length);
  for (let at = 0; at < sums.length; at++) {
    sums[at] = worthOf(counts[at] as number, worth[scaleOf[at] as number] as number, fraction);
  }
  return sums;
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
