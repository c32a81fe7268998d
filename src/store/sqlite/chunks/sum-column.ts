import { ByteReader, type ByteWriter } from '../encoding/bytes.ts';
import type { WeightedSums } from '../read/weighted-sums.ts';
import { readPacked, writePacked } from './blob.ts';

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
 *     1  plain      uint total, packed n × uint        total: 0 when it passes 2^53
 *     2  wide       packed n × int                     negative or beyond 2^53
 *     3  multiple   uint factor                        each is that of the group's first type times the factor
 */
const sumKind = { zero: 0, plain: 1, wide: 2, multiple: 3 } as const;

export class SumEncoder {
  readonly #scratch: ByteWriter;

  constructor(scratch: ByteWriter) {
    this.#scratch = scratch;
  }

  /** Writes the sums of a type. `lead` is the first type's of its group, unless this is the first. */
  write(writer: ByteWriter, sums: Sums, lead: Sums | undefined): void {
    if (!(sums instanceof Float64Array)) {
      writer.byte(sumKind.wide);
      writePacked(writer, this.#ints(sums));
      return;
    }
    const total = sums.reduce((sum, value) => sum + value, 0);
    const factor = lead instanceof Float64Array ? factorBetween(lead, sums) : 0;
    if (total === 0) writer.byte(sumKind.zero);
    else if (factor > 0) {
      writer.byte(sumKind.multiple);
      writer.uint(factor);
    } else {
      writer.byte(sumKind.plain);
      writer.uint(total <= Number.MAX_SAFE_INTEGER ? total : 0);
      writePacked(writer, this.#uints(sums));
    }
  }

  #uints(sums: Float64Array): Uint8Array {
    const scratch = this.#scratch;
    scratch.reset();
    for (const sum of sums) scratch.uint(sum);
    return scratch.bytes();
  }

  #ints(sums: readonly bigint[]): Uint8Array {
    const scratch = this.#scratch;
    scratch.reset();
    for (const sum of sums) scratch.int(sum);
    return scratch.bytes();
  }
}

/** Adds the sums in a blob to those of stacks. `leadBody` gives the blob of the group's first type. */
export function addSums(
  body: Uint8Array,
  leadBody: () => Uint8Array,
  stacks: Int32Array,
  scratch: Float64Array,
  into: WeightedSums,
): void {
  const reader = new ByteReader(body);
  const kind = reader.byte();
  const count = stacks.length;
  if (kind === sumKind.zero) return;
  if (kind === sumKind.plain) {
    const total = readPlain(reader, count, scratch);
    into.addPlain(stacks, scratch, count, 1, total);
  } else if (kind === sumKind.multiple) {
    const factor = reader.uint();
    const lead = new ByteReader(leadBody());
    if (lead.byte() !== sumKind.plain) throw new Error('a sum is a multiple of nothing');
    const total = readPlain(lead, count, scratch);
    into.addPlain(stacks, scratch, count, factor, total);
  } else if (kind === sumKind.wide) {
    const values = new ByteReader(readPacked(reader));
    const sums = Array.from({ length: count }, () => values.bigInt());
    into.addSigned(stacks, sums, count, 1);
  } else throw new Error(`unknown kind ${kind} of sums`);
}

function readPlain(reader: ByteReader, count: number, into: Float64Array): number {
  const total = reader.uint();
  new ByteReader(readPacked(reader)).uints(count, into);
  return total === 0 ? Number.POSITIVE_INFINITY : total;
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
