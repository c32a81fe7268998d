import type { DecodedProfile } from '../pprof/decoded-profile.ts';
import { type HashKey, KeyedHash } from '../profile/keyed-hash.ts';

/** 2^32: where a whole number is cut into two words. */
const wordSize = 0x1_0000_0000;
const utf8 = new TextEncoder();

/**
 * Names the parts of a profile by what they say, not by where they lie: equal content has an equal 64-bit hash in every
 * profile, process and run of one store. Each string and function of a profile is hashed at most once, and only if asked
 * for. Every method leaves its result in `high` and `low`.
 */
export class ContentHasher {
  high = 0;
  low = 0;
  readonly #hash: KeyedHash;
  readonly #words = new Int32Array(16);
  #lineWords = new Int32Array(64);
  #profile: DecodedProfile | undefined;
  readonly #strings = new PairMemo();
  readonly #functions = new PairMemo();
  readonly #mappings = new PairMemo();

  constructor(key: HashKey) {
    this.#hash = new KeyedHash(key);
  }

  /** Takes up the next profile; the memory of the one before is void. */
  begin(profile: DecodedProfile): void {
    this.#profile = profile;
    this.#strings.reset(profile.stringCount);
    this.#functions.reset(profile.functionCount);
    this.#mappings.reset(profile.mappings.length);
  }

  text(text: string): void {
    const bytes = utf8.encode(text);
    this.#hash.bytes(bytes, 0, bytes.length);
    this.#take();
  }

  string(index: number): void {
    if (this.#recall(this.#strings, index)) return;
    const { bytes, stringStart, stringEnd } = this.#current();
    this.#hash.bytes(bytes, stringStart[index] as number, stringEnd[index] as number);
    this.#take();
    this.#strings.keep(index, this.high, this.low);
  }

  /** A location: its lines from the innermost, or its address in the mapped file where it has none. */
  location(index: number): void {
    const profile = this.#current();
    const from = profile.lineStart[index] as number;
    const to = profile.lineStart[index + 1] as number;
    const mapping = profile.locationMapping[index] as number;
    const lines = to - from;
    if (this.#lineWords.length < 6 * lines + 6) this.#lineWords = new Int32Array(12 * lines);
    const words = this.#lineWords;
    let count = 0;
    this.#mapping(mapping);
    words[count++] = this.high;
    words[count++] = this.low;
    words[count++] = (lines << 1) | (profile.locationFolded[index] === 0 ? 0 : 1);
    if (lines === 0) {
      const address = addressInFile(profile, index);
      words[count++] = Number(address >> 32n) | 0;
      words[count++] = Number(address & 0xffff_ffffn) | 0;
    }
    for (let line = from; line < to; line++) {
      this.#function(profile.lineFunction[line] as number);
      words[count++] = this.high;
      words[count++] = this.low;
      count = putNumber(words, count, profile.lineNumber[line] as number);
      count = putNumber(words, count, profile.lineColumn[line] as number);
    }
    this.#hash.words(words, count);
    this.#take();
  }

  /** A location of one line, as `location` would name it: for stacks that we make ourselves. */
  madeLocation(name: string): void {
    const words = this.#lineWords;
    words.fill(0, 0, 9);
    this.text('');
    const empty = [this.high, this.low] as const;
    this.text(name);
    const named = [this.high, this.low] as const;
    this.#functionOf(named, named, empty, 0);
    words.set([1 << 1, this.high, this.low], 2);
    this.#hash.words(words, 9);
    this.#take();
  }

  #function(index: number): void {
    if (this.#recall(this.#functions, index)) return;
    const profile = this.#current();
    const pair = (string: number): readonly [number, number] => {
      this.string(string);
      return [this.high, this.low];
    };
    this.#functionOf(
      pair(profile.functionName[index] as number),
      pair(profile.functionSystemName[index] as number),
      pair(profile.functionFile[index] as number),
      profile.functionStartLine[index] as number,
    );
    this.#functions.keep(index, this.high, this.low);
  }

  #functionOf(
    name: readonly [number, number],
    systemName: readonly [number, number],
    file: readonly [number, number],
    startLine: number,
  ): void {
    const words = this.#words;
    words.set(name, 0);
    words.set(systemName, 2);
    words.set(file, 4);
    this.#hash.words(words, putNumber(words, 6, startLine));
    this.#take();
  }

  /** No mapping is two words of 0. */
  #mapping(index: number): void {
    const mapping = index < 0 ? undefined : this.#current().mappings[index];
    if (!mapping) {
      this.high = 0;
      this.low = 0;
      return;
    }
    if (this.#recall(this.#mappings, index)) return;
    this.text(mapping.file);
    this.#words[0] = this.high;
    this.#words[1] = this.low;
    this.text(mapping.buildId);
    this.#words[2] = this.high;
    this.#words[3] = this.low;
    this.#hash.words(this.#words, 4);
    this.#take();
    this.#mappings.keep(index, this.high, this.low);
  }

  #recall(memo: PairMemo, index: number): boolean {
    if (!memo.has(index)) return false;
    this.high = memo.high(index);
    this.low = memo.low(index);
    return true;
  }

  #take(): void {
    this.high = this.#hash.high;
    this.low = this.#hash.low;
  }

  #current(): DecodedProfile {
    if (!this.#profile) throw new Error('no profile was begun');
    return this.#profile;
  }
}

/** `address - mapping.start + mapping.offset`, modulo 2^64; the plain address without a mapping. */
export function addressInFile(profile: DecodedProfile, location: number): bigint {
  const high = BigInt((profile.locationAddressHigh[location] as number) >>> 0);
  const low = BigInt((profile.locationAddressLow[location] as number) >>> 0);
  const mapping = profile.mappings[profile.locationMapping[location] as number];
  const base = mapping ? mapping.start - mapping.offset : 0n;
  return BigInt.asUintN(64, (high << 32n) + low - base);
}

/** A whole number as two words; returns where the next goes. */
function putNumber(words: Int32Array, at: number, value: number): number {
  words[at] = value | 0;
  words[at + 1] = Math.floor(value / wordSize) | 0;
  return at + 2;
}

/** Hashes by index, for the length of one profile. */
class PairMemo {
  #known = new Uint8Array(0);
  #high = new Int32Array(0);
  #low = new Int32Array(0);

  reset(count: number): void {
    if (count > this.#known.length) {
      this.#known = new Uint8Array(2 * count);
      this.#high = new Int32Array(2 * count);
      this.#low = new Int32Array(2 * count);
    } else this.#known.fill(0, 0, count);
  }

  has(index: number): boolean {
    return this.#known[index] === 1;
  }

  high(index: number): number {
    return this.#high[index] as number;
  }

  low(index: number): number {
    return this.#low[index] as number;
  }

  keep(index: number, high: number, low: number): void {
    this.#known[index] = 1;
    this.#high[index] = high;
    this.#low[index] = low;
  }
}
