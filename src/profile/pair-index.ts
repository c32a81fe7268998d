/** Differs between runs of the daemon, so that nobody can choose names and addresses that all fall into one slot. */
const seed = Math.floor(Math.random() * 2 ** 32) | 0;

/**
 * Numbers pairs of whole numbers from 0 in the order they are first seen; the same pair has the same number. Open
 * addressing over typed arrays: a profile interns a hundred thousand pairs, and an object for each would cost more than
 * all the rest.
 */
export class PairIndex {
  #size = 0;
  #first: Int32Array = new Int32Array(64);
  #second: Int32Array = new Int32Array(64);
  /** The pair's number + 1 by slot, 0 when free; never more than half full. */
  #slots: Int32Array = new Int32Array(128);

  get size(): number {
    return this.#size;
  }

  /** The first half of each pair; the first `size` are valid. Replaced when the index grows, so do not keep it. */
  get first(): Int32Array {
    return this.#first;
  }

  get second(): Int32Array {
    return this.#second;
  }

  /** The number of this pair; a new one when it is new. */
  intern(first: number, second: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let at = hash(first, second) & mask; ; at = (at + 1) & mask) {
      const found = (slots[at] as number) - 1;
      if (found < 0) {
        slots[at] = this.#size + 1;
        return this.#add(first, second);
      }
      if (this.#first[found] === first && this.#second[found] === second) return found;
    }
  }

  #add(first: number, second: number): number {
    const number = this.#size++;
    if (number === this.#first.length) this.#grow();
    this.#first[number] = first;
    this.#second[number] = second;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return number;
  }

  #grow(): void {
    const first = new Int32Array(this.#first.length * 2);
    const second = new Int32Array(first.length);
    first.set(this.#first);
    second.set(this.#second);
    this.#first = first;
    this.#second = second;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#size; number++) {
      let at = hash(this.#first[number] as number, this.#second[number] as number) & mask;
      while (slots[at] !== 0) at = (at + 1) & mask;
      slots[at] = number + 1;
    }
    this.#slots = slots;
  }
}

function hash(first: number, second: number): number {
  let h = Math.imul(first ^ seed, 0x9e37_79b1);
  h = Math.imul((h ^ (h >>> 15)) + second, 0x85eb_ca6b);
  return h ^ (h >>> 13);
}
