import type { Bytes } from '../model/units.ts';

const smallest = 64;
/** Of what is known, so that most lookups end at their first slot or the next. */
const fullest = 5 / 8;
/** With all that may be new: most of it never is, and the table need not be made for it. */
const fullestAhead = 7 / 8;

/**
 * A hash table from pairs of int32 to two int32 that are not both 0, by open addressing in one typed array: key and value of
 * a slot lie in one cache line. Looking up many pairs in a loop that does little else lets the processor wait for several
 * cache misses at once.
 */
export class PairTable {
  /** `[a, b, first, second]` of each slot; free where both values are 0. Replaced when it grows. */
  slots = new Int32Array(4 * smallest);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get bytes(): Bytes {
    return this.slots.byteLength;
  }

  reset(): void {
    this.slots = new Int32Array(4 * smallest);
    this.#size = 0;
  }

  /** Makes room for so many more pairs: until they are used up, slots stay where they are. */
  reserve(more: number): void {
    const needed = Math.max(this.#size / fullest, (this.#size + more) / fullestAhead);
    let length = this.slots.length;
    while (length < 4 * needed) length *= 2;
    if (length === this.slots.length) return;
    const old = this.slots;
    const slots = new Int32Array(length);
    const last = length - 4;
    for (let from = 0; from < old.length; from += 4) {
      const first = old[from + 2] as number;
      const second = old[from + 3] as number;
      if ((first | second) === 0) continue;
      const a = old[from] as number;
      const b = old[from + 1] as number;
      let at = mixed(a, b) & last;
      while (((slots[at + 2] as number) | (slots[at + 3] as number)) !== 0) at = (at + 4) & last;
      slots[at] = a;
      slots[at + 1] = b;
      slots[at + 2] = first;
      slots[at + 3] = second;
    }
    this.slots = slots;
  }

  /** Where in `slots` a pair lies, or the free slot where `put` will place it. */
  place(a: number, b: number): number {
    const slots = this.slots;
    const last = slots.length - 4;
    let at = mixed(a, b) & last;
    while ((slots[at] !== a || slots[at + 1] !== b) && ((slots[at + 2] as number) | (slots[at + 3] as number)) !== 0) {
      at = (at + 4) & last;
    }
    return at;
  }

  /** Fills the free slot `at`. Call `reserve` before `place`. */
  put(at: number, a: number, b: number, first: number, second: number): void {
    this.#size++;
    this.slots[at] = a;
    this.slots[at + 1] = b;
    this.slots[at + 2] = first;
    this.slots[at + 3] = second;
  }
}

function mixed(a: number, b: number): number {
  const product = Math.imul(a ^ Math.imul(b, 0x85ebca6b), 0x9e3779b1);
  return product ^ (product >>> 15);
}
