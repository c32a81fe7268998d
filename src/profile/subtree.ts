import { type CallTree, childLists, wholeOf } from './call-tree.ts';
import { picked } from './flame-graph.ts';

/**
 * The part of a tree under a stack of names, below the root's: node 0 is the last of them, and `whole` the total of the tree. Of size 0 where
 * no stack begins so. Nothing may have been folded away in the tree.
 */
export function subtreeOf(tree: CallTree, stack: readonly string[]): CallTree {
  const order = nodesUnder(tree, nodeAt(tree, stack));
  const placeOf = new Int32Array(tree.size);
  for (let place = 0; place < order.length; place++) placeOf[order[place] as number] = place;
  return {
    ...tree,
    size: order.length,
    name: order.map((node) => tree.name[node] as number),
    parent: order.map((node, place) => (place === 0 ? 0 : (placeOf[tree.parent[node] as number] as number))),
    self: picked(tree.self, order),
    total: picked(tree.total, order),
    whole: wholeOf(tree),
  };
}

/** Undefined where there is none. */
function nodeAt({ parent, name, names }: CallTree, stack: readonly string[]): number | undefined {
  const { firstChild, nextSibling } = childLists(parent);
  let node = 0;
  for (const wanted of stack) {
    let child = firstChild[node] as number;
    while (child !== 0 && names[name[child] as number] !== wanted) child = nextSibling[child] as number;
    if (child === 0) return undefined;
    node = child;
  }
  return node;
}

/** The node and all below it, in their order. */
function nodesUnder({ size, parent }: CallTree, top: number | undefined): Int32Array {
  if (top === undefined) return new Int32Array(0);
  const isUnder = new Uint8Array(size);
  isUnder[top] = 1;
  const order = [top];
  for (let node = top + 1; node < size; node++) {
    if (isUnder[parent[node] as number] === 0) continue;
    isUnder[node] = 1;
    order.push(node);
  }
  return Int32Array.from(order);
}
