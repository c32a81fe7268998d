import { randomBytes } from 'node:crypto';
import type { Frame, FunctionName, MappingName, PprofLabel } from '../../../model/frame.ts';
import { type HashKey, KeyedHash } from '../../../profile/keyed-hash.ts';

/** Frames of which the hash is remembered, 8 bytes each and what a weak map takes. */
const maxKnownFrames = 1 << 16;
const unit = 2 ** 32;

export interface SymbolHash {
  readonly high: number;
  readonly low: number;
}

export interface FramePlace {
  readonly line: number;
  readonly column: number;
  readonly flags: number;
}

/**
 * Hashes symbols by content, to 64 bits with a key that nobody else knows: by them a dictionary tells its symbols apart
 * without keeping a text. Of 200,000 symbols, the most that an epoch has of a sort, the odds that any two share a hash are
 * n²/2^65 = 10^-9; such two would be shown under the name of the first.
 *
 * The result of each call is left in `high` and `low`. What a symbol is made of goes in as hashes, so that symbols that
 * come back from a segment, where they are numbers of others, need no text either.
 */
export class SymbolHasher {
  high = 0;
  low = 0;
  readonly #hash: KeyedHash;
  readonly #words = new Int32Array(16);
  #count = 0;
  #text = Buffer.allocUnsafeSlow(1024);
  /** Callers hand in the same frame objects again and again. */
  #knownFrames = new WeakMap<Frame, number>();
  readonly #frameHashes = new Int32Array(2 * maxKnownFrames);
  #frames = 0;

  constructor(key: HashKey = randomKey()) {
    this.#hash = new KeyedHash(key);
  }

  text(text: string): void {
    // A unit of UTF-16 takes three bytes at most.
    if (3 * text.length > this.#text.length) this.#text = Buffer.allocUnsafeSlow(6 * text.length);
    this.utf8(this.#text, 0, this.#text.write(text));
  }

  /** As `text`, of the bytes `[from, to)`. */
  utf8(bytes: Uint8Array, from: number, to: number): void {
    this.#hash.bytes(bytes, from, to);
    this.high = this.#hash.high;
    this.low = this.#hash.low;
  }

  function({ name, systemName, file, startLine }: FunctionName): void {
    this.begin('function');
    for (const text of [name, systemName, file]) this.addText(text);
    this.addNumber(startLine);
    this.end();
  }

  mapping({ file, buildId }: MappingName): void {
    this.begin('mapping');
    for (const text of [file, buildId]) this.addText(text);
    this.end();
  }

  frame(frame: Frame, flags: number): void {
    const known = this.#knownFrames.get(frame);
    if (known !== undefined) {
      this.high = this.#frameHashes[2 * known] as number;
      this.low = this.#frameHashes[2 * known + 1] as number;
      return;
    }
    this.#hashFrame(frame, flags);
    this.#remember(frame);
  }

  labels(labels: readonly PprofLabel[]): void {
    let [high, low] = [0, 0];
    for (const label of labels) {
      this.beginLabel('text' in label, high, low);
      this.addText(label.key);
      if ('text' in label) this.addText(label.text);
      else {
        this.addText(String(label.number));
        this.addText(label.unit);
      }
      this.end();
      [high, low] = [this.high, this.low];
    }
  }

  /** Begins what is made of several parts: `add…` them, then `end`. */
  begin(sort: keyof typeof sorts): void {
    this.#words[0] = sorts[sort];
    this.#count = 1;
  }

  /** A label after those that were hashed before, 0 and 0 when there were none: key, number if it is one, text or unit. */
  beginLabel(isText: boolean, high: number, low: number): void {
    this.begin(isText ? 'text' : 'number');
    this.add(high, low);
  }

  /** A frame of its parts: what code it is, or the address of code without a name, in decimal. */
  frameOf(code: SymbolHash, isNamed: boolean, mapping: SymbolHash, at: FramePlace): void {
    this.begin(isNamed ? 'frame' : 'address');
    this.add(code.high, code.low);
    this.add(mapping.high, mapping.low);
    this.addNumber(at.line);
    this.addNumber(at.column);
    this.addNumber(at.flags);
    this.end();
  }

  add(high: number, low: number): void {
    this.#words[this.#count++] = high;
    this.#words[this.#count++] = low;
  }

  addText(text: string): void {
    this.text(text);
    this.add(this.high, this.low);
  }

  /** Any integer that a number can hold. */
  addNumber(value: number): void {
    this.add(Math.floor(value / unit) | 0, value | 0);
  }

  end(): void {
    this.#hash.words(this.#words, this.#count);
    this.high = this.#hash.high;
    this.low = this.#hash.low;
  }

  #hashFrame({ function: code, mapping, address, line, column }: Frame, flags: number): void {
    if (mapping) this.mapping(mapping);
    const ofMapping = mapping ? this.#result() : noSymbol;
    if (code) this.function(code);
    else this.text(String(address));
    this.frameOf(this.#result(), code !== undefined, ofMapping, { line, column, flags });
  }

  #result(): SymbolHash {
    return { high: this.high, low: this.low };
  }

  #remember(frame: Frame): void {
    if (this.#frames === maxKnownFrames) {
      this.#knownFrames = new WeakMap();
      this.#frames = 0;
    }
    this.#knownFrames.set(frame, this.#frames);
    this.#frameHashes[2 * this.#frames] = this.high;
    this.#frameHashes[2 * this.#frames + 1] = this.low;
    this.#frames++;
  }
}

/** In the place of a symbol that is not there. */
const noSymbol: SymbolHash = { high: 0, low: 0 };

/** What a hash is of, so that no two sorts of symbols are mixed from the same words. */
const sorts = { function: 1, mapping: 2, frame: 3, address: 4, text: 5, number: 6 } as const;

function randomKey(): HashKey {
  const bytes = randomBytes(8);
  return { high: bytes.readInt32LE(0), low: bytes.readInt32LE(4) };
}
