import type { Bytes } from '../model/units.ts';

const smallest = 64;
/** Differs between runs, so that nobody can choose pairs that all fall into one slot. */
const seed = Math.floor(Math.random() * 2 ** 32) | 0;

/**
 * A map from pairs of int32 to whole numbers in [0, 2^31 - 2], by open addressing in one typed array: no objects, 12 bytes a
 * slot, at most half of the slots used. May be emptied and filled again for every profile.
 */
export class PairMap {
  #table = new Int32Array(3 * smallest);
  #slots = smallest;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get bytes(): Bytes {
    return this.#table.byteLength;
  }

  /** Forgets everything and makes room for `expected` pairs, so that filling does not grow in steps. */
  reset(expected = 0): void {
    let slots = smallest;
    while (slots < 2 * expected) slots *= 2;
    if (3 * slots > this.#table.length) this.#table = new Int32Array(3 * slots);
    else this.#table.fill(0, 0, 3 * slots);
    this.#slots = slots;
    this.#size = 0;
  }

  /** The number stored for a pair, or -1. */
  get(a: number, b: number): number {
    return (this.#table[this.#find(a, b) + 2] as number) - 1;
  }

  set(a: number, b: number, value: number): void {
    let at = this.#find(a, b);
    if (this.#table[at + 2] === 0) {
      if (2 * (this.#size + 1) > this.#slots) {
        this.#grow();
        at = this.#find(a, b);
      }
      this.#size++;
      this.#table[at] = a;
      this.#table[at + 1] = b;
    }
    // 0 marks a free slot, so values are kept one higher.
    this.#table[at + 2] = value + 1;
  }

  #find(a: number, b: number): number {
    const table = this.#table;
    const mask = this.#slots - 1;
    let slot = mix(a, b) & mask;
    for (;;) {
      const at = 3 * slot;
      if (table[at + 2] === 0 || (table[at] === a && table[at + 1] === b)) return at;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const old = this.#table;
    const oldLength = 3 * this.#slots;
    this.#slots *= 2;
    this.#table = new Int32Array(3 * this.#slots);
    for (let from = 0; from < oldLength; from += 3) {
      if (old[from + 2] === 0) continue;
      const to = this.#find(old[from] as number, old[from + 1] as number);
      this.#table[to] = old[from] as number;
      this.#table[to + 1] = old[from + 1] as number;
      this.#table[to + 2] = old[from + 2] as number;
    }
  }
}

/** The finaliser of MurmurHash3 over both halves: every input bit reaches the low bits that pick the slot. */
function mix(a: number, b: number): number {
  let hash = seed ^ Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
