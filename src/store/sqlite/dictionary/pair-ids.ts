/** Differs between runs, so that nobody can choose pairs that all fall into one slot. */
const seed = Math.floor(Math.random() * 2 ** 32) | 0;
const smallest = 16;
/** At most this share of the slots is used. */
const fullest = 0.8;
const growth = 1.5;

type Column = Uint16Array | Int32Array;

/**
 * Numbers pairs of int32 from 0 in the order in which they are added, for hundreds of trees at once: so it is packed, 11 to
 * 16 bytes a pair, and grows by halves. A slot holds a number and, in the bits above it, a part of the pair's hash: so that a
 * look at the slots, which lie in a row, is mostly a look at one pair.
 *
 *     slot  [ bits of the hash │ number + 1 ]   0: free
 */
export class PairIds {
  #size = 0;
  #first: Column = new Uint16Array(smallest);
  #second: Column = new Uint16Array(smallest);
  #slots = new Int32Array(2 * smallest);
  /** How many bits of a slot hold the number. */
  #bits = bitsFor(2 * smallest);

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#first.byteLength + this.#second.byteLength + this.#slots.byteLength;
  }

  first(id: number): number {
    return this.#first[id] as number;
  }

  second(id: number): number {
    return this.#second[id] as number;
  }

  /** The lowest number of a pair, or -1. */
  find(first: number, second: number): number {
    const slots = this.#slots;
    const mask = 2 ** this.#bits - 1;
    const hash = mixed(first, second);
    const tag = hash << this.#bits;
    for (let at = this.#home(hash); ; ) {
      const slot = slots[at] as number;
      if (slot === 0) return -1;
      if ((slot & ~mask) === tag) {
        const id = (slot & mask) - 1;
        if (this.#first[id] === first && this.#second[id] === second) return id;
      }
      if (++at === slots.length) at = 0;
    }
  }

  /** Adds a pair, which has a new number even where it was there before. */
  push(first: number, second: number): number {
    const id = this.#size++;
    this.#first = withRoom(this.#first, id, first);
    this.#second = withRoom(this.#second, id, second);
    this.#first[id] = first;
    this.#second[id] = second;
    if (this.#size > fullest * this.#slots.length) this.#rehash();
    else this.#place(id);
    return id;
  }

  /** The number of a pair, added where it is new. */
  intern(first: number, second: number): number {
    const known = this.find(first, second);
    return known >= 0 ? known : this.push(first, second);
  }

  /** The slot to look at first: by the high bits of the hash, as the low ones are what a slot keeps. */
  #home(hash: number): number {
    return Math.floor(((hash >>> 0) * this.#slots.length) / 2 ** 32);
  }

  #rehash(): void {
    const length = Math.ceil(growth * this.#slots.length);
    this.#slots = new Int32Array(length);
    this.#bits = bitsFor(length);
    // In order: of pairs that are there twice, the lowest number is met first.
    for (let id = 0; id < this.#size; id++) this.#place(id);
  }

  #place(id: number): void {
    const slots = this.#slots;
    const hash = mixed(this.#first[id] as number, this.#second[id] as number);
    let at = this.#home(hash);
    while (slots[at] !== 0) if (++at === slots.length) at = 0;
    slots[at] = (hash << this.#bits) | (id + 1);
  }
}

/** For numbers up to a length, one higher than in the columns. */
function bitsFor(length: number): number {
  return 32 - Math.clz32(length);
}

/** With room for one more value, which is the last; of 32 bits from the first value on that has more than 16. */
function withRoom(column: Column, size: number, value: number): Column {
  const fits = value >= 0 && value <= 0xffff;
  const isWide = column instanceof Int32Array || !fits;
  if (size < column.length && isWide === column instanceof Int32Array) return column;
  const length = size < column.length ? column.length : Math.ceil(growth * column.length);
  const larger = isWide ? new Int32Array(length) : new Uint16Array(length);
  larger.set(column);
  return larger;
}

/** The finaliser of MurmurHash3 over both: every bit of a pair reaches every bit of the hash. */
function mixed(first: number, second: number): number {
  let hash = seed ^ Math.imul(first, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) ^ second;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
