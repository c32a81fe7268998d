import { type Amounts, roughly } from './amounts.ts';
import { byBytes } from './by-bytes.ts';
import { type CallTree, callTreeOf, childLists } from './call-tree.ts';
import { jsonNumbers } from './json-number.ts';
import type { Profile } from './profile.ts';

/**
 * A call tree in preorder, heaviest child first, for drawing (API.md, `flamegraph`). Entry 0 is the root, whose parent is
 * -1. Where nodes were folded away, a total is more than its self and its children's totals.
 */
export interface FlameGraph {
  readonly unit: string;
  readonly names: readonly string[];
  /** Index into `names` by entry. */
  readonly name: Int32Array;
  /** Entry of the parent. */
  readonly parent: Int32Array;
  /** To be divided by `divisor`. */
  readonly self: Amounts;
  readonly total: Amounts;
  readonly divisor: number;
  /** The part of all that was counted whose own node was folded away; in [0, 1]. */
  readonly foldedShare: number;
}

/** The flame graph of one sample type, with at most `maxNodes` nodes: the largest totals stay. */
export function flameGraphOf(profile: Profile, type: number, options: { readonly maxNodes: number }): FlameGraph {
  const tree = callTreeOf(profile, type);
  const order = preorder(tree, largestNodes(tree, Math.max(1, options.maxNodes)));
  const entryOf = new Int32Array(tree.size).fill(-1);
  order.forEach((node, entry) => (entryOf[node] = entry));
  const { names, name } = usedNames(tree, order);
  return {
    unit: tree.unit,
    names,
    name,
    parent: order.map((node) => (node === 0 ? -1 : (entryOf[tree.parent[node] as number] as number))),
    self: picked(tree.self, order),
    total: picked(tree.total, order),
    divisor: tree.divisor,
    foldedShare: foldedShare(tree, entryOf),
  };
}

/** The arrays of a flame graph as the members of a JSON object, without its braces, so that `meta` can follow. */
export function flameGraphMembers(graph: FlameGraph): string {
  return [
    `"unit":${JSON.stringify(graph.unit)}`,
    `"names":${JSON.stringify(graph.names)}`,
    `"name":[${graph.name.join(',')}]`,
    `"parent":[${graph.parent.join(',')}]`,
    `"self":${jsonNumbers(graph.self, graph.divisor)}`,
    `"total":${jsonNumbers(graph.total, graph.divisor)}`,
  ].join(',');
}

/** 1 for each node that stays. A node stays only with its parent; totals of a diff may be larger below than above. */
function largestNodes(tree: CallTree, maxNodes: number): Uint8Array {
  const kept = new Uint8Array(tree.size).fill(1);
  if (tree.size <= maxNodes) return kept;
  const weight = Float64Array.from({ length: tree.size }, (_, node) => Math.abs(roughly(tree.total, node)));
  const byWeight = Uint32Array.from(weight, (_, node) => node).sort(
    (a, b) => (weight[b] as number) - (weight[a] as number) || a - b,
  );
  kept.fill(0);
  kept[0] = 1;
  let count = 1;
  for (const node of byWeight) {
    if (count >= maxNodes) break;
    if (node === 0 || kept[tree.parent[node] as number] === 0) continue;
    kept[node] = 1;
    count++;
  }
  return kept;
}

/** The kept nodes, each before its children, heaviest child first, then by name. No recursion: stacks may be very deep. */
function preorder(tree: CallTree, kept: Uint8Array): Int32Array {
  const { firstChild, nextSibling } = childLists(tree.parent);
  const order: number[] = [];
  const waiting = [0];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    order.push(node);
    const children: number[] = [];
    for (let child = firstChild[node] as number; child !== 0; child = nextSibling[child] as number) {
      if (kept[child] === 1) children.push(child);
    }
    // What is pushed last is popped first.
    children.sort((a, b) => heavierFirst(tree, b, a));
    for (const child of children) waiting.push(child);
  }
  return Int32Array.from(order);
}

function heavierFirst(tree: CallTree, a: number, b: number): number {
  const x = tree.total[a] as number | bigint;
  const y = tree.total[b] as number | bigint;
  if (x !== y) return x > y ? -1 : 1;
  return byBytes(nameOf(tree, a), nameOf(tree, b));
}

function nameOf(tree: CallTree, node: number): string {
  return tree.names[tree.name[node] as number] as string;
}

/** The names that the graph uses, numbered as they come. */
function usedNames(tree: CallTree, order: Int32Array): { names: string[]; name: Int32Array } {
  const ids = new Map<number, number>();
  const names: string[] = [];
  const name = order.map((node) => {
    const own = tree.name[node] as number;
    let id = ids.get(own);
    if (id === undefined) ids.set(own, (id = names.push(tree.names[own] as string) - 1));
    return id;
  });
  return { names, name };
}

function picked(amounts: Amounts, order: Int32Array): Amounts {
  if (amounts instanceof Float64Array) return Float64Array.from(order, (node) => amounts[node] as number);
  return Array.from(order, (node) => amounts[node] as bigint);
}

function foldedShare(tree: CallTree, entryOf: Int32Array): number {
  let all = 0;
  let folded = 0;
  for (let node = 0; node < tree.size; node++) {
    const amount = Math.abs(roughly(tree.self, node));
    all += amount;
    if ((entryOf[node] as number) < 0) folded += amount;
  }
  return all === 0 ? 0 : folded / all;
}
