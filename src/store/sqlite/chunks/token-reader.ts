import { ByteReader } from '../encoding/bytes.ts';
import type { TokenTables } from './token-tables.ts';
import { baseOf, directTokens, frequencyBits, leastState, plainBitsOf, tokensPerContext } from './tokens.ts';

const slots = 1 << frequencyBits;
/** A step holds a token (8 bits), its frequency (12 bits), and how far a slot is above its start. */
const frequencyShift = 8;
const frequencyMask = (1 << 12) - 1;
const aboveShift = 20;
/** Words are read a little past the end. */
const padding = 4;
/** Plain bits are read with 32 at once, of which 7 may have been read already. */
const mostBits = 24;

/** Tables as a reader needs them. */
export class TokenSteps {
  /** By context: where its table begins. */
  readonly first: Int32Array;
  /** By table and slot (the low bits of the state): what to do next, in one number. */
  readonly steps: Int32Array;

  constructor(tables: TokenTables) {
    this.first = Int32Array.from(tables.tableOf, (table) => table * slots);
    this.steps = new Int32Array(tables.size * slots);
    for (let table = 0; table < tables.size; table++) fillSteps(tables, table, this.steps);
  }
}

/** Reads one section, from its beginning to its end. */
export class TokenReader {
  readonly #first: Int32Array;
  readonly #steps: Int32Array;
  readonly #view: DataView;
  #state: number;
  #at: number;
  /** Of the plain bits, counted in bits. */
  #bitAt: number;

  constructor({ first, steps }: TokenSteps, section: Uint8Array) {
    const reader = new ByteReader(section);
    const coded = reader.uint();
    const start = reader.position;
    const bytes = new Uint8Array(section.length + padding);
    bytes.set(section);
    this.#first = first;
    this.#steps = steps;
    this.#view = new DataView(bytes.buffer);
    this.#state = reader.fixed32();
    this.#at = start + 4;
    this.#bitAt = 8 * (start + coded);
  }

  /** The next number, which was put in this context. */
  next(context: number): number {
    const token = this.#nextToken(context);
    if (token < directTokens) return token;
    return this.#withBits(token);
  }

  /** The same, for numbers that are as likely large as small: it costs as much for both, and no wrong guess. */
  nextOfAny(context: number): number {
    return this.#withBits(this.#nextToken(context));
  }

  #nextToken(context: number): number {
    const before = this.#state;
    const step = this.#steps[(this.#first[context] as number) + (before & (slots - 1))] as number;
    const state =
      Math.imul((step >>> frequencyShift) & frequencyMask, before >>> frequencyBits) + (step >>> aboveShift);
    // All ones where the state is too low: whether it is can not be foretold, so that a branch would cost more.
    const low = (state - leastState) >> 31;
    const at = this.#at;
    this.#state = (state << (low & 16)) | (this.#view.getUint16(at, true) & low);
    this.#at = at + (low & 2);
    return step & (tokensPerContext - 1);
  }

  #withBits(token: number): number {
    const count = plainBits[token] as number;
    if (count > mostBits) return this.#large(token);
    return (bases[token] as number) + this.#bits(count);
  }

  #large(token: number): number {
    let [value, scale, left] = [0, 1, plainBitsOf(token)];
    for (; left > 16; left -= 16, scale *= 2 ** 16) value += this.#bits(16) * scale;
    return value + this.#bits(left) * scale + baseOf(token);
  }

  #bits(count: number): number {
    const at = this.#bitAt;
    this.#bitAt = at + count;
    return (this.#view.getInt32(at >>> 3, true) >>> (at & 7)) & ((1 << count) - 1);
  }
}

/** By token: how many plain bits follow, and the number without them. */
const plainBits = Uint8Array.from({ length: tokensPerContext }, (_, token) =>
  token < directTokens ? 0 : plainBitsOf(token),
);
const bases = Int32Array.from({ length: tokensPerContext }, (_, token) => {
  if (token < directTokens) return token;
  return plainBitsOf(token) > mostBits ? 0 : baseOf(token);
});

function fillSteps(tables: TokenTables, table: number, steps: Int32Array): void {
  for (let token = 0; token < tables.endOf(table); token++) {
    const row = table * tokensPerContext + token;
    const part = tables.frequency[row] as number;
    const first = table * slots + (tables.start[row] as number);
    const step = token | (part << frequencyShift);
    for (let above = 0; above < part; above++) steps[first + above] = step | (above << aboveShift);
  }
}
