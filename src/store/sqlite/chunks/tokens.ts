/**
 * Whole numbers as tokens below 256 and plain bits. A number below 16 is its own token. A larger one has a token for its
 * highest bit and the two bits below, and the rest of its bits follow as they are:
 *
 *     15 → 15        16 … 19 → 16 and 2 bits        20 … 23 → 17 and 2 bits        1000 → 39 and 7 bits
 *
 * Tokens cost what their context makes of them (see `TokenTables`): each is written as a step of a range coder, whose
 * state is below 2^31 and moves 16 bits at a time.
 */
export const directTokens = 16;
export const tokensPerContext = 256;
/** Bits of the sum of a context's frequencies. */
export const frequencyBits = 10;
/** The state of the range coder is never less. */
export const leastState = 1 << 15;
const directBits = 4;

/** How many plain bits follow a token of 16 and more. */
export function plainBitsOf(token: number): number {
  return directBits - 2 + ((token - directTokens) >> 2);
}

/** The number of a token of 16 and more whose plain bits are 0. */
export function baseOf(token: number): number {
  return (4 + (token & 3)) * 2 ** plainBitsOf(token);
}

/** Plain bits, the low ones of each number first. */
class BitWriter {
  bytes = new Uint8Array(1 << 16);
  length = 0;
  #pending = 0;
  #count = 0;

  /** The low `count` bits of a number; 16 at most. */
  put(bits: number, count: number): void {
    this.#pending |= bits << this.#count;
    this.#count += count;
    if (this.#count < 16) return;
    this.#writePending();
    this.#pending >>>= 16;
    this.#count -= 16;
  }

  /** Fills up the last byte. */
  align(): void {
    if (this.#count > 0) this.#writePending();
    if (this.#count > 0 && this.#count <= 8) this.length--;
    this.reset(this.length);
  }

  reset(length: number): void {
    [this.#pending, this.#count, this.length] = [0, 0, length];
  }

  #writePending(): void {
    if (this.length + 2 > this.bytes.length) {
      const larger = new Uint8Array(2 * this.bytes.length);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    this.bytes[this.length++] = this.#pending;
    this.bytes[this.length++] = this.#pending >>> 8;
  }
}

/** Where a section of a `TokenWriter` lies: its tokens and its plain bits. */
export interface Section {
  readonly firstToken: number;
  readonly endToken: number;
  readonly firstByte: number;
  readonly endByte: number;
}

/** Takes down numbers in contexts, by sections that can be read alone. Tables are made when all are known. */
export class TokenWriter {
  /** By context and token: how often it came. */
  counts = new Uint32Array(0);
  contexts = 0;
  readonly sections: Section[] = [];
  /** Context × 256 + token, in the order written. */
  #tokens = new Int32Array(1 << 16);
  #length = 0;
  readonly #bits = new BitWriter();
  #firstToken = 0;
  #firstByte = 0;

  /** Forgets everything, and takes numbers in so many contexts. */
  start(contexts: number): void {
    const size = contexts * tokensPerContext;
    if (this.counts.length < size) this.counts = new Uint32Array(size);
    else this.counts.fill(0, 0, size);
    this.contexts = contexts;
    this.sections.length = 0;
    this.#bits.reset(0);
    this.#length = 0;
    this.#firstToken = 0;
    this.#firstByte = 0;
  }

  /** Makes room for so many numbers, before they are put. */
  reserve(numbers: number): void {
    if (this.#length + numbers <= this.#tokens.length) return;
    const larger = new Int32Array(2 * (this.#length + numbers));
    larger.set(this.#tokens);
    this.#tokens = larger;
  }

  /** A whole number in [0, 2^53]. */
  put(context: number, value: number): void {
    const at = context * tokensPerContext + (value < directTokens ? value : this.#putLarge(value));
    this.counts[at] = (this.counts[at] as number) + 1;
    this.#tokens[this.#length++] = at;
  }

  endSection(): void {
    this.#bits.align();
    const [endToken, endByte] = [this.#length, this.#bits.length];
    this.sections.push({ firstToken: this.#firstToken, endToken, firstByte: this.#firstByte, endByte });
    [this.#firstToken, this.#firstByte] = [endToken, endByte];
  }

  get tokens(): Int32Array {
    return this.#tokens;
  }

  get plainBits(): Uint8Array {
    return this.#bits.bytes;
  }

  /** Writes the plain bits of a number of 16 and more. Returns its token. */
  #putLarge(value: number): number {
    let [rest, shift] = [value, 0];
    // Plain bits are written from the low ones on, in parts that 32-bit arithmetic can hold.
    for (; rest >= 2 ** 31; rest = Math.floor(rest / 2 ** 16)) {
      this.#bits.put(rest % 2 ** 16, 16);
      shift += 16;
    }
    const highest = 31 - Math.clz32(rest);
    let plain = highest - 2;
    const top = rest >>> plain;
    let bits = rest & ((1 << plain) - 1);
    const token = directTokens + 4 * (highest + shift - directBits) + (top & 3);
    for (; plain > 16; plain -= 16) {
      this.#bits.put(bits & 0xffff, 16);
      bits >>>= 16;
    }
    this.#bits.put(bits, plain);
    return token;
  }
}
