import type { Frame } from '../../../model/frame.ts';
import type { StackDictionary } from './dictionary.ts';

/**
 * Numbers frames by content over all partitions, so that answers over many partitions compare numbers instead of texts.
 * Each frame of a dictionary is numbered once. Past its bound a registry is replaced by a new one; answers keep the old.
 */
export class FrameRegistry {
  readonly frames: (Frame | undefined)[] = [undefined];
  readonly #ids = new Map<string, number>();
  readonly #byDictionary = new WeakMap<StackDictionary, Int32Array>();

  /** The number of each frame of a dictionary, by the dictionary's own id; 0 for the root's. */
  numbersOf(dictionary: StackDictionary): Int32Array {
    const known = this.#byDictionary.get(dictionary) ?? new Int32Array(1);
    const size = dictionary.frameFunction.size;
    if (known.length >= size) return known;
    const numbers = new Int32Array(size);
    numbers.set(known);
    for (let id = known.length; id < size; id++) numbers[id] = this.#number(dictionary.frame(id));
    this.#byDictionary.set(dictionary, numbers);
    return numbers;
  }

  #number(frame: Frame): number {
    const { function: fn, mapping } = frame;
    const code = fn ? [fn.name, fn.systemName, fn.file, fn.startLine] : [String(frame.address)];
    const place = mapping ? [mapping.file, mapping.buildId] : [];
    const key = JSON.stringify([code, place, frame.line, frame.column, frame.inlined, frame.folded]);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.frames.push(frame) - 1;
    this.#ids.set(key, id);
    return id;
  }
}
