/** The secret of a store's hashes: 64 bits, random, made once for each store. */
export interface HashKey {
  readonly high: number;
  readonly low: number;
}

/**
 * HalfSipHash-1-3 with 64 bits of output (Aumasson and Bernstein; the 32-bit sibling of the SipHash that hash tables of
 * Rust, Python and Ruby use against crafted keys), over 32-bit words. Without the key nobody can make two texts collide,
 * so a client cannot pass its frames off as another's. The result is left in `high` and `low`: no allocation.
 */
export class KeyedHash {
  high = 0;
  low = 0;
  readonly #key: HashKey;
  #words = new Int32Array(256);

  constructor(key: HashKey) {
    this.#key = key;
  }

  /** Hashes the bytes `[start, end)`, their number included. */
  bytes(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    const count = (length >>> 2) + 1;
    if (count > this.#words.length) this.#words = new Int32Array(2 * count);
    const words = this.#words;
    let at = start;
    for (let index = 0; index < count - 1; index++, at += 4) {
      words[index] =
        (bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24);
    }
    let last = length << 24;
    for (let shift = 0; at < end; at++, shift += 8) last |= (bytes[at] as number) << shift;
    words[count - 1] = last;
    this.words(words, count);
    // The last word holds the length modulo 256 only, as in the paper; a clash across lengths is as rare as any.
  }

  /** Hashes the first `count` words. */
  words(words: Int32Array, count: number): void {
    const { high, low } = this.#key;
    let v0 = low;
    let v1 = high ^ 0xee;
    let v2 = low ^ 0x6c796765;
    let v3 = high ^ 0x74656462;
    for (let index = 0; index < count + 6; index++) {
      // The words, then three rounds for each half of the result.
      const step = index - count;
      const word = step < 0 ? (words[index] as number) : 0;
      if (step < 0) v3 ^= word;
      else if (step === 0) v2 ^= 0xee;
      else if (step === 3) {
        this.high = v1 ^ v3;
        v1 ^= 0xdd;
      }
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    this.low = v1 ^ v3;
  }
}

/** The finaliser of MurmurHash3: a bijection of int32 in which every input bit reaches every output bit. */
export function mix32(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
