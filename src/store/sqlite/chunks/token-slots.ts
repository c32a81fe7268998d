import { bases, plainBits } from './token-reader.ts';
import type { TokenTables } from './token-tables.ts';
import { frequencyBits, tokensPerContext } from './tokens.ts';

const slots = 1 << frequencyBits;
/** Where the slots of a table begin, shifted, is where its rows do. */
export const rowShift = Math.log2(slots / tokensPerContext);
/** Starting a fill takes as long as about so many slots. */
const fewSlots = 8;

/**
 * Tables for a loop that goes from context to context: a byte for each slot, so that those of a block stay in the nearest
 * cache. Where many tokens of one context follow each other, `TokenSteps` are faster.
 */
export class TokenSlots {
  /** By context: where the slots of its table begin. */
  readonly first: Int32Array;
  /** By table and slot (the low bits of the state): the token. */
  readonly tokenOf: Uint8Array<ArrayBuffer>;
  /** By table and token, as in `TokenTables`. */
  readonly frequency: Uint16Array;
  readonly start: Uint16Array;
  /** By token, the same for all. */
  readonly plainBits = plainBits;
  readonly bases = bases;

  /** `room` is used where it is large enough. */
  constructor(tables: TokenTables, room?: Uint8Array<ArrayBuffer>) {
    const size = tables.size * slots;
    this.first = Int32Array.from(tables.tableOf, (table) => table * slots);
    this.frequency = tables.frequency;
    this.start = tables.start;
    this.tokenOf = room && room.length >= size ? room : new Uint8Array(size);
    for (let table = 0; table < tables.size; table++) fillSlots(tables, table, this.tokenOf);
  }
}

function fillSlots(tables: TokenTables, table: number, tokenOf: Uint8Array): void {
  let slot = table * slots;
  for (let token = 0; token < tables.endOf(table); token++) {
    const end = slot + (tables.frequency[table * tokensPerContext + token] as number);
    if (end - slot < fewSlots) while (slot < end) tokenOf[slot++] = token;
    else tokenOf.fill(token, slot, end);
    slot = end;
  }
}
