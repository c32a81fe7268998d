import type { ByteReader, ByteWriter } from '../encoding/bytes.ts';
import { frequencyBits, leastState, type Section, type TokenWriter, tokensPerContext } from './tokens.ts';

/** A context names its table in a byte. */
export const mostTables = 256;
const frequencySum = 1 << frequencyBits;
/** From this state on, times its frequency, a token needs 16 bits moved out before it goes in. */
const leastOverflow = 2 ** (31 - frequencyBits);
/** What it takes, about, to write down a token's frequency, and a table. */
const bitsPerFrequency = 9;
const bitsPerTable = 300;

/** How often each token comes in a context: what a range coder needs. Contexts side by side may share a table. */
export class TokenTables {
  /** By context. */
  readonly tableOf: Uint8Array;
  /** By table and token: parts of 2^10, and the sum of those before. */
  readonly frequency: Uint16Array;
  readonly start: Uint16Array;
  /** By table: how many contexts share it. */
  readonly #covered: readonly number[];
  /** By table: the token after its last one. */
  readonly #end: readonly number[];

  private constructor(covered: readonly number[], end: readonly number[], frequency: Uint16Array) {
    this.#covered = covered;
    this.#end = end;
    this.frequency = frequency;
    this.tableOf = new Uint8Array(covered.reduce((sum, count) => sum + count, 0));
    this.start = new Uint16Array(frequency.length);
    let context = 0;
    for (const [table, count] of covered.entries()) {
      this.tableOf.fill(table, context, context + count);
      context += count;
      let sum = 0;
      const first = table * tokensPerContext;
      for (let row = first; row < first + (end[table] as number); row++) {
        this.start[row] = sum;
        sum += frequency[row] as number;
      }
    }
  }

  get size(): number {
    return this.#covered.length;
  }

  /** The token after the last one of a table. */
  endOf(table: number): number {
    return this.#end[table] as number;
  }

  /** The tables that fit what was written best, themselves counted. */
  static of({ counts, contexts }: TokenWriter): TokenTables {
    const tables = sharedTables(counts, contexts);
    const frequency = new Uint16Array(tables.length * tokensPerContext);
    for (const [table, { counts, end }] of tables.entries()) {
      scale(counts, end, frequency, table * tokensPerContext);
    }
    return new TokenTables(
      tables.map(({ covered }) => covered),
      tables.map(({ end }) => end),
      frequency,
    );
  }

  static read(reader: ByteReader): TokenTables {
    const covered = Array.from({ length: reader.uint() }, () => reader.uint());
    const frequency = new Uint16Array(covered.length * tokensPerContext);
    const end = covered.map((_, table) => {
      const first = table * tokensPerContext;
      const size = reader.uint();
      for (let row = first; row < first + size; row++) {
        const part = reader.uint();
        frequency[row] = part;
        if (part === 0) row += reader.uint();
      }
      return size;
    });
    return new TokenTables(covered, end, frequency);
  }

  /** A frequency of 0 is followed by how many more 0 there are. */
  write(writer: ByteWriter): void {
    writer.uint(this.size);
    for (const count of this.#covered) writer.uint(count);
    for (const [table, end] of this.#end.entries()) {
      writer.uint(end);
      const first = table * tokensPerContext;
      for (let row = first; row < first + end; row++) {
        const part = this.frequency[row] as number;
        writer.uint(part);
        if (part > 0) continue;
        const zero = row;
        while (this.frequency[row + 1] === 0) row++;
        writer.uint(row - zero);
      }
    }
  }

  /** Writes a section: how long its tokens are, the tokens, the plain bits. */
  writeSection(writer: ByteWriter, { tokens, plainBits }: TokenWriter, section: Section): void {
    const coded = this.#code(tokens, section);
    writer.uint(coded.length);
    writer.raw(coded);
    writer.raw(plainBits.subarray(section.firstByte, section.endByte));
  }

  /** The range coder runs backwards, so that reading runs forwards. */
  #code(tokens: Int32Array, { firstToken, endToken }: Section): Uint8Array {
    const most = 2 * (endToken - firstToken) + 4;
    if (scratch.length < most) scratch = new Uint8Array(2 * most);
    const { tableOf, frequency, start } = this;
    const bytes = scratch;
    let at = bytes.length;
    let state = leastState;
    for (let i = endToken - 1; i >= firstToken; i--) {
      const token = tokens[i] as number;
      const row = (tableOf[token >> 8] as number) * tokensPerContext + (token & 255);
      const part = frequency[row] as number;
      if (part === frequencySum) continue;
      if (state >= part * leastOverflow) {
        bytes[--at] = state >>> 8;
        bytes[--at] = state;
        state >>>= 16;
      }
      const times = (state / part) | 0;
      state = (times << frequencyBits) + (state - times * part) + (start[row] as number);
    }
    for (const shift of [24, 16, 8, 0]) bytes[--at] = state >>> shift;
    return bytes.subarray(at);
  }
}

let scratch = new Uint8Array(1 << 16);

interface SharedTable {
  covered: number;
  counts: Uint32Array;
  end: number;
  bits: number;
}

/** Goes from context to context: each gets a table of its own, or shares that of the one before where that is shorter. */
function sharedTables(counts: Uint32Array, contexts: number): SharedTable[] {
  const tables: SharedTable[] = [];
  let last: SharedTable | undefined;
  for (let context = 0; context < contexts; context++) {
    const own = counts.subarray(context * tokensPerContext, (context + 1) * tokensPerContext);
    const end = endOf(own);
    if (last && end === 0) {
      last.covered++;
      continue;
    }
    const bits = bitsOf(own, end);
    const shared = last && sum(last, own, end);
    if (last && shared && shared.bits <= last.bits + bits) {
      Object.assign(last, shared);
      last.covered++;
    } else {
      last = { covered: 1, counts: own, end, bits };
      tables.push(last);
    }
  }
  return tables;
}

function endOf(counts: Uint32Array): number {
  let end = counts.length;
  while (end > 0 && counts[end - 1] === 0) end--;
  return end;
}

function sum(table: SharedTable, own: Uint32Array, ownEnd: number): Omit<SharedTable, 'covered'> {
  const end = Math.max(table.end, ownEnd);
  const counts = table.counts.slice();
  for (let token = 0; token < ownEnd; token++) counts[token] = (counts[token] as number) + (own[token] as number);
  return { counts, end, bits: bitsOf(counts, end) };
}

/** The entropy of a context's tokens, with what its table takes; 0 when there are none. */
function bitsOf(counts: Uint32Array, end: number): number {
  let [bits, total] = [0, 0];
  for (let token = 0; token < end; token++) {
    const count = counts[token] as number;
    if (count === 0) continue;
    bits += bitsPerFrequency - count * Math.log2(count);
    total += count;
  }
  return total === 0 ? 0 : bits + total * Math.log2(total) + bitsPerTable;
}

/** Scales counts to parts of 2^10; what came at all has one at least. */
function scale(counts: Uint32Array, end: number, into: Uint16Array, first: number): void {
  let total = 0;
  for (let token = 0; token < end; token++) total += counts[token] as number;
  if (total === 0) return;
  let left = frequencySum;
  for (let token = 0; token < end; token++) {
    const count = counts[token] as number;
    if (count === 0) continue;
    const part = Math.max(1, Math.round((count * frequencySum) / total));
    into[first + token] = part;
    left -= part;
  }
  // What rounding left over goes to the largest, or is taken from those that can spare it.
  while (left !== 0) {
    let largest = first;
    for (let row = first; row < first + end; row++)
      if ((into[row] as number) > (into[largest] as number)) largest = row;
    const part = into[largest] as number;
    const step = left > 0 ? left : Math.max(left, -(part >> 1));
    into[largest] = part + step;
    left -= step;
  }
}
