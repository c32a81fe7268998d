import type { Frame } from '../../model/frame.ts';
import type { StackTree } from '../stack-tree.ts';
import { StackTreeBuilder } from '../stack-tree-builder.ts';

/** Nodes between two checks. */
export const checkedNodes = 16_384;

/** What a step does to a tree: samples that end at `node` then end at `nodeOf[node]` of `tree`; -1 leaves them out. */
export interface Step {
  readonly tree: StackTree;
  /** By node of the tree before; valid where the node was needed. */
  readonly nodeOf: Int32Array;
}

/**
 * A step of a view: reads a tree, makes another. `needed[node]` is 1 for the nodes that lie on the stack of a sample;
 * others need no answer. A needed node's parent is needed.
 */
export type TreeStep = (tree: StackTree, needed: Uint8Array, check: () => void) => Step;

/** The step that does nothing. */
export function unchanged(tree: StackTree): Step {
  const nodeOf = new Int32Array(tree.size);
  for (let node = 0; node < nodeOf.length; node++) nodeOf[node] = node;
  return { tree, nodeOf };
}

/** Makes a tree of the frames of another, which may lose what they were inlined into. Frames that become equal meet. */
export class TreeRewriter {
  readonly tree = new StackTreeBuilder();
  readonly #source: StackTree;
  /** By frame of the source, its id here and 1; 0 as long as nobody needed it. */
  readonly #kept: Int32Array;
  readonly #outermost: Int32Array;
  /** 1 for the source's frames that were inlined. */
  readonly inlined: Uint8Array;

  constructor(source: StackTree) {
    this.#source = source;
    this.#kept = new Int32Array(source.frameCount);
    this.#outermost = new Int32Array(source.frameCount);
    this.inlined = Uint8Array.from({ length: source.frameCount }, (_, id) =>
      id > 0 && source.frameAt(id).inlined ? 1 : 0,
    );
  }

  /** The child of `parent`, a node of the new tree, with a frame of the source as it is. */
  child(parent: number, frame: number): number {
    const id = this.#kept[frame] as number;
    if (id > 0) return this.tree.node(parent, id - 1);
    return this.tree.node(parent, this.#add(this.#kept, frame, this.#source.frameAt(frame)));
  }

  /** The same, as the outermost frame of its location: what it was inlined into is gone. */
  outermostChild(parent: number, frame: number): number {
    if (this.inlined[frame] === 0) return this.child(parent, frame);
    const id = this.#outermost[frame] as number;
    if (id > 0) return this.tree.node(parent, id - 1);
    return this.tree.node(
      parent,
      this.#add(this.#outermost, frame, { ...this.#source.frameAt(frame), inlined: false }),
    );
  }

  #add(ids: Int32Array, frame: number, content: Frame): number {
    const id = this.tree.frameId(content);
    ids[frame] = id + 1;
    return id;
  }
}
