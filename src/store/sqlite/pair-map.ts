const initialSlots = 64;
/** Differs between runs, so that nobody can choose stacks that all fall into one slot. */
const seed = Math.floor(Math.random() * 2 ** 32) | 0;

/** A map from pairs of int32 to numbers from 0, in one typed array: 24 to 48 bytes an entry. */
export class PairMap {
  #slots = initialSlots;
  #table = new Int32Array(3 * initialSlots).fill(-1);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number stored for a pair, or -1. */
  get(a: number, b: number): number {
    return this.#table[this.#find(a, b) + 2] ?? -1;
  }

  set(a: number, b: number, value: number): void {
    if (2 * (this.#size + 1) > this.#slots) this.#grow();
    const at = this.#find(a, b);
    if ((this.#table[at + 2] ?? -1) < 0) this.#size++;
    this.#table[at] = a;
    this.#table[at + 1] = b;
    this.#table[at + 2] = value;
  }

  #find(a: number, b: number): number {
    const table = this.#table;
    const mask = this.#slots - 1;
    let slot = mix(a, b) & mask;
    for (;;) {
      const at = 3 * slot;
      if ((table[at + 2] ?? -1) < 0 || (table[at] === a && table[at + 1] === b)) return at;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const old = this.#table;
    this.#slots *= 2;
    this.#table = new Int32Array(3 * this.#slots).fill(-1);
    for (let at = 0; at < old.length; at += 3) {
      const [a = 0, b = 0, value = -1] = [old[at], old[at + 1], old[at + 2]];
      if (value < 0) continue;
      const to = this.#find(a, b);
      this.#table[to] = a;
      this.#table[to + 1] = b;
      this.#table[to + 2] = value;
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
