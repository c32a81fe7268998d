import { frameName } from '../../model/frame.ts';
import { childLists } from '../call-tree.ts';
import type { StackTree } from '../stack-tree.ts';
import { checkedNodes, TreeRewriter, type TreeStep } from './tree-rewriter.ts';

/**
 * The step that leaves a function on a stack once, where it was called first. Later calls are left out as if hidden; a
 * sample that ends in one ends at the first call instead, so every function keeps its self.
 *
 *     walk;visit;walk;visit;read  ->  walk;visit;read
 *     walk;visit;walk             ->  walk
 *
 * Totals stay too, but for the functions between two calls of the one in which a stack ends (`visit` in the second).
 */
export const collapseRecursion: TreeStep = (tree, needed, check) => {
  const out = new TreeRewriter(tree);
  const name = namesOfFrames(tree, check);
  const { firstChild, nextSibling } = childLists(tree.parent.subarray(0, tree.size));
  /** The new node that a node's callees hang below, and the one that its samples end at. */
  const below = new Int32Array(tree.size);
  const nodeOf = new Int32Array(tree.size);
  /** By name, the new node of the call that is on the path; 0 without one. */
  const onPath = new Int32Array(tree.frameCount);
  /** 1 for the calls that are first on their path, and where a frame of the node's location stays, its own included. */
  const isFirst = new Uint8Array(tree.size);
  const inLocation = new Uint8Array(tree.size);
  let steps = 0;
  for (let node = firstChild[0] as number; node !== 0; ) {
    if (++steps % checkedNodes === 0) check();
    const up = tree.parent[node] as number;
    const own = tree.frame[node] as number;
    const outerKept = out.inlined[own] === 1 && inLocation[up] === 1;
    const first = onPath[name[own] as number] as number;
    if (needed[node] === 1 && first === 0) {
      isFirst[node] = 1;
      const above = below[up] as number;
      const made = outerKept ? out.child(above, own) : out.outermostChild(above, own);
      below[node] = made;
      nodeOf[node] = made;
      onPath[name[own] as number] = made;
    } else {
      below[node] = below[up] as number;
      nodeOf[node] = first;
    }
    inLocation[node] = isFirst[node] === 1 || outerKept ? 1 : 0;
    let next = needed[node] === 1 ? (firstChild[node] as number) : 0;
    while (next === 0 && node !== 0) {
      if (isFirst[node] === 1) onPath[name[tree.frame[node] as number] as number] = 0;
      next = nextSibling[node] as number;
      if (next === 0) node = tree.parent[node] as number;
    }
    node = next;
  }
  return { tree: out.tree, nodeOf };
};

/** A number for each name that frames are shown by. */
function namesOfFrames(tree: StackTree, check: () => void): Int32Array {
  const ids = new Map<string, number>();
  const names = new Int32Array(tree.frameCount);
  for (let frame = 1; frame < tree.frameCount; frame++) {
    if (frame % 4096 === 0) check();
    const name = frameName(tree.frameAt(frame));
    const id = ids.get(name) ?? ids.size + 1;
    ids.set(name, id);
    names[frame] = id;
  }
  return names;
}
