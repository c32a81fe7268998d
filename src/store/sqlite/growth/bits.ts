/**
 * Whole numbers as bits, high ones first. `golomb` is an Exp-Golomb code of order k: a number v below 2^k takes k + 1 bits,
 * and two more with each doubling beyond, so that many small numbers and a few large ones are both cheap.
 */

const half = 2 ** 32;
/** Read past the end by `peek`. */
const padding = 8;

export class BitWriter {
  #bytes = Buffer.alloc(1 << 12);
  #at = 0;

  reset(): void {
    this.#bytes.fill(0, 0, (this.#at + 7) >> 3);
    this.#at = 0;
  }

  /** A copy. */
  bytes(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, (this.#at + 7) >> 3));
  }

  /** The low bits of a number in [0, 2^53]. */
  bits(value: number, count: number): void {
    if (count > 32) {
      this.bits(Math.floor(value / half), count - 32);
      this.bits(value % half, 32);
      return;
    }
    while (this.#at + count > 8 * this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(this.#bytes.length)]);
    }
    for (let left = count; left > 0; ) {
      const free = 8 - (this.#at & 7);
      const taken = Math.min(free, left);
      left -= taken;
      const part = (value >>> left) & (2 ** taken - 1);
      this.#bytes[this.#at >> 3] = (this.#bytes[this.#at >> 3] as number) | (part << (free - taken));
      this.#at += taken;
    }
  }

  /** A number in [0, 2^53). */
  golomb(value: number, order: number): void {
    const scale = 2 ** order;
    const high = Math.floor(value / scale) + 1;
    const size = bitLength(high);
    this.bits(0, size - 1);
    this.bits(high, size);
    this.bits(value % scale, order);
  }
}

/** Reads what `BitWriter` wrote. Reading far past the end is a broken store and throws. */
export class BitReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.concat([bytes, Buffer.alloc(padding)]);
  }

  bits(count: number): number {
    if (count > 32) {
      const high = this.bits(count - 32);
      return high * half + this.bits(32);
    }
    const value = count === 0 ? 0 : this.#peek() >>> (32 - count);
    this.#at += count;
    return value;
  }

  golomb(order: number): number {
    const first = this.#peek();
    const size = 2 * Math.clz32(first) + 1 + order;
    if (size > 32) return this.#longGolomb(order);
    this.#at += size;
    // The leading zeros are no part of the number: all of it is in these bits.
    return (first >>> (32 - size)) - 2 ** order;
  }

  #longGolomb(order: number): number {
    let zeros = 0;
    for (let next = this.#peek(); ; next = this.#peek()) {
      const count = Math.clz32(next);
      zeros += count;
      this.#at += count;
      if (count < 32) break;
    }
    const high = this.bits(zeros + 1);
    return (high - 1) * 2 ** order + this.bits(order);
  }

  /** The next 32 bits. */
  #peek(): number {
    const byte = this.#at >> 3;
    if (byte + padding > this.#bytes.length) throw new Error(`stored bits end early, at ${this.#at}`);
    const shift = this.#at & 7;
    const first = this.#bytes.readUInt32BE(byte);
    return shift === 0 ? first : ((first << shift) | ((this.#bytes[byte + 4] as number) >> (8 - shift))) >>> 0;
  }
}

/** How many bits a whole number above 0 has. */
export function bitLength(value: number): number {
  return value < half ? 32 - Math.clz32(value) : 64 - Math.clz32(Math.floor(value / half));
}

/** The bits that `golomb` takes. */
export function golombSize(value: number, order: number): number {
  return 2 * bitLength(Math.floor(value / 2 ** order) + 1) - 1 + order;
}
