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
const mostPlain = 24;
/** For other modules: what is exported is looked up at each use, which a loop would feel. */
export const mostBits = mostPlain;

/** Tables as a reader needs them. */
export class TokenSteps {
  /** By context: where its table begins. */
  readonly first: Int32Array;
  /** By table and slot (the low bits of the state): what to do next, in one number. */
  readonly steps: Int32Array<ArrayBuffer>;
  /** By token, the same for all. */
  readonly plainBits = plainBits;
  readonly bases = bases;

  /** `room` is used where it is large enough. */
  constructor(tables: TokenTables, room?: Int32Array<ArrayBuffer>) {
    const size = tables.size * slots;
    this.first = Int32Array.from(tables.tableOf, (table) => table * slots);
    this.steps = room && room.length >= size ? room : new Int32Array(size);
    for (let table = 0; table < tables.size; table++) fillSteps(tables, table, this.steps);
  }
}

/** A section before its first token is read. */
interface OpenSection {
  readonly view: DataView;
  readonly state: number;
  readonly tokensAt: number;
  /** Where its plain bits begin, in bits. */
  readonly bitsAt: number;
}

export function openSection(section: Uint8Array): OpenSection {
  const reader = new ByteReader(section);
  const coded = reader.uint();
  const start = reader.position;
  const state = reader.fixed32();
  return { view: paddedView(section), state, tokensAt: start + 4, bitsAt: 8 * (start + coded) };
}

/** A section lies in front of a checksum, or of another section: only what was cut out is copied. */
function paddedView(section: Uint8Array): DataView {
  const { buffer, byteOffset, length } = section;
  if (byteOffset + length + padding <= buffer.byteLength) return new DataView(buffer, byteOffset, length + padding);
  const bytes = new Uint8Array(length + padding);
  bytes.set(section);
  return new DataView(bytes.buffer);
}

/** Reads one section, from its beginning to its end. `readSnapshots` does the same, with its state in variables. */
export class TokenReader {
  readonly #first: Int32Array;
  readonly #steps: Int32Array;
  readonly #view: DataView;
  #state: number;
  #at: number;
  /** Of the plain bits, counted in bits. */
  #bitAt: number;

  constructor({ first, steps }: TokenSteps, section: Uint8Array) {
    const { view, state, tokensAt, bitsAt } = openSection(section);
    this.#first = first;
    this.#steps = steps;
    this.#view = view;
    this.#state = state;
    this.#at = tokensAt;
    this.#bitAt = bitsAt;
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
    const at = this.#bitAt;
    this.#bitAt = at + count;
    if (count > mostPlain) return largeNumber(token, this.#view, at);
    return (bases[token] as number) + ((this.#view.getInt32(at >>> 3, true) >>> (at & 7)) & ((1 << count) - 1));
  }
}

/** The number of a token with more than `mostBits` plain bits, which are at `first`. */
export function largeNumber(token: number, view: DataView, first: number): number {
  let [value, scale, at, left] = [0, 1, first, plainBitsOf(token)];
  for (; left > 0; left -= 8, at += 8, scale *= 2 ** 8) {
    value += ((view.getUint16(at >>> 3, true) >>> (at & 7)) & ((1 << Math.min(8, left)) - 1)) * scale;
  }
  return value + baseOf(token);
}

/** By token: how many plain bits follow, and the number without them. */
export const plainBits = Uint8Array.from({ length: tokensPerContext }, (_, token) =>
  token < directTokens ? 0 : plainBitsOf(token),
);
export const bases = Int32Array.from({ length: tokensPerContext }, (_, token) => {
  if (token < directTokens) return token;
  return plainBitsOf(token) > mostPlain ? 0 : baseOf(token);
});

function fillSteps(tables: TokenTables, table: number, steps: Int32Array): void {
  for (let token = 0; token < tables.endOf(table); token++) {
    const row = table * tokensPerContext + token;
    const part = tables.frequency[row] as number;
    const first = table * slots + (tables.start[row] as number);
    let step = token | (part << frequencyShift);
    for (let slot = first; slot < first + part; slot++, step += 1 << aboveShift) steps[slot] = step;
  }
}
