import type { Frame, FunctionName, MappingName, PprofLabel } from '../../../model/frame.ts';
import type { Bytes } from '../../../model/units.ts';
import type { ByteReader, ByteWriter } from '../encoding/bytes.ts';
import { foldedFlag, inlinedFlag } from './dictionary.ts';
import { PairIds } from './pair-ids.ts';
import type { SymbolHash, SymbolHasher } from './symbol-hasher.ts';

/** What is kept of symbols until the store holds them. */
interface NewSymbols {
  readonly strings: string[];
  /** Strings by number, and what else there is of each, one after the other. */
  readonly functions: { readonly texts: readonly number[]; readonly startLine: number }[];
  readonly mappings: (readonly number[])[];
  readonly frames: { readonly function: number; readonly mapping: number; readonly frame: Frame }[];
  readonly labelSets: (readonly PprofLabel[])[];
}

/** Numbers the symbols of a partition by their hashes; text is held only until `forgetNew`. */
export class SymbolIds {
  readonly #hasher: SymbolHasher;
  readonly #strings = new PairIds();
  readonly #functions = new PairIds();
  readonly #mappings = new PairIds();
  readonly #frames = new PairIds();
  readonly #labelSets = new PairIds();
  #new = nothingNew();

  constructor(hasher: SymbolHasher) {
    this.#hasher = hasher;
    hasher.text('');
    this.#strings.push(hasher.high, hasher.low);
    // Number 0 is "none", or empty.
    for (const ids of [this.#functions, this.#mappings, this.#frames, this.#labelSets]) ids.push(0, 0);
  }

  get bytes(): Bytes {
    const all = [this.#strings, this.#functions, this.#mappings, this.#frames, this.#labelSets];
    return all.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  frame(frame: Frame): number {
    const flags = flagsOf(frame);
    this.#hasher.frame(frame, flags);
    const { high, low } = this.#hasher;
    const known = this.#frames.find(high, low);
    if (known >= 0) return known;
    this.#new.frames.push({
      function: frame.function ? this.#function(frame.function) : 0,
      mapping: frame.mapping ? this.#mapping(frame.mapping) : 0,
      frame,
    });
    return this.#frames.push(high, low);
  }

  labelSet(labels: readonly PprofLabel[]): number {
    if (labels.length === 0) return 0;
    this.#hasher.labels(labels);
    const { high, low } = this.#hasher;
    const known = this.#labelSets.find(high, low);
    if (known >= 0) return known;
    for (const label of labels) {
      this.#string(label.key);
      this.#string('text' in label ? label.text : label.unit);
    }
    this.#new.labelSets.push(labels);
    return this.#labelSets.push(high, low);
  }

  /** Writes the sections before the nodes as far as they are new. */
  encodeFrames(writer: ByteWriter): void {
    const { strings, functions, mappings, frames } = this.#new;
    writer.uint(strings.length);
    for (const text of strings) writer.text(text);
    writer.uint(functions.length);
    for (const { texts, startLine } of functions) {
      for (const text of texts) writer.uint(text);
      writer.int(startLine);
    }
    writer.uint(mappings.length);
    for (const texts of mappings) for (const text of texts) writer.uint(text);
    writer.uint(frames.length);
    for (const { function: code, mapping, frame } of frames) {
      for (const part of [code, mapping, flagsOf(frame)]) writer.uint(part);
      writer.int(frame.line);
      writer.int(frame.column);
      if (code === 0) writer.int(frame.address);
    }
  }

  /** Writes the section of label sets as far as it is new. */
  encodeLabelSets(writer: ByteWriter): void {
    const { labelSets } = this.#new;
    writer.uint(labelSets.length);
    for (const labels of labelSets) {
      writer.uint(labels.length);
      for (const label of labels) {
        writer.uint(this.#string(label.key));
        writer.byte('text' in label ? 0 : 1);
        if ('text' in label) writer.uint(this.#string(label.text));
        else {
          writer.int(label.number);
          writer.uint(this.#string(label.unit));
        }
      }
    }
  }

  /** What was new is stored. */
  forgetNew(): void {
    this.#new = nothingNew();
  }

  /** Reads the sections before the nodes. */
  loadFrames(segment: Uint8Array, reader: ByteReader): void {
    const hasher = this.#hasher;
    for (let left = reader.uint(); left > 0; left--) {
      const size = reader.uint();
      hasher.utf8(segment, reader.position, reader.position + size);
      reader.skip(size);
      this.#strings.push(hasher.high, hasher.low);
    }
    for (let left = reader.uint(); left > 0; left--) {
      hasher.begin('function');
      for (let text = 0; text < 3; text++) this.#add(this.#strings, reader.uint());
      hasher.addNumber(reader.int());
      hasher.end();
      this.#functions.push(hasher.high, hasher.low);
    }
    for (let left = reader.uint(); left > 0; left--) {
      hasher.begin('mapping');
      for (let text = 0; text < 2; text++) this.#add(this.#strings, reader.uint());
      hasher.end();
      this.#mappings.push(hasher.high, hasher.low);
    }
    for (let left = reader.uint(); left > 0; left--) this.#loadFrame(reader);
  }

  loadLabelSets(reader: ByteReader): void {
    const hasher = this.#hasher;
    for (let left = reader.uint(); left > 0; left--) {
      let [high, low] = [0, 0];
      for (let labels = reader.uint(); labels > 0; labels--) {
        const key = reader.uint();
        const isText = reader.byte() === 0;
        hasher.beginLabel(isText, high, low);
        this.#add(this.#strings, key);
        if (!isText) hasher.addText(String(reader.bigInt()));
        this.#add(this.#strings, reader.uint());
        hasher.end();
        ({ high, low } = hasher);
      }
      this.#labelSets.push(high, low);
    }
  }

  #loadFrame(reader: ByteReader): void {
    const hasher = this.#hasher;
    const code = reader.uint();
    const mapping = reader.uint();
    const flags = reader.uint();
    const line = reader.int();
    const column = reader.int();
    if (code === 0) hasher.text(String(reader.bigInt()));
    const ofCode = code === 0 ? { high: hasher.high, low: hasher.low } : hashIn(this.#functions, code);
    hasher.frameOf(ofCode, code !== 0, hashIn(this.#mappings, mapping), { line, column, flags });
    this.#frames.push(hasher.high, hasher.low);
  }

  #function(known: FunctionName): number {
    this.#hasher.function(known);
    const { high, low } = this.#hasher;
    const id = this.#functions.find(high, low);
    if (id >= 0) return id;
    const { name, systemName, file, startLine } = known;
    this.#new.functions.push({ texts: [name, systemName, file].map((text) => this.#string(text)), startLine });
    return this.#functions.push(high, low);
  }

  #mapping(known: MappingName): number {
    this.#hasher.mapping(known);
    const { high, low } = this.#hasher;
    const id = this.#mappings.find(high, low);
    if (id >= 0) return id;
    this.#new.mappings.push([known.file, known.buildId].map((text) => this.#string(text)));
    return this.#mappings.push(high, low);
  }

  #string(text: string): number {
    this.#hasher.text(text);
    const { high, low } = this.#hasher;
    const id = this.#strings.find(high, low);
    if (id >= 0) return id;
    this.#new.strings.push(text);
    return this.#strings.push(high, low);
  }

  #add(ids: PairIds, id: number): void {
    this.#hasher.add(ids.first(id), ids.second(id));
  }
}

function hashIn(ids: PairIds, id: number): SymbolHash {
  return { high: ids.first(id), low: ids.second(id) };
}

function nothingNew(): NewSymbols {
  return { strings: [], functions: [], mappings: [], frames: [], labelSets: [] };
}

function flagsOf(frame: Frame): number {
  return (frame.inlined ? inlinedFlag : 0) | (frame.folded ? foldedFlag : 0);
}
