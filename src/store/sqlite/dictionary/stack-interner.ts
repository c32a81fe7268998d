import type { StackTrace } from '../../../model/frame.ts';
import type { Bytes } from '../../../model/units.ts';
import { PairMap } from '../../../profile/pair-map.ts';
import { ByteReader, ByteWriter } from '../encoding/bytes.ts';
import { PairIds } from './pair-ids.ts';
import { SymbolHasher } from './symbol-hasher.ts';
import { SymbolIds } from './symbol-ids.ts';

/** The stacks of a partition by number, as the world outside the store names them. */
export interface StackHashes {
  /** How many. */
  readonly stacks: number;
  hashHigh(stack: number): number;
  hashLow(stack: number): number;
}

/**
 * The writer's side of a partition's dictionary: finds the id of a stack by its hash, adds stacks that are new, and hands
 * out what was added since the last time, for the store. Ids are those of `StackDictionary`, and the same whether it was
 * loaded in between or not.
 *
 * Of what the store holds nothing is kept but numbers: a symbol is a hash of 64 bits (`SymbolHasher`), a node the pair
 * (parent, frame), a stack its hash and the pair (leaf, label set).
 */
export class StackInterner implements StackHashes {
  readonly #symbols: SymbolIds;
  readonly #nodes = new PairIds();
  readonly #ends = new PairIds();
  readonly #hashes = new PairIds();
  /** Stacks by hashes that are not their first: there are none unless the key of the hashes has changed. */
  #aliases: PairMap | undefined;
  #writtenNodes = 1;
  #writtenStacks = 0;

  constructor(hasher = new SymbolHasher()) {
    this.#symbols = new SymbolIds(hasher);
    // The root.
    this.#nodes.push(0, 0);
  }

  get nodes(): number {
    return this.#nodes.size;
  }

  get stacks(): number {
    return this.#ends.size;
  }

  /** What it takes in memory. */
  get bytes(): Bytes {
    return this.#symbols.bytes + this.#nodes.bytes + this.#ends.bytes + this.#hashes.bytes;
  }

  hashHigh(stack: number): number {
    return this.#hashes.first(stack);
  }

  hashLow(stack: number): number {
    return this.#hashes.second(stack);
  }

  /** Adds what the store holds already, segment by segment in order. The inverse of `takeSegment`. */
  load(segment: Uint8Array): void {
    const reader = new ByteReader(segment);
    this.#symbols.loadFrames(segment, reader);
    for (let left = reader.uint(); left > 0; left--) {
      const parent = this.#nodes.size - reader.uint();
      this.#nodes.push(parent, reader.uint());
    }
    this.#symbols.loadLabelSets(reader);
    for (let left = reader.uint(); left > 0; left--) {
      const leaf = reader.uint();
      this.#ends.push(leaf, reader.uint());
      const hashHigh = reader.fixed32();
      this.#hashes.push(hashHigh, reader.fixed32());
    }
    this.#noteWritten();
  }

  /** The id of a known stack, or -1. */
  find(hashHigh: number, hashLow: number): number {
    const id = this.#hashes.find(hashHigh, hashLow);
    return id < 0 && this.#aliases ? this.#aliases.get(hashHigh, hashLow) : id;
  }

  /** Adds a stack. One that is known under another hash (a new seed) keeps its id, so that no stack has two. */
  add(hashHigh: number, hashLow: number, { frames, labels }: StackTrace): number {
    let leaf = 0;
    for (const frame of frames) leaf = this.#nodes.intern(leaf, this.#symbols.frame(frame));
    const labelSet = this.#symbols.labelSet(labels);
    const known = this.#ends.find(leaf, labelSet);
    if (known >= 0) {
      this.#aliases ??= new PairMap();
      this.#aliases.set(hashHigh, hashLow, known);
      return known;
    }
    this.#hashes.push(hashHigh, hashLow);
    return this.#ends.push(leaf, labelSet);
  }

  /** What was added since the last call, or undefined. The bytes are the caller's. */
  takeSegment(): Buffer | undefined {
    if (this.#writtenStacks === this.stacks) return undefined;
    const segment = this.#encodeNew();
    this.#symbols.forgetNew();
    this.#noteWritten();
    return segment;
  }

  #noteWritten(): void {
    this.#writtenNodes = this.nodes;
    this.#writtenStacks = this.stacks;
  }

  /** As docs/STORAGE.md ("A dictionary segment") draws it. */
  #encodeNew(): Buffer {
    const writer = new ByteWriter();
    this.#symbols.encodeFrames(writer);
    writer.uint(this.nodes - this.#writtenNodes);
    for (let id = this.#writtenNodes; id < this.nodes; id++) {
      writer.uint(id - this.#nodes.first(id));
      writer.uint(this.#nodes.second(id));
    }
    this.#symbols.encodeLabelSets(writer);
    writer.uint(this.stacks - this.#writtenStacks);
    for (let id = this.#writtenStacks; id < this.stacks; id++) {
      writer.uint(this.#ends.first(id));
      writer.uint(this.#ends.second(id));
      writer.fixed32(this.#hashes.first(id));
      writer.fixed32(this.#hashes.second(id));
    }
    return writer.bytes();
  }
}
