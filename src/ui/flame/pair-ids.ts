/** Numbers for pairs of whole numbers from 0 on, given as they come: a hash table in typed arrays, since a Map of texts is ten times slower. */
export class PairIds {
  #first: Int32Array;
  #second: Int32Array;
  /** Id + 1 by slot; 0 is free. */
  #slots: Int32Array;
  #size = 0;

  /** `expected` pairs have room without growing. */
  constructor(expected = 64) {
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(64, expected)));
    this.#first = new Int32Array(capacity);
    this.#second = new Int32Array(capacity);
    this.#slots = new Int32Array(2 * capacity);
  }

  get size(): number {
    return this.#size;
  }

  /** The number of a pair; a new pair gets the next one, which is `size` before. */
  idOf(first: number, second: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash(first, second) & mask;
    for (let id = this.#slots[slot] as number; id !== 0; id = this.#slots[slot] as number) {
      if (this.#first[id - 1] === first && this.#second[id - 1] === second) return id - 1;
      slot = (slot + 1) & mask;
    }
    if (this.#size === this.#first.length) this.#grow();
    return this.#add(first, second);
  }

  /** The first numbers of all pairs, by id; good until the next pair. */
  firsts(): Int32Array {
    return this.#first.subarray(0, this.#size);
  }

  seconds(): Int32Array {
    return this.#second.subarray(0, this.#size);
  }

  #add(first: number, second: number): number {
    const id = this.#size++;
    this.#first[id] = first;
    this.#second[id] = second;
    this.#place(id);
    return id;
  }

  #place(id: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash(this.#first[id] as number, this.#second[id] as number) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = id + 1;
  }

  #grow(): void {
    const [first, second] = [this.#first, this.#second];
    this.#first = new Int32Array(first.length * 2);
    this.#second = new Int32Array(first.length * 2);
    this.#first.set(first);
    this.#second.set(second);
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let id = 0; id < this.#size; id++) this.#place(id);
  }
}

function hash(first: number, second: number): number {
  const mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second + 1, 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> 7;
}
