import type { ValueColumn } from '../../../profile/profile.ts';
import { ByteReader, type ByteWriter } from '../encoding/bytes.ts';

/**
 * The samples of one profile as bytes, format 1 (docs/STORAGE.md draws it): rows sorted by stack id, without those where
 * every value is 0, then a column for each sample type that can be skipped as a whole.
 */
export const samplesFormat = 1;

/** How a column is written. */
const columnKind = { zero: 0, plain: 1, signed: 2, multiple: 3 } as const;

/** Sorts rows by stack id; kept between profiles so that nothing is allocated for one. */
export class SampleEncoder {
  #rowOf = new Int32Array(1024);
  #bits = new Int32Array(32);
  #ids = new Int32Array(1024);
  #rows = new Int32Array(1024);

  /**
   * Writes a profile. `stackIds` has an id for each of `count` rows; rows of one id are added up. Returns the exact total
   * of each column.
   */
  encode(
    writer: ByteWriter,
    times: { readonly timeNanos: bigint; readonly durationNanos: bigint },
    stackIds: Int32Array,
    count: number,
    values: readonly ValueColumn[],
  ): (number | bigint)[] {
    const kept = this.#sortRows(stackIds, count, values);
    if (kept === undefined) {
      const single = addUpRows(stackIds, count, values);
      return this.encode(writer, times, single.stackIds, single.stackIds.length, single.values);
    }
    writer.int(times.timeNanos);
    writer.int(times.durationNanos);
    writer.uint(kept);
    writer.risingInts(this.#ids, kept);
    const first = values[0];
    return values.map((column) => this.#encodeColumn(writer, column, first === column ? undefined : first, kept));
  }

  #encodeColumn(
    writer: ByteWriter,
    column: ValueColumn,
    first: ValueColumn | undefined,
    kept: number,
  ): number | bigint {
    const total = column instanceof Float64Array ? totalOfPlain(column, this.#rows, kept) : undefined;
    if (total === undefined || !(column instanceof Float64Array)) return this.#encodeSigned(writer, column, kept);
    if (total === 0) {
      writer.byte(columnKind.zero);
      return 0;
    }
    const factor = first instanceof Float64Array ? factorBetween(first, column, this.#rows, kept) : 0;
    writer.byte(factor > 0 ? columnKind.multiple : columnKind.plain);
    const start = writer.length;
    writer.fixed32(0);
    if (factor > 0) writer.uint(factor);
    else writer.uintsAt(column, this.#rows, kept);
    writer.patch32(start, writer.length - start - 4);
    return total;
  }

  #encodeSigned(writer: ByteWriter, column: ValueColumn, kept: number): bigint {
    writer.byte(columnKind.signed);
    const start = writer.length;
    writer.fixed32(0);
    let total = 0n;
    for (let i = 0; i < kept; i++) {
      const value = column[this.#rows[i] ?? 0] ?? 0;
      total += BigInt(value);
      writer.int(value);
    }
    writer.patch32(start, writer.length - start - 4);
    return total;
  }

  /**
   * Fills `#ids` and `#rows` in order of id, through a bitmap: linear, where a comparison sort is not. Undefined when an
   * id comes twice.
   */
  #sortRows(stackIds: Int32Array, count: number, values: readonly ValueColumn[]): number | undefined {
    let highest = 0;
    for (let row = 0; row < count; row++) highest = Math.max(highest, stackIds[row] ?? 0);
    this.#reserve(highest, count);
    const [bits, rowOf, ids, rows] = [this.#bits, this.#rowOf, this.#ids, this.#rows];
    for (let row = 0; row < count; row++) {
      const id = stackIds[row] ?? 0;
      if (isZeroRow(values, row)) continue;
      const word = id >>> 5;
      const bit = 1 << (id & 31);
      if (((bits[word] ?? 0) & bit) !== 0) {
        bits.fill(0);
        return undefined;
      }
      bits[word] = (bits[word] ?? 0) | bit;
      rowOf[id] = row;
    }
    let kept = 0;
    for (let word = 0; word <= highest >>> 5; word++) {
      let left = bits[word] ?? 0;
      bits[word] = 0;
      while (left !== 0) {
        const bit = left & -left;
        left ^= bit;
        const id = (word << 5) + 31 - Math.clz32(bit);
        ids[kept] = id;
        rows[kept++] = rowOf[id] ?? 0;
      }
    }
    return kept;
  }

  #reserve(highest: number, count: number): void {
    if (highest >= this.#rowOf.length) {
      this.#rowOf = new Int32Array(2 * highest);
      this.#bits = new Int32Array((highest >>> 4) + 1);
    }
    if (count > this.#rows.length) {
      this.#rows = new Int32Array(2 * count);
      this.#ids = new Int32Array(2 * count);
    }
  }
}

/** Reads profiles back, one at a time; its arrays are used again for the next one. */
export class SampleDecoder {
  ids = new Int32Array(1024);
  /** Of the column read last, where `readColumn` says `plain`. */
  plain = new Float64Array(1024);
  /** Of the column read last, where it says `signed`. */
  signed = new BigInt64Array(0);
  count = 0;
  timeNanos = 0n;
  durationNanos = 0n;
  #reader = new ByteReader(new Uint8Array(0));
  #firstColumn = 0;

  /** Reads the head and the ids; columns follow one by one. */
  open(data: Uint8Array): void {
    const reader = new ByteReader(data);
    this.#reader = reader;
    this.timeNanos = reader.bigInt();
    this.durationNanos = reader.bigInt();
    this.count = reader.uint();
    if (this.count > this.ids.length) {
      this.ids = new Int32Array(2 * this.count);
      this.plain = new Float64Array(2 * this.count);
    }
    reader.risingInts(this.count, this.ids);
    this.#firstColumn = reader.position;
  }

  skipColumn(): void {
    if (this.#reader.byte() !== columnKind.zero) this.#reader.skip(this.#reader.fixed32());
  }

  /** Reads the next column into `plain` or `signed`. */
  readColumn(): 'zero' | 'plain' | 'signed' {
    const reader = this.#reader;
    const kind = reader.byte();
    if (kind === columnKind.zero) return 'zero';
    reader.skip(4);
    if (kind === columnKind.signed) return this.#readSigned();
    if (kind === columnKind.multiple) this.#readMultiple(reader.uint());
    else if (kind === columnKind.plain) reader.uints(this.count, this.plain);
    else throw new Error(`unknown column kind ${kind} in stored samples`);
    return 'plain';
  }

  #readSigned(): 'signed' {
    if (this.count > this.signed.length) this.signed = new BigInt64Array(2 * this.count);
    for (let i = 0; i < this.count; i++) this.signed[i] = this.#reader.bigInt();
    return 'signed';
  }

  #readMultiple(factor: number): void {
    const after = this.#reader.position;
    this.#reader.skip(this.#firstColumn - after + 5);
    this.#reader.uints(this.count, this.plain);
    this.#reader.skip(after - this.#reader.position);
    for (let i = 0; i < this.count; i++) this.plain[i] = (this.plain[i] ?? 0) * factor;
  }
}

/** Opens the samples of a profile as a head file holds them. */
export function openSamples(
  decoder: SampleDecoder,
  { format, data }: { readonly format: number; readonly data: Uint8Array },
): void {
  if (format !== samplesFormat) throw new Error(`unknown format ${format} of samples`);
  decoder.open(data);
}

/** One row for each id. Stacks can differ as bytes and be the same as text, when a name is no UTF-8. */
function addUpRows(
  stackIds: Int32Array,
  count: number,
  values: readonly ValueColumn[],
): { readonly stackIds: Int32Array; readonly values: readonly ValueColumn[] } {
  const rowOf = new Map<number, number>();
  for (const id of stackIds.subarray(0, count)) if (!rowOf.has(id)) rowOf.set(id, rowOf.size);
  const columns = values.map((column) => {
    const sums = new BigInt64Array(rowOf.size);
    for (let row = 0; row < count; row++) {
      const to = rowOf.get(stackIds[row] ?? 0) ?? 0;
      sums[to] = (sums[to] ?? 0n) + BigInt(column[row] ?? 0);
    }
    return sums;
  });
  return { stackIds: Int32Array.from(rowOf.keys()), values: columns };
}

/** The totals of a profile's sample types, one zigzag varint each. */
export function encodeTotals(writer: ByteWriter, totals: readonly (number | bigint)[]): void {
  for (const total of totals) writer.int(total);
}

export function decodeTotals(data: Uint8Array): bigint[] {
  const reader = new ByteReader(data);
  const totals: bigint[] = [];
  while (!reader.ended) totals.push(reader.bigInt());
  return totals;
}

function isZeroRow(values: readonly ValueColumn[], row: number): boolean {
  for (const column of values) if (Number(column[row]) !== 0) return false;
  return true;
}

/** The sum of a column, or undefined when a value is negative or the sum is too large to be exact. */
function totalOfPlain(column: Float64Array, rows: Int32Array, kept: number): number | undefined {
  let total = 0;
  for (let i = 0; i < kept; i++) {
    const value = column[rows[i] ?? 0] ?? 0;
    if (value < 0) return undefined;
    total += value;
  }
  return total <= Number.MAX_SAFE_INTEGER ? total : undefined;
}

/**
 * The whole number that every value of `first` times itself is `column`, or 0. A CPU profile holds samples and
 * nanoseconds, which are samples times the period.
 */
function factorBetween(first: Float64Array, column: Float64Array, rows: Int32Array, kept: number): number {
  const lead = rows[0] ?? 0;
  const factor = (column[lead] ?? 0) / (first[lead] ?? 0);
  if (!Number.isSafeInteger(factor) || factor < 1) return 0;
  for (let i = 0; i < kept; i++) {
    const row = rows[i] ?? 0;
    if ((first[row] ?? 0) < 0 || (first[row] ?? 0) * factor !== column[row]) return 0;
  }
  return factor;
}
