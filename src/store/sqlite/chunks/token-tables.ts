import type { ByteReader, ByteWriter } from '../encoding/bytes.ts';
import { frequencyBits, leastState, type Section, type TokenWriter, tokensPerContext } from './tokens.ts';

const frequencySum = 1 << frequencyBits;
/** What it takes, about, to write down a token's frequency, and a table. */
const bitsPerFrequency = 9;
const bitsPerTable = 24;

/** How often each token comes in a context: what a range coder needs. Contexts side by side may share a table. */
export class TokenTables {
  /** By context. */
  readonly tableOf: Uint8Array;
  /** By table and token: parts of 2^11, and the sum of those before. */
  readonly frequency: Uint16Array;
  readonly start: Uint16Array;
  readonly #covered: readonly number[];

  private constructor(covered: readonly number[], frequency: Uint16Array) {
    this.#covered = covered;
    this.frequency = frequency;
    this.tableOf = Uint8Array.from(covered.flatMap((count, table) => Array.from({ length: count }, () => table)));
    this.start = new Uint16Array(frequency.length);
    for (let at = 0; at < frequency.length; at++) {
      if (at % tokensPerContext !== 0) this.start[at] = (this.start[at - 1] as number) + (frequency[at - 1] as number);
    }
  }

  get size(): number {
    return this.#covered.length;
  }

  /** The tables that fit what was written best, themselves counted. */
  static of({ counts, contexts }: TokenWriter): TokenTables {
    const tables: { covered: number; counts: Uint32Array; bits: number }[] = [];
    for (let context = 0; context < contexts; context++) {
      const ofContext = counts.subarray(context * tokensPerContext, (context + 1) * tokensPerContext);
      const last = tables.at(-1);
      const bits = bitsOf(ofContext);
      if (last && bits === 0) last.covered++;
      else if (last) {
        const both = ofContext.map((count, token) => count + (last.counts[token] as number));
        const bitsOfBoth = bitsOf(both);
        if (bitsOfBoth <= bits + last.bits) {
          Object.assign(last, { covered: last.covered + 1, counts: both, bits: bitsOfBoth });
        } else tables.push({ covered: 1, counts: ofContext, bits });
      } else tables.push({ covered: 1, counts: ofContext, bits });
    }
    const frequency = new Uint16Array(tables.length * tokensPerContext);
    for (const [table, { counts }] of tables.entries()) {
      frequency.set(frequenciesOf(counts), table * tokensPerContext);
    }
    return new TokenTables(
      tables.map(({ covered }) => covered),
      frequency,
    );
  }

  static read(reader: ByteReader): TokenTables {
    const covered = Array.from({ length: reader.uint() }, () => reader.uint());
    const frequency = new Uint16Array(covered.length * tokensPerContext);
    for (let table = 0; table < covered.length; table++) {
      let at = table * tokensPerContext;
      for (let left = reader.uint(); left > 0; left--) {
        const part = reader.uint();
        frequency[at] = part;
        at += part === 0 ? 1 + reader.uint() : 1;
      }
    }
    return new TokenTables(covered, frequency);
  }

  /** A frequency of 0 is followed by how many more 0 there are. */
  write(writer: ByteWriter): void {
    writer.uint(this.size);
    for (const count of this.#covered) writer.uint(count);
    for (let table = 0; table < this.size; table++) {
      const parts: number[] = [];
      const [first, end] = [table * tokensPerContext, (table + 1) * tokensPerContext];
      let zeros = 0;
      let written = 0;
      for (let at = first; at < end; at++) {
        const part = this.frequency[at] as number;
        if (part === 0) {
          zeros++;
          continue;
        }
        if (zeros > 0) {
          parts.push(0, zeros - 1);
          written++;
        }
        parts.push(part);
        written++;
        zeros = 0;
      }
      writer.uint(written);
      for (const part of parts) writer.uint(part);
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
      if (state >= part << 20) {
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

/** The entropy of a context's tokens, with what its table takes; 0 when there are none. */
function bitsOf(counts: Uint32Array): number {
  let [bits, sum] = [0, 0];
  for (let token = 0; token < counts.length; token++) {
    const count = counts[token] as number;
    if (count === 0) continue;
    bits += bitsPerFrequency - count * Math.log2(count);
    sum += count;
  }
  return sum === 0 ? 0 : bits + sum * Math.log2(sum) + bitsPerTable;
}

/** Counts scaled to parts of 2^11; what came at all has one at least. */
function frequenciesOf(counts: Uint32Array): Uint16Array {
  const sum = counts.reduce((total, count) => total + count, 0);
  const parts = new Uint16Array(tokensPerContext);
  let left = frequencySum;
  for (const [token, count] of counts.entries()) {
    if (count === 0) continue;
    const part = Math.max(1, Math.round((count * frequencySum) / sum));
    parts[token] = part;
    left -= part;
  }
  // What rounding left over goes to the largest, or is taken from those that can spare it.
  while (left !== 0) {
    const largest = parts.indexOf(Math.max(...parts));
    const step = left > 0 ? left : Math.max(left, 1 - Math.ceil((parts[largest] as number) / 2));
    parts[largest] = (parts[largest] as number) + step;
    left -= step;
  }
  return parts;
}
