import { childrenOf } from './paths.ts';
import type { FlameModel } from './prepare.ts';

export type Move = 'parent' | 'child' | 'before' | 'after';

/** Where a step by keyboard leads: to the caller, the widest callee, or the neighbour on the same level; nowhere else is the same node. */
export function moved(model: FlameModel, node: number, move: Move): number {
  switch (move) {
    case 'parent':
      return Math.max(0, model.parent[node] as number);
    case 'child':
      return widest(model, childrenOf(model, node)) ?? node;
    case 'before':
      return neighbour(model, node, -1);
    case 'after':
      return neighbour(model, node, 1);
    default:
      return node;
  }
}

/** The next node whose name matches, in preorder, around the end; undefined where none does. */
export function nextMatch(model: FlameModel, names: Uint8Array, from: number, step: 1 | -1): number | undefined {
  for (let tried = 1; tried <= model.size; tried++) {
    const node = (from + step * tried + 2 * model.size) % model.size;
    if (names[model.name[node] as number] === 1) return node;
  }
  return undefined;
}

function widest({ width }: FlameModel, nodes: readonly number[]): number | undefined {
  let found: number | undefined;
  for (const node of nodes) {
    if (found === undefined || (width[node] as number) > (width[found] as number)) found = node;
  }
  return found;
}

/** On the same level, also below another parent. */
function neighbour({ order, levelStart, level }: FlameModel, node: number, step: 1 | -1): number {
  const [first = 0, after = 0] = [levelStart[level[node] as number], levelStart[(level[node] as number) + 1]];
  const place = placeOf(order, first, after, node) + step;
  return place < first || place >= after ? node : (order[place] as number);
}

/** Nodes of a level stand in preorder. */
function placeOf(order: Int32Array, first: number, after: number, node: number): number {
  let [low, high] = [first, after - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((order[middle] as number) < node) low = middle + 1;
    else high = middle;
  }
  return low;
}
