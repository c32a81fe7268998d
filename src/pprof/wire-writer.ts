const two28 = 2 ** 28;
/** Bytes of the longest varint. */
const longestVarint = 10;

/** Writes protobuf's parts into one buffer that grows. */
export class WireWriter {
  #bytes: Buffer<ArrayBuffer>;
  #size = 0;

  /** Room to begin with. */
  constructor(bytes = 256 * 1024) {
    this.#bytes = Buffer.allocUnsafeSlow(bytes);
  }

  get size(): number {
    return this.#size;
  }

  /** A whole number from 0 to 2^53. */
  uint(value: number): void {
    this.#reserve(longestVarint);
    const bytes = this.#bytes;
    let at = this.#size;
    let rest = value;
    if (value >= two28) {
      const high = Math.floor(value / two28);
      let low = value - high * two28;
      for (let i = 0; i < 4; i++, low >>>= 7) bytes[at++] = (low & 127) | 128;
      rest = high;
    }
    for (; rest > 127; rest >>>= 7) bytes[at++] = (rest & 127) | 128;
    bytes[at++] = rest;
    this.#size = at;
  }

  /** An int64; a negative one takes ten bytes. */
  int(value: number | bigint): void {
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) return this.uint(Number(value));
    this.#reserve(longestVarint);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 127n; rest >>= 7n) this.#bytes[this.#size++] = Number(rest & 127n) | 128;
    this.#bytes[this.#size++] = Number(rest);
  }

  /** A field with a number; 0 is what is taken for one that is missing, so it is not written. Fields are 1 to 15. */
  intField(field: number, value: number | bigint): void {
    if (value === 0 || value === 0n) return;
    this.#byte(field << 3);
    this.int(value);
  }

  /** The beginning of a field whose `length` bytes follow. */
  lengthField(field: number, length: number): void {
    this.#byte((field << 3) | 2);
    this.uint(length);
  }

  textField(field: number, text: string): void {
    // UTF-16 to UTF-8: at most three bytes for each unit.
    this.#reserve(3 * text.length + 1 + longestVarint);
    const start = this.open(field);
    this.#size += this.#bytes.write(text, this.#size);
    this.close(start);
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#size);
    this.#size += bytes.length;
  }

  /** Begins a field whose length is not known yet; to be handed to `close`. */
  open(field: number): number {
    this.#byte((field << 3) | 2);
    this.#byte(0);
    return this.#size;
  }

  /** Ends a field. There is room for a length of one byte; a longer one moves what was written. */
  close(start: number): void {
    const length = this.#size - start;
    if (length > 127) {
      const more = uintSize(length) - 1;
      this.#reserve(more);
      this.#bytes.copyWithin(start + more, start, this.#size);
    }
    this.#size = start - 1;
    this.uint(length);
    this.#size += length;
  }

  /** What was written; good until more is. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#size++] = byte;
  }

  #reserve(bytes: number): void {
    if (this.#size + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.#size + bytes));
    larger.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = larger;
  }
}

/** Bytes of a varint from 0 to 2^53. */
export function uintSize(value: number): number {
  let size = 1;
  for (let bound = 128; bound <= value; bound *= 128) size++;
  return size;
}

/** Bytes of an int64 as a varint. */
export function intSize(value: number | bigint): number {
  if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) return uintSize(Number(value));
  if (value < 0) return longestVarint;
  // Between 2^53 and 2^63.
  return value < 2n ** 56n ? 8 : 9;
}
