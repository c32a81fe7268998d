import { grown, trimmed } from './arena.ts';
import { two32 } from './wire-reader.ts';

/** Ids below this are indexes of an array; the others, hashes mostly, are numbered from here on as they come. */
const denseIds = 1 << 22;

/**
 * From the ids of a message to positions in its tables. Ids are any 64-bit numbers; nearly always they are 1, 2, 3 ….
 * `key` makes an id a small number, the same for the same id, whether it is defined yet or not; `define` says where the
 * thing with that id stands; `find` asks.
 */
export class IdIndex {
  /** Position + 1 by dense id; 0 is undefined. */
  #dense: Int32Array = new Int32Array(1 << 12);
  #highest = 0;
  /** Position + 1 by sparse id's number. */
  #sparse: Int32Array = new Int32Array(16);
  #low: Int32Array = new Int32Array(16);
  #high: Int32Array = new Int32Array(16);
  #sparseCount = 0;
  /** Whether each id so far is its position + 1, as in nearly every profile. */
  #inOrder = true;
  /** Open addressing: sparse id's number + 1. */
  #slots: Int32Array = new Int32Array(32);

  reset(): void {
    this.#dense = trimmed(this.#dense, this.#highest + 1);
    this.#dense.fill(0, 0, this.#highest + 1);
    this.#highest = 0;
    this.#inOrder = true;
    if (this.#sparseCount > 0) {
      this.#sparse = new Int32Array(16);
      this.#low = new Int32Array(16);
      this.#high = new Int32Array(16);
      this.#slots = new Int32Array(32);
      this.#sparseCount = 0;
    }
  }

  /** A number below 2^31 for this id. */
  key(low: number, high: number): number {
    return high === 0 && low >= 0 && low < denseIds ? low : this.#sparseKey(low, high);
  }

  /** False when the id is defined already. */
  define(key: number, position: number): boolean {
    this.#inOrder &&= key === position + 1;
    if (key >= denseIds) {
      if (this.#sparse[key - denseIds] !== 0) return false;
      this.#sparse[key - denseIds] = position + 1;
      return true;
    }
    if (key > this.#highest) {
      this.#dense = grown(this.#dense, key + 1);
      this.#highest = key;
    }
    if (this.#dense[key] !== 0) return false;
    this.#dense[key] = position + 1;
    return true;
  }

  /** The position of the thing with this id, or -1. */
  find(key: number): number {
    if (key >= denseIds) return (this.#sparse[key - denseIds] ?? 0) - 1;
    return key <= this.#highest ? (this.#dense[key] ?? 0) - 1 : -1;
  }

  /** Whether every key from 1 to this one is defined and is its position + 1. */
  isIdentityUpTo(key: number): boolean {
    return this.#inOrder && key <= this.#highest;
  }

  /** Replaces keys less 1 by positions in place; answers the place of the first that is not defined, or -1. */
  resolve(keysLess1: Int32Array, count: number): number {
    const dense = this.#dense;
    const highest = this.#highest;
    for (let i = 0; i < count; i++) {
      const key = (keysLess1[i] as number) + 1;
      const position = key <= highest ? (dense[key] as number) - 1 : this.find(key);
      if (position < 0) return i;
      keysLess1[i] = position;
    }
    return -1;
  }

  /** The id behind a key, for messages. */
  idOf(key: number): bigint {
    if (key < denseIds) return BigInt(key);
    const at = key - denseIds;
    return BigInt((this.#high[at] ?? 0) >>> 0) * BigInt(two32) + BigInt((this.#low[at] ?? 0) >>> 0);
  }

  #sparseKey(low: number, high: number): number {
    if (this.#sparseCount * 2 >= this.#slots.length) this.#rehash();
    const mask = this.#slots.length - 1;
    for (let at = hash(low, high) & mask; ; at = (at + 1) & mask) {
      const found = (this.#slots[at] as number) - 1;
      if (found < 0) {
        this.#slots[at] = this.#sparseCount + 1;
        return this.#add(low, high);
      }
      if (this.#low[found] === low && this.#high[found] === high) return denseIds + found;
    }
  }

  #add(low: number, high: number): number {
    const number = this.#sparseCount++;
    this.#sparse = grown(this.#sparse, number + 1);
    this.#low = grown(this.#low, number + 1);
    this.#high = grown(this.#high, number + 1);
    this.#low[number] = low;
    this.#high[number] = high;
    return denseIds + number;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#sparseCount; number++) {
      let at = hash(this.#low[number] as number, this.#high[number] as number) & mask;
      while (slots[at] !== 0) at = (at + 1) & mask;
      slots[at] = number + 1;
    }
    this.#slots = slots;
  }
}

/** Seeded for each run of the daemon: ids are the target's to choose, and equal slots would make this quadratic. */
const seed = (Math.random() * two32) | 0;

function hash(low: number, high: number): number {
  let h = Math.imul(low ^ seed, 0x9e37_79b1);
  h = Math.imul((h ^ (h >>> 15)) + high, 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13) ^ seed, 0xc2b2_ae35);
  return h ^ (h >>> 16);
}
