import type { Frame } from '../../../model/frame.ts';
import type { StackTree } from '../../../profile/stack-tree.ts';
import type { CatalogueReader } from '../catalogue/catalogue-reader.ts';
import { StackDictionary } from './dictionary.ts';

interface OpenDictionary {
  readonly dictionary: StackDictionary;
  lastSegment: number;
}

/** The dictionaries of partitions, loaded when asked for and kept up to date; the least recently used dropped over a bound. */
export class Dictionaries {
  readonly #catalogue: CatalogueReader;
  readonly #maxNodes: number;
  readonly #open = new Map<number, OpenDictionary>();

  constructor(catalogue: CatalogueReader, maxNodes: number) {
    this.#catalogue = catalogue;
    this.#maxNodes = maxNodes;
  }

  /** A partition's dictionary with everything committed by now, so that facts read before can be looked up. */
  at(partition: number): StackDictionary {
    const open = this.#open.get(partition) ?? { dictionary: new StackDictionary(), lastSegment: 0 };
    this.#open.delete(partition);
    this.#open.set(partition, open);
    for (const { id, bytes } of this.#catalogue.segmentsAfter(partition, open.lastSegment)) {
      open.dictionary.load(bytes);
      open.lastSegment = id;
    }
    return open.dictionary;
  }

  /** Drops the least recently used over the bound. Between questions only. */
  evict(): void {
    let nodes = 0;
    for (const { dictionary } of this.#open.values()) nodes += dictionary.nodeParent.size;
    for (const [partition, { dictionary }] of this.#open) {
      if (nodes <= this.#maxNodes) return;
      this.#open.delete(partition);
      nodes -= dictionary.nodeParent.size;
    }
  }
}

/** A partition's tree as it is now: what is added later does not show. */
export function treeOf(dictionary: StackDictionary): StackTree {
  const { nodeParent, nodeFrame, frameFunction } = dictionary;
  const frameCount = frameFunction.size;
  return {
    size: nodeParent.size,
    parent: nodeParent.array,
    frame: nodeFrame.array,
    frameCount,
    frameAt: (id): Frame => {
      if (!(id > 0 && id < frameCount)) throw new Error(`no frame has the id ${id}`);
      return dictionary.frame(id);
    },
  };
}
