import { ByteReader } from '../encoding/bytes.ts';
import type { TokenTables } from './token-tables.ts';
import { directTokens, frequencyBits, leastState, plainBitsOf, tokensPerContext } from './tokens.ts';

const slotMask = (1 << frequencyBits) - 1;
/** Plain bits are read four bytes at once. */
const padding = 4;

/** Reads sections back, with the tables that they were written with. */
export class TokenReader {
  readonly #tableOf: Uint8Array;
  readonly #frequency: Uint16Array;
  readonly #start: Uint16Array;
  /** By table and slot (the low bits of the state): the token. */
  readonly #tokenAt: Uint8Array;
  #bytes = new Uint8Array(0);
  #at = 0;
  #state = leastState;
  /** Of the plain bits, counted in bits. */
  #bitAt = 0;

  constructor(tables: TokenTables) {
    this.#tableOf = tables.tableOf;
    this.#frequency = tables.frequency;
    this.#start = tables.start;
    this.#tokenAt = new Uint8Array(tables.size << frequencyBits);
    for (let table = 0; table < tables.size; table++) this.#fillSlots(table);
  }

  open(section: Uint8Array): void {
    const reader = new ByteReader(section);
    const coded = reader.uint();
    const first = reader.position;
    const bytes = new Uint8Array(section.length + padding);
    bytes.set(section);
    this.#bytes = bytes;
    this.#state = reader.fixed32();
    this.#at = first + 4;
    this.#bitAt = 8 * (first + coded);
  }

  /** The next number, which was put in this context. */
  next(context: number): number {
    const table = this.#tableOf[context] as number;
    const slot = this.#state & slotMask;
    const token = this.#tokenAt[(table << frequencyBits) + slot] as number;
    const row = table * tokensPerContext + token;
    let state =
      Math.imul(this.#frequency[row] as number, this.#state >>> frequencyBits) + slot - (this.#start[row] as number);
    if (state < leastState) {
      const at = this.#at;
      state = (state << 16) | ((this.#bytes[at + 1] as number) << 8) | (this.#bytes[at] as number);
      this.#at = at + 2;
    }
    this.#state = state;
    return token < directTokens ? token : this.#large(token);
  }

  #large(token: number): number {
    const count = plainBitsOf(token);
    const top = 4 + (token & 3);
    if (count <= 24) return (top << count) + this.#bits(count);
    let [value, scale, left] = [0, 1, count];
    for (; left > 16; left -= 16, scale *= 2 ** 16) value += this.#bits(16) * scale;
    return value + this.#bits(left) * scale + top * 2 ** count;
  }

  /** 24 bits at most. */
  #bits(count: number): number {
    const bytes = this.#bytes;
    const at = this.#bitAt >>> 3;
    const four =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    const bits = (four >>> (this.#bitAt & 7)) & ((1 << count) - 1);
    this.#bitAt += count;
    return bits;
  }

  #fillSlots(table: number): void {
    const [first, end] = [table * tokensPerContext, (table + 1) * tokensPerContext];
    for (let row = first; row < end; row++) {
      const part = this.#frequency[row] as number;
      if (part === 0) continue;
      const slot = (table << frequencyBits) + (this.#start[row] as number);
      this.#tokenAt.fill(row - first, slot, slot + part);
    }
  }
}
