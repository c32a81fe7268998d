import type { ValueColumn } from '../../../profile/profile.ts';
import { ByteReader, ByteWriter } from '../encoding/bytes.ts';
import type { WeightedSums } from '../read/weighted-sums.ts';
import { type ChunkColumns, mostPlain } from './chunk-columns.ts';
import type { DetailBlock } from './detail-block.ts';
import type { StackGroups } from './group-sums.ts';
import { unfold, zigzag } from './magnitude.ts';
import { NumberPacker, readPackedNumbers, skipPackedNumbers } from './packed-numbers.ts';

/**
 * Profiles as lists: which stacks each has, then a column for each type that can be skipped as a whole. This is how values
 * are kept that are negative or very large, and groups that are too small for anything better.
 *
 *     packed numbers: for each profile its rows, and the gaps between the positions of their stacks; for each type:
 *     0  zero       nothing follows
 *     1  plain      uint most, packed numbers
 *     2  signed     uint most, packed numbers      0, -1, 1, -2 → 0, 1, 2, 3
 *     3  wide       uint bytes, n × int            of any size
 *     4  multiple   uint most, uint factor         of the first type
 */
const columnKind = { zero: 0, plain: 1, signed: 2, wide: 3, multiple: 4 } as const;

export class ListEncoder {
  readonly #packer = new NumberPacker();
  readonly #wide = new ByteWriter();
  #rows = new Int32Array(1024);
  #numbers = new Float64Array(1024);

  /** Writes the profiles `[from, to)` of a chunk. */
  write(writer: ByteWriter, columns: ChunkColumns, types: readonly number[], from: number, to: number): void {
    const values = types.map((type) => columns.values[type] as ValueColumn);
    const most = columns.rowStart(to) - columns.rowStart(from) + to - from;
    if (this.#rows.length < most) [this.#rows, this.#numbers] = [new Int32Array(2 * most), new Float64Array(2 * most)];
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
    const [rows, numbers] = [this.#rows, this.#numbers];
    let [kept, written] = [0, 0];
    for (let entry = from; entry < to; entry++) {
      const size = written++;
      let before = -1;
      for (let row = columns.rowStart(entry); row < (columns.rowEnd[entry] as number); row++) {
        if (isZero(values, row)) continue;
        rows[kept++] = row;
        const index = columns.index[row] as number;
        numbers[written++] = index - before - 1;
        before = index;
      }
      numbers[size] = written - size - 1;
    }
    writer.uint(kept);
    this.#packer.write(writer, numbers, written);
    return kept;
  }

  #writeColumn(writer: ByteWriter, column: ValueColumn, first: ValueColumn, count: number): void {
    const { kind, most, factor } = this.#describe(column, first, count);
    writer.byte(kind);
    if (kind === columnKind.zero) return;
    if (kind === columnKind.wide) {
      this.#writeWide(writer, column, count);
      return;
    }
    writer.uint(most);
    if (kind === columnKind.multiple) writer.uint(factor);
    else {
      for (let at = 0; at < count; at++) {
        const value = column[this.#rows[at] as number] as number;
        this.#numbers[at] = kind === columnKind.signed ? zigzag(value) : value;
      }
      this.#packer.write(writer, this.#numbers, count);
    }
  }

  #writeWide(writer: ByteWriter, column: ValueColumn, count: number): void {
    this.#wide.reset();
    for (let at = 0; at < count; at++) this.#wide.int(column[this.#rows[at] as number] as number | bigint);
    writer.uint(this.#wide.length);
    writer.raw(this.#wide.bytes());
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
    const numbers = readPackedNumbers(reader, count + profiles);
    this.#rowEnd = new Int32Array(profiles);
    this.#index = new Int32Array(count);
    let row = 0;
    for (let profile = 0; profile < profiles; profile++) {
      let index = -1;
      for (let left = numbers[row + profile] as number; left > 0; left--) {
        index += 1 + (numbers[row + profile + 1] as number);
        this.#index[row++] = index;
      }
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

  addByGroup(type: number, { count, of }: StackGroups, into: Float64Array): boolean {
    const column = this.#columns[type];
    if (!column) return true;
    const { values, isSigned } = column;
    if (!(values instanceof Float64Array) || isSigned) return false;
    for (let profile = 0, row = 0; profile < this.#rowEnd.length; profile++) {
      const end = this.#rowEnd[profile] as number;
      for (; row < end; row++) {
        const at = profile * count + (of[this.#index[row] as number] as number);
        into[at] = (into[at] as number) + (values[row] as number);
      }
    }
    return true;
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
  if (kind === columnKind.wide) {
    const wide = new ByteReader(reader.raw(reader.uint()));
    if (!isWanted) return undefined;
    return { values: BigInt64Array.from({ length: count }, () => wide.bigInt()), most: 0, isSigned: true };
  }
  const most = reader.uint();
  if (kind === columnKind.multiple) {
    const factor = reader.uint();
    const lead = first?.values;
    if (!isWanted) return undefined;
    if (!(lead instanceof Float64Array)) throw new Error('a column is a multiple of nothing');
    return { values: lead.map((value) => value * factor), most, isSigned: first?.isSigned === true };
  }
  if (kind !== columnKind.plain && kind !== columnKind.signed) throw new Error(`unknown kind ${kind} of a column`);
  if (!isWanted) {
    skipPackedNumbers(reader);
    return undefined;
  }
  const isSigned = kind === columnKind.signed;
  const values = readPackedNumbers(reader, count);
  return { values: isSigned ? values.map(unfold) : values, most: Math.min(most, mostPlain), isSigned };
}

function isZero(values: readonly ValueColumn[], row: number): boolean {
  for (const column of values) if (Number(column[row]) !== 0) return false;
  return true;
}
