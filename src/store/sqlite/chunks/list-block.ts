import type { ValueColumn } from '../../../profile/profile.ts';
import { ByteReader, type ByteWriter } from '../encoding/bytes.ts';
import type { WeightedSums } from '../read/weighted-sums.ts';
import { readPacked, skipPacked, writePacked } from './blob.ts';
import { type ChunkColumns, mostPlain } from './chunk-columns.ts';
import type { DetailBlock } from './detail-block.ts';

/**
 * Profiles as lists: which stacks each has, then a column for each type that can be skipped as a whole. This is how values
 * are kept that are negative or very large, and groups that are too small for anything better.
 *
 *     uint rows, packed (for each profile: uint rows, gaps between positions of stacks), for each type:
 *     0  zero       nothing follows
 *     1  plain      uint most, packed n × uint
 *     2  signed     uint most, packed n × int
 *     3  wide       uint 0, packed n × int         of any size
 *     4  multiple   uint most, uint factor         of the first type
 */
const columnKind = { zero: 0, plain: 1, signed: 2, wide: 3, multiple: 4 } as const;

export class ListEncoder {
  readonly #scratch: ByteWriter;
  #rows = new Int32Array(1024);

  constructor(scratch: ByteWriter) {
    this.#scratch = scratch;
  }

  /** Writes the profiles `[from, to)` of a chunk. */
  write(writer: ByteWriter, columns: ChunkColumns, types: readonly number[], from: number, to: number): void {
    const values = types.map((type) => columns.values[type] as ValueColumn);
    const count = this.#writeStacks(writer, columns, values, from, to);
    for (const column of values) this.#writeColumn(writer, column, values[0] as ValueColumn, count);
  }

  #writeStacks(
    writer: ByteWriter,
    columns: ChunkColumns,
    values: readonly ValueColumn[],
    from: number,
    to: number,
  ): number {
    const scratch = this.#scratch;
    scratch.reset();
    const [start, end] = [columns.rowStart(from), columns.rowStart(to)];
    if (this.#rows.length < end - start) this.#rows = new Int32Array(2 * (end - start));
    let kept = 0;
    for (let entry = from; entry < to; entry++) {
      const first = kept;
      for (let row = columns.rowStart(entry); row < (columns.rowEnd[entry] as number); row++) {
        if (!isZero(values, row)) this.#rows[kept++] = row;
      }
      scratch.uint(kept - first);
      let before = -1;
      for (let at = first; at < kept; at++) {
        const index = columns.index[this.#rows[at] as number] as number;
        scratch.uint(index - before - 1);
        before = index;
      }
    }
    writer.uint(kept);
    writePacked(writer, scratch.bytes());
    return kept;
  }

  #writeColumn(writer: ByteWriter, column: ValueColumn, first: ValueColumn, count: number): void {
    const { kind, most, factor } = this.#describe(column, first, count);
    writer.byte(kind);
    if (kind === columnKind.zero) return;
    writer.uint(most);
    if (kind === columnKind.multiple) {
      writer.uint(factor);
      return;
    }
    const scratch = this.#scratch;
    scratch.reset();
    for (let at = 0; at < count; at++) {
      const value = column[this.#rows[at] as number] as number | bigint;
      if (kind === columnKind.plain) scratch.uint(value as number);
      else scratch.int(value);
    }
    writePacked(writer, scratch.bytes());
  }

  #describe(
    column: ValueColumn,
    first: ValueColumn,
    count: number,
  ): { readonly kind: number; readonly most: number; readonly factor: number } {
    if (!(column instanceof Float64Array)) return { kind: columnKind.wide, most: 0, factor: 0 };
    let [most, isSigned, isMultiple] = [0, false, column !== first && first instanceof Float64Array];
    const lead = this.#rows[0] as number;
    const factor = isMultiple && count > 0 ? (column[lead] as number) / (first[lead] as number) : 0;
    if (!Number.isSafeInteger(factor) || factor < 1) isMultiple = false;
    for (let at = 0; at < count; at++) {
      const row = this.#rows[at] as number;
      const value = column[row] as number;
      most = Math.max(most, Math.abs(value));
      if (value < 0) isSigned = true;
      if (isMultiple && first[row] !== value / factor) isMultiple = false;
    }
    if (most === 0) return { kind: columnKind.zero, most, factor };
    if (isMultiple) return { kind: columnKind.multiple, most, factor };
    return { kind: isSigned ? columnKind.signed : columnKind.plain, most, factor };
  }
}

/** Values by row, none larger in size than `most` where they are doubles. */
interface ListColumn {
  readonly values: ValueColumn;
  readonly most: number;
  readonly isSigned: boolean;
}

/** Reads a sub-block of lists back. */
export class ListBlock implements DetailBlock {
  /** By profile of the sub-block: the row after its last one. */
  readonly #rowEnd: Int32Array;
  /** By row: the position of its stack in the chunk. */
  readonly #index: Int32Array;
  /** By type; undefined when all values are 0. */
  readonly #columns: (ListColumn | undefined)[] = [];

  /** Reads the columns of the types that are wanted. */
  constructor(body: Uint8Array, profiles: number, wanted: readonly boolean[]) {
    const reader = new ByteReader(body);
    const count = reader.uint();
    const stacks = new ByteReader(readPacked(reader));
    this.#rowEnd = new Int32Array(profiles);
    this.#index = new Int32Array(count);
    let row = 0;
    for (let profile = 0; profile < profiles; profile++) {
      const size = stacks.uint();
      stacks.risingInts(size, this.#index.subarray(row, row + size));
      row += size;
      this.#rowEnd[profile] = row;
    }
    for (const [at, isWanted] of wanted.entries()) {
      this.#columns.push(readColumn(reader, count, isWanted || at === 0, this.#columns[0]));
    }
  }

  /** Adds up by position first: those arrays are small, and the sums of a partition large. */
  add(type: number, weights: Float64Array, stacks: Int32Array, into: WeightedSums): void {
    const column = this.#columns[type];
    if (!column) return;
    const most = column.most * weights.reduce((sum, weight) => sum + weight, 0);
    if (!(column.values instanceof Float64Array) || column.isSigned || most > Number.MAX_SAFE_INTEGER) {
      this.#addWide(column.values, weights, stacks, into);
      return;
    }
    const { values } = column;
    const sums = new Float64Array(stacks.length);
    let row = 0;
    for (const [profile, weight] of weights.entries()) {
      const end = this.#rowEnd[profile] as number;
      if (weight === 0) row = end;
      for (; row < end; row++) {
        const at = this.#index[row] as number;
        sums[at] = (sums[at] as number) + (values[row] as number) * weight;
      }
    }
    into.addPlain(stacks, sums, stacks.length, 1, most);
  }

  #addWide(values: ValueColumn, weights: Float64Array, stacks: Int32Array, into: WeightedSums): void {
    const sums = Array.from(stacks, () => 0n);
    let row = 0;
    for (const [profile, weight] of weights.entries()) {
      const times = BigInt(weight);
      for (const end = this.#rowEnd[profile] as number; row < end; row++) {
        const at = this.#index[row] as number;
        sums[at] = (sums[at] as bigint) + BigInt(values[row] as number | bigint) * times;
      }
    }
    into.addSigned(stacks, sums, stacks.length, 1);
  }

  values(type: number, profile: number, into: (number | bigint)[]): void {
    const values = this.#columns[type]?.values;
    if (!values) return;
    const end = this.#rowEnd[profile] as number;
    for (let row = profile === 0 ? 0 : (this.#rowEnd[profile - 1] as number); row < end; row++) {
      into[this.#index[row] as number] = values[row] as number | bigint;
    }
  }
}

function readColumn(
  reader: ByteReader,
  count: number,
  isWanted: boolean,
  first: ListColumn | undefined,
): ListColumn | undefined {
  const kind = reader.byte();
  if (kind === columnKind.zero) return undefined;
  const most = reader.uint();
  if (kind === columnKind.multiple) {
    const factor = reader.uint();
    if (!isWanted) return undefined;
    const lead = first?.values;
    if (!(lead instanceof Float64Array)) throw new Error('a column is a multiple of nothing');
    return { values: lead.map((value) => value * factor), most, isSigned: first?.isSigned === true };
  }
  if (!isWanted) {
    skipPacked(reader);
    return undefined;
  }
  const packed = new ByteReader(readPacked(reader));
  if (kind === columnKind.wide) {
    return { values: BigInt64Array.from({ length: count }, () => packed.bigInt()), most, isSigned: true };
  }
  const values = new Float64Array(count);
  if (kind === columnKind.plain) packed.uints(count, values);
  else if (kind === columnKind.signed) for (let row = 0; row < count; row++) values[row] = packed.int();
  else throw new Error(`unknown kind ${kind} of a column`);
  return { values, most: Math.min(most, mostPlain), isSigned: kind === columnKind.signed };
}

function isZero(values: readonly ValueColumn[], row: number): boolean {
  for (const column of values) if (Number(column[row]) !== 0) return false;
  return true;
}
