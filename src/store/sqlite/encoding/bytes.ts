/**
 * Whole numbers as varints (seven bits a byte, low ones first), signed ones folded to unsigned by zigzag
 * (0, -1, 1, -2 → 0, 1, 2, 3). Numbers up to 2^53 take a fast path; bigints may have any size.
 */

const initialBytes = 1 << 16;
/** A varint of a number up to 2^53 has at most this many bytes. */
const longestVarint = 10;

/** A growing buffer that is used again and again: `bytes()` is valid until the next `reset`. */
export class ByteWriter {
  #buffer = Buffer.allocUnsafe(initialBytes);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  reset(): void {
    this.#length = 0;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  /** Four bytes, little-endian. */
  fixed32(value: number): void {
    this.#reserve(4);
    this.#length = this.#buffer.writeInt32LE(value | 0, this.#length);
  }

  /** Writes over four bytes written earlier. */
  patch32(at: number, value: number): void {
    this.#buffer.writeInt32LE(value | 0, at);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A whole number in [0, 2^53]. */
  uint(value: number): void {
    this.#reserve(longestVarint);
    const buffer = this.#buffer;
    let at = this.#length;
    let rest = value;
    while (rest > 0x7fffffff) {
      buffer[at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      buffer[at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    buffer[at++] = rest;
    this.#length = at;
  }

  /** The first `count` of rising numbers below 2^31, as `ByteReader.risingInts` reads them: gaps, from -1 on. */
  risingInts(ids: Int32Array, count: number): void {
    this.#reserve(longestVarint * count);
    const buffer = this.#buffer;
    let at = this.#length;
    let before = -1;
    for (let i = 0; i < count; i++) {
      const id = ids[i] as number;
      let rest = id - before - 1;
      before = id;
      while (rest > 127) {
        buffer[at++] = (rest & 127) | 128;
        rest >>>= 7;
      }
      buffer[at++] = rest;
    }
    this.#length = at;
  }

  /** `uint` of `values[rows[i]]` for the first `count` rows: the loop that an append spends its time in. */
  uintsAt(values: Float64Array, rows: Int32Array, count: number): void {
    this.#reserve(longestVarint * count);
    const buffer = this.#buffer;
    let at = this.#length;
    for (let i = 0; i < count; i++) {
      let rest = values[rows[i] as number] as number;
      while (rest > 0x7fffffff) {
        buffer[at++] = (rest % 128) | 128;
        rest = Math.floor(rest / 128);
      }
      while (rest > 127) {
        buffer[at++] = (rest & 127) | 128;
        rest >>>= 7;
      }
      buffer[at++] = rest;
    }
    this.#length = at;
  }

  /** A whole number of either sign: a number up to 2^53 in size, or a bigint of any. */
  int(value: number | bigint): void {
    if (typeof value === 'number' && Math.abs(value) < 2 ** 52) this.uint(value < 0 ? -2 * value - 1 : 2 * value);
    else this.#bigUint(zigzag(BigInt(value)));
  }

  text(value: string): void {
    const size = Buffer.byteLength(value);
    this.uint(size);
    this.#reserve(size);
    this.#length += this.#buffer.write(value, this.#length);
  }

  #bigUint(value: bigint): void {
    let rest = value;
    while (rest > 127n) {
      this.byte(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.byte(Number(rest));
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, this.#length + count));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

/** Reads what `ByteWriter` wrote, in the same order. Reading past the end is a broken store and throws. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = 0;
  }

  get position(): number {
    return this.#at;
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length;
  }

  skip(count: number): void {
    this.#at += count;
  }

  /** Passes over numbers of any kind, `fixed32` excepted. */
  skipNumbers(count: number): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let left = count; left > 0 && at < bytes.length; at++) if ((bytes[at] as number) < 128) left--;
    this.#at = at;
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw new Error(`stored bytes end early, at ${this.#at}`);
    return value;
  }

  /** A view of the next bytes. */
  raw(count: number): Buffer {
    const end = this.#at + count;
    if (end > this.#bytes.length) throw new Error(`stored bytes end early, at ${this.#bytes.length}`);
    const view = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return view;
  }

  fixed32(): number {
    const value = this.#bytes.readInt32LE(this.#at);
    this.#at += 4;
    return value;
  }

  /** Exact up to 2^53, rounded beyond. */
  uint(): number {
    const first = this.byte();
    if (first < 128) return first;
    let value = first & 127;
    let scale = 128;
    for (;;) {
      const next = this.byte();
      value += (next & 127) * scale;
      if (next < 128) return value;
      scale *= 128;
    }
  }

  /** `count` numbers, each the one before it plus a stored gap plus one: rising ids. The first counts from -1. */
  risingInts(count: number, into: Int32Array): void {
    const bytes = this.#bytes;
    let id = -1;
    for (let i = 0; i < count; i++) {
      const first = bytes[this.#at] ?? 128;
      if (first < 128) this.#at++;
      id += (first < 128 ? first : this.uint()) + 1;
      into[i] = id;
    }
  }

  /** `count` numbers. The loop that a merge spends its time in: two bytes at most are read without a call. */
  uints(count: number, into: Float64Array): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < count; i++) {
      const first = bytes[at] ?? 128;
      const second = first < 128 ? 0 : (bytes[at + 1] ?? 128);
      if (first < 128) {
        into[i] = first;
        at++;
      } else if (second < 128) {
        into[i] = (first & 127) | (second << 7);
        at += 2;
      } else {
        this.#at = at;
        into[i] = this.uint();
        at = this.#at;
      }
    }
    this.#at = at;
  }

  /** Exact up to 2^53 in size, rounded beyond. The sign is the lowest bit, which a rounded number would have lost. */
  int(): number {
    const first = this.byte();
    let value = (first & 127) >> 1;
    let scale = 64;
    for (let last = first; last > 127; scale *= 128) {
      last = this.byte();
      value += (last & 127) * scale;
    }
    return first % 2 === 0 ? value : -value - 1;
  }

  /** Exact at any size. */
  bigInt(): bigint {
    let [value, shift] = [0n, 0n];
    for (;;) {
      // Seven bytes hold 49 bits: a plain number, so that a bigint is made of every seventh byte only.
      let [part, scale] = [0, 1];
      for (let count = 0; count < 7; count++, scale *= 128) {
        const next = this.byte();
        part += (next & 127) * scale;
        if (next < 128) return unfold(value | (BigInt(part) << shift));
      }
      value |= BigInt(part) << shift;
      shift += 49n;
    }
  }

  text(): string {
    const size = this.uint();
    const value = this.#bytes.toString('utf8', this.#at, this.#at + size);
    this.#at += size;
    return value;
  }
}

function zigzag(value: bigint): bigint {
  return value < 0n ? -2n * value - 1n : 2n * value;
}

function unfold(value: bigint): bigint {
  return value & 1n ? -((value + 1n) >> 1n) : value >> 1n;
}
