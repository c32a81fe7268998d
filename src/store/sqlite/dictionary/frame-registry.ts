import { PairIndex } from '../../../profile/pair-index.ts';
import type { StackDictionary } from './dictionary.ts';

/** Set beside a frame's flags where it has no function, or no mapping. */
const noFunction = 4;
const noMapping = 8;

/**
 * Numbers frames by content over all partitions, so that answers over many partitions compare numbers instead of texts.
 * Each frame of a dictionary is numbered once. Past its bound a registry is replaced by a new one.
 *
 * What a frame is made of is a path in a tree whose nodes are pairs of numbers: no text and no object for each.
 */
export class FrameRegistry {
  readonly #texts = new Map<string, number>([['', 0]]);
  /** (node above, part of a frame): the parts that change least come first. */
  readonly #parts = new PairIndex();
  /** (node where the path of a frame ends, 0) by its number. */
  readonly #frames = new PairIndex();
  readonly #byDictionary = new WeakMap<StackDictionary, Int32Array>();

  constructor() {
    this.#parts.intern(-1, -1);
    // The root's, which is no frame.
    this.#frames.intern(-1, -1);
  }

  /** How many numbers are given, the root's included. */
  get size(): number {
    return this.#frames.size;
  }

  /** The number of each frame of a dictionary, by the dictionary's own id; 0 for the root's. */
  numbersOf(dictionary: StackDictionary): Int32Array {
    const known = this.#byDictionary.get(dictionary) ?? new Int32Array(1);
    const size = dictionary.frameFunction.size;
    if (known.length >= size) return known;
    const numbers = new Int32Array(size);
    numbers.set(known);
    for (let id = known.length; id < size; id++) numbers[id] = this.#frames.intern(this.#path(dictionary, id), 0);
    this.#byDictionary.set(dictionary, numbers);
    return numbers;
  }

  #path(dictionary: StackDictionary, id: number): number {
    const known = dictionary.functions[dictionary.frameFunction.at(id)];
    const mapping = dictionary.mappings[dictionary.frameMapping.at(id)];
    const kind = dictionary.frameFlags.at(id) | (known ? 0 : noFunction) | (mapping ? 0 : noMapping);
    let node = this.#parts.intern(0, kind);
    node = this.#text(node, mapping?.file ?? '');
    node = this.#text(node, mapping?.buildId ?? '');
    if (known) {
      node = this.#text(node, known.file);
      node = this.#text(node, known.name);
      node = this.#text(node, known.systemName);
      node = this.#number(node, known.startLine);
    } else {
      node = this.#text(node, String(dictionary.frameAddress.get(id) ?? 0n));
    }
    node = this.#number(node, dictionary.frameColumn[id] ?? 0);
    return this.#number(node, dictionary.frameLine[id] ?? 0);
  }

  #text(node: number, text: string): number {
    let number = this.#texts.get(text);
    if (number === undefined) {
      number = this.#texts.size;
      this.#texts.set(text, number);
    }
    return this.#parts.intern(node, number);
  }

  /** In halves of 32 bits, as any integer of a profile may come here. */
  #number(node: number, value: number): number {
    return this.#parts.intern(this.#parts.intern(node, Math.floor(value / 2 ** 32) | 0), value | 0);
  }
}
