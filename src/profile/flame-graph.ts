import { type Amounts, sizesOf } from './amounts.ts';
import { byBytes } from './by-bytes.ts';
import { type CallTree, childLists } from './call-tree.ts';
import type { JsonBytes } from './json-bytes.ts';

/** Nodes between two checks. */
const checkedNodes = 8192;

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

export interface FlameGraphOptions {
  /** The largest totals stay. */
  readonly maxNodes: number;
  /** Called between steps of a few milliseconds; may throw to stop the work. */
  readonly check?: () => void;
}

/** A flame graph of at most `maxNodes` nodes. Subtrees in which all is 0 are not drawn. */
export function flameGraphOf(tree: CallTree, options: FlameGraphOptions): FlameGraph {
  const { order, ...layout } = layoutOf(tree, options.maxNodes, options.check);
  return {
    unit: tree.unit,
    ...layout,
    self: picked(tree.self, order),
    total: picked(tree.total, order),
    divisor: tree.divisor,
  };
}

/** Which nodes of a tree a flame graph shows, in which order. */
export interface GraphLayout extends Pick<FlameGraph, 'names' | 'name' | 'parent' | 'foldedShare'> {
  /** The node of each entry. */
  readonly order: Int32Array;
}

/** At most `maxNodes` nodes, by the amounts of the tree; at least the root. */
export function layoutOf(tree: CallTree, maxNodes: number, check: () => void = () => {}): GraphLayout {
  const kept = largestNodes(tree, Math.max(1, maxNodes));
  const order = preorder(tree, kept, check);
  const entryOf = new Int32Array(tree.size);
  for (let entry = 0; entry < order.length; entry++) entryOf[order[entry] as number] = entry;
  return {
    ...usedNames(tree, order),
    parent: order.map((node) => (node === 0 ? -1 : (entryOf[tree.parent[node] as number] as number))),
    order,
    foldedShare: foldedShare(tree, kept),
  };
}

/** The arrays of a flame graph as the members of a JSON object, without its braces, so that `meta` can follow. */
export function writeFlameGraph(json: JsonBytes, graph: FlameGraph): void {
  json.text(`"unit":${JSON.stringify(graph.unit)},"names":${JSON.stringify(graph.names)},"name":`);
  json.integers(graph.name).text(',"parent":').integers(graph.parent);
  json.text(',"self":').amounts(graph.self, graph.divisor);
  json.text(',"total":').amounts(graph.total, graph.divisor);
}

/** 1 for each node that stays, always with its parent. */
function largestNodes(tree: CallTree, maxNodes: number): Uint8Array {
  const total = sizesOf(tree.total);
  const { kept, count } = nodesThatCount(tree, total);
  if (count <= maxNodes) return kept;
  const weight = new Float64Array(tree.size);
  weight[0] = Number.POSITIVE_INFINITY;
  for (let node = 1; node < tree.size; node++) {
    // Totals of a diff may be larger below than above; what stays must find its parent there.
    const most = weight[tree.parent[node] as number] as number;
    weight[node] = kept[node] === 0 ? -1 : Math.min(total[node] as number, most);
  }
  const least = weight.toSorted()[tree.size - maxNodes] as number;
  let room = maxNodes - weight.reduce((heavier, own) => (own > least ? heavier + 1 : heavier), 0);
  for (let node = 0; node < tree.size; node++) {
    const own = weight[node] as number;
    // Of those that weigh the same, parents come first.
    kept[node] = own > least || (own === least && room-- > 0) ? 1 : 0;
  }
  return kept;
}

/** 1 for each node in which, or below which, there is anything but 0; and for the root. */
function nodesThatCount({ size, parent, self }: CallTree, total: Float64Array): { kept: Uint8Array; count: number } {
  const own = sizesOf(self);
  const kept = new Uint8Array(size);
  let count = 1;
  for (let node = size - 1; node > 0; node--) {
    if (kept[node] === 0 && total[node] === 0 && own[node] === 0) continue;
    kept[node] = 1;
    kept[parent[node] as number] = 1;
    count++;
  }
  kept[0] = 1;
  return { kept, count };
}

/** The kept nodes, each before its children, heaviest child first, then by name. No recursion: stacks may be very deep. */
function preorder(tree: CallTree, kept: Uint8Array, check: () => void): Int32Array {
  const { firstChild, nextSibling } = childLists(tree.parent);
  const order: number[] = [];
  const waiting = [0];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (order.push(node) % checkedNodes === 0) check();
    const from = waiting.length;
    for (let child = firstChild[node] as number; child !== 0; child = nextSibling[child] as number) {
      if (kept[child] === 1) waiting.push(child);
    }
    // What is pushed last is popped first.
    if (waiting.length > from + 1) {
      const children = waiting.splice(from).sort((a, b) => heavierFirst(tree, b, a));
      for (const child of children) waiting.push(child);
    }
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
  const ids = new Int32Array(tree.names.length);
  const names: string[] = [];
  const name = order.map((node) => {
    const own = tree.name[node] as number;
    if (ids[own] === 0) ids[own] = names.push(tree.names[own] as string);
    return (ids[own] as number) - 1;
  });
  return { names, name };
}

/** The amounts of the entries. */
export function picked(amounts: Amounts, order: Int32Array): Amounts {
  if (!(amounts instanceof Float64Array)) return Array.from(order, (node) => amounts[node] as bigint);
  const values = new Float64Array(order.length);
  for (let entry = 0; entry < order.length; entry++) values[entry] = amounts[order[entry] as number] as number;
  return values;
}

function foldedShare(tree: CallTree, kept: Uint8Array): number {
  const own = sizesOf(tree.self);
  let all = tree.foldedAway;
  let folded = tree.foldedAway;
  for (let node = 0; node < tree.size; node++) {
    const amount = own[node] as number;
    all += amount;
    if (kept[node] === 0) folded += amount;
  }
  return all === 0 ? 0 : folded / all;
}
