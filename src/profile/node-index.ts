import { PairMap } from './pair-map.ts';

/** Children that are looked through one by one; of a node with more, the others are looked up. */
const mostWalked = 16;

/**
 * Numbers the nodes of a tree, each a frame below another node, in the order they are first seen; 0 is the root. The same
 * frame below the same node has the same number. As a `PairIndex` does, but for trees: a node has few children, and those
 * of nodes that were made together lie together in memory, so that a walk over them is several times as fast as a hash.
 */
export class NodeIndex {
  #size = 1;
  #parent: Int32Array = new Int32Array(1024);
  #frame: Int32Array = new Int32Array(1024);
  /** 0 ends a list: the root is nobody's child. */
  #firstChild: Int32Array = new Int32Array(1024);
  #nextSibling: Int32Array = new Int32Array(1024);
  /** Children that did not fit in the lists, by parent and frame. */
  readonly #others = new PairMap();

  get size(): number {
    return this.#size;
  }

  /** By node; the first `size` are valid. Replaced when the index grows, so do not keep it. */
  get parent(): Int32Array {
    return this.#parent;
  }

  get frame(): Int32Array {
    return this.#frame;
  }

  /** The node of a frame below a node; a new one when it is new. */
  childOf(parent: number, frame: number): number {
    let walked = 0;
    let last = 0;
    for (let child = this.#firstChild[parent] as number; child !== 0; child = this.#nextSibling[child] as number) {
      if (this.#frame[child] === frame) return child;
      last = child;
      walked++;
    }
    if (walked < mostWalked) {
      const node = this.#add(parent, frame);
      if (last === 0) this.#firstChild[parent] = node;
      else this.#nextSibling[last] = node;
      return node;
    }
    const known = this.#others.get(parent, frame);
    if (known >= 0) return known;
    this.#others.set(parent, frame, this.#size);
    return this.#add(parent, frame);
  }

  #add(parent: number, frame: number): number {
    const node = this.#size++;
    if (node === this.#parent.length) this.#grow();
    this.#parent[node] = parent;
    this.#frame[node] = frame;
    return node;
  }

  #grow(): void {
    const longer = (column: Int32Array): Int32Array => {
      const grown = new Int32Array(2 * column.length);
      grown.set(column);
      return grown;
    };
    this.#parent = longer(this.#parent);
    this.#frame = longer(this.#frame);
    this.#firstChild = longer(this.#firstChild);
    this.#nextSibling = longer(this.#nextSibling);
  }
}
