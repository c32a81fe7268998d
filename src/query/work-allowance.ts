import { foldedName } from '../model/folded-stack.ts';
import type { Bytes } from '../model/units.ts';
import type { Amounts } from '../profile/amounts.ts';
import type { CallTree } from '../profile/call-tree.ts';
import type { ComparedTrees } from '../profile/compared-trees.ts';
import type { Profile } from '../profile/profile.ts';
import type { Allowance } from '../store/allowance.ts';
import type { SeriesTotals } from '../store/profile-store.ts';
import type { DiffFormat, MergeFormat } from './engine.ts';

/** What the work after reading may spend; where memory is nobody's concern it need not be counted. */
export type WorkAllowance = Pick<Allowance, 'check'> & Partial<Pick<Allowance, 'hold' | 'keep'>>;

/** A tree itself: two columns of whole numbers and two of amounts. */
export function bytesOfTree({ size, self, total }: Pick<CallTree, 'size' | 'self' | 'total'>): Bytes {
  return size * 2 * 4 + bytesOfAmounts(self) + bytesOfAmounts(total);
}

/** A BigInt is an object of its own. */
function bytesOfAmounts(amounts: Amounts): Bytes {
  return amounts.length * (amounts instanceof Float64Array ? 8 : 8 + 24);
}

/** What it takes to show a diff: the nodes of both sides are the same, but stacks may be of one alone. */
export function bytesToCompare(format: DiffFormat, { compare, base }: ComparedTrees, maxNodes: number): Bytes {
  return bytesToShow(format, compare, maxNodes) + bytesToShow(format, base, maxNodes);
}

/** What it takes to show a tree in some format, the text of the answer included. */
export function bytesToShow(format: MergeFormat | DiffFormat, tree: CallTree, maxNodes: number): Bytes {
  switch (format) {
    case 'flamegraph':
      // Each node is weighed and ordered; each that is shown has columns and a text.
      return tree.size * 72 + Math.min(tree.size, maxNodes) * 160;
    case 'collapsed':
      // A text that is sorted, joined and encoded: held five times. Names come again with each stack.
      return 5 * lengthOfStacks(tree, (name) => foldedName(name).length + 1);
    case 'speedscope':
      // Two events of 40 bytes for each node, in a text that grows by doubling; and what orders them.
      return tree.size * 300;
    default:
      return tree.size * 8;
  }
}

/** Of a text that has all frames of each stack that is not 0, and its number. */
function lengthOfStacks({ size, names, name, parent, self }: CallTree, lengthOf: (name: string) => number): number {
  const lengths = Float64Array.from(names, lengthOf);
  const path = new Float64Array(size);
  let length = 0;
  for (let node = 1; node < size; node++) {
    path[node] = (path[parent[node] as number] as number) + (lengths[name[node] as number] as number);
    if (Number(self[node]) !== 0) length += (path[node] as number) + 12;
  }
  return length;
}

/** What totals over time take beside themselves, by their points: columns, and a row of an answer that is written, joined and encoded. */
export function bytesToAddUp(totals: readonly Pick<SeriesTotals, 'points'>[]): Bytes {
  return 250 * totals.reduce((sum, { points }) => sum + points.length, 0);
}

/** A profile in memory: its tree, rows and values; its frames belong to the store. */
export function bytesOfProfile({ stacks, values }: Pick<Profile, 'stacks' | 'values'>): Bytes {
  return stacks.tree.size * 16 + stacks.size * (16 + 8 * values.length);
}

/** What it takes to make a profile of another: nodes and rows with tables that number them, and a text for each frame. */
export function bytesToRebuild({ stacks, values }: Pick<Profile, 'stacks' | 'values'>): Bytes {
  return stacks.tree.size * 32 + stacks.size * (32 + 16 * values.length) + stacks.tree.frameCount * 400;
}
