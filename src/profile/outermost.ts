import { childLists } from './call-tree.ts';

/**
 * 1 for each node whose function is not above it on its stack: where the totals of a function are added up, so that a
 * recursive stack counts once. `counters` has a 0 for each name, and is left so. No recursion: stacks may be very deep.
 */
export function outermostNodes(parent: Int32Array, name: Int32Array, counters: Int32Array): Uint8Array {
  const { firstChild, nextSibling } = childLists(parent);
  const outermost = new Uint8Array(parent.length);
  let node = firstChild[0] as number;
  while (node !== 0) {
    const own = name[node] as number;
    if (counters[own] === 0) outermost[node] = 1;
    counters[own] = (counters[own] as number) + 1;
    let next = firstChild[node] as number;
    while (next === 0 && node !== 0) {
      const left = name[node] as number;
      counters[left] = (counters[left] as number) - 1;
      next = nextSibling[node] as number;
      if (next === 0) node = parent[node] as number;
    }
    node = next;
  }
  return outermost;
}
