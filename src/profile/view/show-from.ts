import type { Expression } from '../../model/expression.ts';
import { frameBits, TextTests } from './frame-test.ts';
import { checkedNodes, TreeRewriter, type TreeStep } from './tree-rewriter.ts';

/**
 * Stacks begin at the outermost location that matches; samples without one are left out. A location whose binary matches
 * stays whole; else it loses what its outermost matching frame was inlined into, and so does every such location further
 * down. google/pprof: `ShowFrom` of profile/filter.go. `found` is told when something matched.
 */
export function showFromStep(expression: Expression, found: Set<string>): TreeStep {
  return (tree, needed, check) => {
    const tests = new TextTests(check);
    const [byFunction, byMapping] = [1, 2];
    const bits = frameBits(
      tree,
      check,
      (frame) =>
        (tests.matchesFunction(expression, frame) ? byFunction : 0) |
        (tests.matchesMapping(expression, frame) ? byMapping : 0),
    );
    if (bits.some((own) => own !== 0)) found.add('show_from');
    const out = new TreeRewriter(tree);
    const { parent, frame, size } = tree;
    const nodeOf = new Int32Array(size).fill(-1);
    /** Where the location's caller ended, and whether a frame of the location matched, the node's own included. */
    const caller = new Int32Array(size).fill(-1);
    const matched = new Uint8Array(size);
    for (let node = 1; node < size; node++) {
      if (node % checkedNodes === 0) check();
      if (needed[node] === 0) continue;
      const up = parent[node] as number;
      const own = frame[node] as number;
      const inlined = out.inlined[own] === 1 && up !== 0;
      caller[node] = (inlined ? caller[up] : nodeOf[up]) as number;
      const matchedAbove = inlined && matched[up] === 1;
      if (!matchedAbove && bits[own] !== 0) {
        matched[node] = 1;
        nodeOf[node] = out.outermostChild(Math.max(0, caller[node] as number), own);
      } else {
        matched[node] = matchedAbove ? 1 : 0;
        const above = nodeOf[up] as number;
        nodeOf[node] = above < 0 ? -1 : out.child(above, own);
      }
    }
    return { tree: out.tree, nodeOf };
  };
}
