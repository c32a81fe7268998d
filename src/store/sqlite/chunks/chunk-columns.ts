import type { ValueColumn } from '../../../profile/profile.ts';
import { SampleDecoder } from '../heads/samples.ts';
import type { ChunkProfile } from './chunk.ts';

/** Doubles hold whole numbers up to this, and the difference of two such numbers. */
export const mostPlain = 2 ** 52;

/**
 * The samples of a chunk's profiles, all decoded: one row for each sample, profile by profile.
 *
 *     profile   stack   row  →  index   values by type       stacks: 4 9 12
 *     0         4       0       0       1  16
 *     0         12      1       2       3  48
 *     1         9       2       1       1  16                 rowEnd: 2 3
 *
 * One object is used for chunk after chunk: nothing of the one before is left when `read` returns.
 */
export class ChunkColumns {
  /** The ids of all stacks, rising; longer than `stackCount`. */
  stacks = new Int32Array(1024);
  stackCount = 0;
  rowCount = 0;
  /** By profile: the row after its last one. */
  rowEnd = new Int32Array(64);
  /** By row: which of `stacks`; rising within a profile. */
  index = new Int32Array(1 << 16);
  /** By sample type: the values by row, longer than `rowCount`. Bigints where one is larger than `mostPlain`. */
  values: ValueColumn[] = [];
  /** By sample type: no value held in doubles is larger. */
  most: number[] = [];
  /** By sample type: whether a value held in doubles is negative. */
  isSigned: boolean[] = [];
  timeNanos: bigint[] = [];
  durationNanos: bigint[] = [];
  readonly #decoder = new SampleDecoder();
  #plain: Float64Array[] = [];
  #positionOf = new Int32Array(1024);
  #bits = new Int32Array(32);

  /** Decodes the profiles of a chunk; types that are not kept are taken to be 0. */
  read(profiles: readonly ChunkProfile[], isKept: readonly boolean[]): void {
    const types = isKept.length;
    this.rowCount = 0;
    this.timeNanos = [];
    this.durationNanos = [];
    if (this.rowEnd.length < profiles.length) this.rowEnd = new Int32Array(2 * profiles.length);
    while (this.#plain.length < types) this.#plain.push(new Float64Array(this.index.length));
    this.values = this.#plain.slice(0, types);
    this.most = this.values.map(() => 0);
    this.isSigned = this.values.map(() => false);
    for (const [entry, { samples }] of profiles.entries()) {
      this.#readProfile(samples, isKept);
      this.rowEnd[entry] = this.rowCount;
    }
    this.#indexStacks();
  }

  rowStart(entry: number): number {
    return entry === 0 ? 0 : (this.rowEnd[entry - 1] as number);
  }

  #readProfile(samples: Uint8Array, isKept: readonly boolean[]): void {
    const decoder = this.#decoder;
    decoder.open(samples);
    const { count, ids } = decoder;
    const start = this.rowCount;
    this.#reserve(start + count);
    this.index.set(ids.subarray(0, count), start);
    for (const [type, isWanted] of isKept.entries()) {
      if (!isWanted) decoder.skipColumn();
      const kind = isWanted ? decoder.readColumn() : 'zero';
      if (kind === 'signed') this.#addSigned(type, decoder.signed, start, count);
      else this.#addPlain(type, kind === 'zero' ? undefined : decoder.plain, start, count);
    }
    this.timeNanos.push(decoder.timeNanos);
    this.durationNanos.push(decoder.durationNanos);
    this.rowCount = isKept.every(Boolean) ? start + count : this.#withoutZeros(start, start + count);
  }

  /** Moves the rows that are not 0 up. Returns where they end. */
  #withoutZeros(start: number, end: number): number {
    let kept = start;
    for (let row = start; row < end; row++) {
      if (this.values.every((column) => Number(column[row]) === 0)) continue;
      this.index[kept] = this.index[row] as number;
      for (const column of this.values) column[kept] = column[row] as never;
      kept++;
    }
    return kept;
  }

  #addPlain(type: number, plain: Float64Array | undefined, start: number, count: number): void {
    const column = this.values[type];
    const most = plain === undefined ? 0 : largest(plain, count);
    if (!(column instanceof Float64Array) || most > mostPlain) this.#addPlainAsWide(type, plain, start, count);
    else if (plain === undefined) column.fill(0, start, start + count);
    else {
      column.set(plain.subarray(0, count), start);
      this.most[type] = Math.max(this.most[type] as number, most);
    }
  }

  #addPlainAsWide(type: number, plain: Float64Array | undefined, start: number, count: number): void {
    const wide = this.#wide(type, start);
    for (let row = 0; row < count; row++) wide[start + row] = BigInt(plain?.[row] ?? 0);
  }

  #addSigned(type: number, signed: BigInt64Array, start: number, count: number): void {
    const column = this.values[type];
    if (column instanceof Float64Array && isSmall(signed, count)) {
      for (let row = 0; row < count; row++) column[start + row] = Number(signed[row]);
      this.isSigned[type] ||= signed.subarray(0, count).some((value) => value < 0n);
      this.most[type] = Math.max(this.most[type] as number, largest(column.subarray(start), count));
    } else this.#wide(type, start).set(signed.subarray(0, count), start);
  }

  /** The column of a type as bigints, made from what is there of it. */
  #wide(type: number, rows: number): BigInt64Array {
    const column = this.values[type];
    if (column instanceof BigInt64Array) return column;
    const wide = new BigInt64Array(this.index.length);
    for (let row = 0; row < rows; row++) wide[row] = BigInt(column?.[row] ?? 0);
    this.values[type] = wide;
    return wide;
  }

  #reserve(rows: number): void {
    if (rows <= this.index.length) return;
    const length = 2 * rows;
    this.index = copied(this.index, new Int32Array(length));
    this.#plain = this.#plain.map((column) => copied(column, new Float64Array(length)));
    this.values = this.values.map((column, type) =>
      column instanceof BigInt64Array
        ? copied(column, new BigInt64Array(length))
        : (this.#plain[type] ?? new Float64Array(length)),
    );
  }

  /** Turns ids in `index` into positions in the sorted union of all, through a bitmap. */
  #indexStacks(): void {
    const { index, rowCount } = this;
    let highest = 0;
    for (let row = 0; row < rowCount; row++) highest = Math.max(highest, index[row] as number);
    if (highest >= this.#positionOf.length) {
      this.#positionOf = new Int32Array(2 * highest);
      this.#bits = new Int32Array((highest >>> 4) + 1);
    }
    const [bits, positionOf] = [this.#bits, this.#positionOf];
    for (let row = 0; row < rowCount; row++) {
      const id = index[row] as number;
      bits[id >>> 5] = (bits[id >>> 5] as number) | (1 << (id & 31));
    }
    let count = 0;
    for (let word = 0; word <= highest >>> 5; word++) {
      let left = bits[word] as number;
      bits[word] = 0;
      while (left !== 0) {
        const bit = left & -left;
        left ^= bit;
        if (count === this.stacks.length) this.stacks = copied(this.stacks, new Int32Array(2 * count));
        const id = (word << 5) + 31 - Math.clz32(bit);
        positionOf[id] = count;
        this.stacks[count++] = id;
      }
    }
    this.stackCount = count;
    for (let row = 0; row < rowCount; row++) index[row] = positionOf[index[row] as number] as number;
  }
}

function largest(values: Float64Array, count: number): number {
  let most = 0;
  for (let row = 0; row < count; row++) if ((values[row] as number) > most) most = values[row] as number;
  return most;
}

function isSmall(values: BigInt64Array, count: number): boolean {
  for (let row = 0; row < count; row++) {
    const value = values[row] as bigint;
    if (value > mostPlain || value < -mostPlain) return false;
  }
  return true;
}

function copied<Column extends Int32Array | Float64Array | BigInt64Array>(from: Column, to: Column): Column {
  (to as Int32Array).set(from as Int32Array);
  return to;
}
