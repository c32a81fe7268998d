import type { Amounts } from '../profile/amounts.ts';
import type { CallTree } from '../profile/call-tree.ts';
import { comparedTrees } from '../profile/compared-trees.ts';
import type { CallTreeAnswer, ComparedAnswer } from './profile-store.ts';

/** Two answers as one, in trees of the same nodes. Nothing may have been folded away in them. `check` as in `comparedTrees`. */
export function comparedAnswer(compare: CallTreeAnswer, base: CallTreeAnswer, check?: () => void): ComparedAnswer {
  const first = compare.tree ?? (base.tree && zerosOf(base.tree));
  const second = base.tree ?? (compare.tree && zerosOf(compare.tree));
  return { compare, base, trees: first && second && comparedTrees(first, second, check) };
}

/** The same nodes, of which nothing was counted. */
function zerosOf(tree: CallTree): CallTree {
  const zeros: Amounts = new Float64Array(tree.size);
  return {
    ...tree,
    self: zeros,
    total: zeros,
    divisor: 1,
    foldedAway: 0,
    ...(tree.whole === undefined ? {} : { whole: 0 }),
  };
}
