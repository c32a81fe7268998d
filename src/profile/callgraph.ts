import { FlameherdError } from '../model/errors.ts';
import { byBytes } from './by-bytes.ts';
import { type CallTree, childLists } from './call-tree.ts';
import type { JsonBytes } from './json-bytes.ts';
import { jsonNumber } from './json-number.ts';
import { nearFunctions } from './near-functions.ts';

/** A function that calls or is called, and how much of the profile went over that call. */
export interface CallEdge {
  readonly function: string;
  readonly file: string;
  readonly value: number | bigint;
}

/**
 * One function with what called it and what it called, as `go tool pprof -peek` shows it. A stack counts once for each pair
 * of functions on it, however often it goes over them; a function that calls itself directly is no pair. So where nothing is
 * recursive, the callers and the stacks that begin in the function add up to its total.
 */
export interface CallGraph {
  readonly unit: string;
  readonly function: string;
  readonly file: string;
  readonly self: number | bigint;
  /** Counts a stack once. */
  readonly total: number | bigint;
  /** Largest first, by size whatever the sign, then by the bytes of the name. Those of which nothing was counted are left out. */
  readonly callers: readonly CallEdge[];
  readonly callees: readonly CallEdge[];
  /** Of the whole profile. */
  readonly profileTotal: number | bigint;
  /** What all amounts are to be divided by. */
  readonly divisor: number;
}

/**
 * The neighbours of a function in a call tree, in which nothing may have been folded away. `not_found` when the tree has no
 * function of this name; the hint has those that may have been meant.
 */
export function callGraphOf(
  tree: CallTree,
  functionName: string,
  { limit = Infinity, check = () => {} }: { readonly limit?: number; readonly check?: () => void } = {},
): CallGraph {
  const name = tree.names.indexOf(functionName, 1);
  if (name < 0) throw noSuchFunction(tree, functionName);
  const sums = new NeighbourSums(tree, name);
  walk(tree, sums, check);
  return {
    unit: tree.unit,
    function: functionName,
    file: tree.fileOf(name),
    self: sums.self,
    total: sums.total,
    callers: edgesOf(tree, sums.callers, limit),
    callees: edgesOf(tree, sums.callees, limit),
    profileTotal: tree.total[0] ?? 0,
    divisor: tree.divisor,
  };
}

/** A call graph as the members of a JSON object, without its braces, so that `meta` can follow. */
export function writeCallGraph(json: JsonBytes, graph: CallGraph): void {
  const { unit, self, total, callers, callees, profileTotal, divisor } = graph;
  const edges = (list: readonly CallEdge[]): string =>
    list.map((edge) => `{${namesOf(edge)},"value":${jsonNumber(edge.value, divisor)}}`).join(',');
  json.text(
    `"unit":${JSON.stringify(unit)},${namesOf(graph)},"self":${jsonNumber(self, divisor)},"total":${jsonNumber(total, divisor)},` +
      `"callers":[${edges(callers)}],"callees":[${edges(callees)}],"profileTotal":${jsonNumber(profileTotal, divisor)}`,
  );
}

/** What is added up around one function while the tree is walked; `enter` and `leave` know what is above a node. */
class NeighbourSums {
  readonly callers = new Map<number, number | bigint>();
  readonly callees = new Map<number, number | bigint>();
  self: number | bigint;
  total: number | bigint;
  readonly #tree: CallTree;
  readonly #name: number;
  #depth = 0;
  /** By name: how often the path has it right above, or right below, the function. */
  readonly #above: Int32Array;
  readonly #below: Int32Array;

  constructor(tree: CallTree, name: number) {
    this.#tree = tree;
    this.#name = name;
    this.#above = new Int32Array(tree.names.length);
    this.#below = new Int32Array(tree.names.length);
    this.self = this.total = tree.self instanceof Float64Array ? 0 : 0n;
  }

  enter(node: number): void {
    const { name, parent, self, total } = this.#tree;
    const own = name[node] as number;
    const caller = name[parent[node] as number] as number;
    if (own === this.#name) {
      this.self = plus(this.self, self[node]);
      if (this.#depth++ === 0) this.total = plus(this.total, total[node]);
      if (caller === 0 || caller === own) return;
      if (this.#above[caller] === 0) this.callers.set(caller, plus(this.callers.get(caller), total[node]));
      this.#above[caller] = (this.#above[caller] as number) + 1;
    } else if (caller === this.#name) {
      if (this.#below[own] === 0) this.callees.set(own, plus(this.callees.get(own), total[node]));
      this.#below[own] = (this.#below[own] as number) + 1;
    }
  }

  leave(node: number): void {
    const { name, parent } = this.#tree;
    const own = name[node] as number;
    const caller = name[parent[node] as number] as number;
    if (own === this.#name) {
      this.#depth--;
      if (caller !== 0 && caller !== own) this.#above[caller] = (this.#above[caller] as number) - 1;
    } else if (caller === this.#name) this.#below[own] = (this.#below[own] as number) - 1;
  }
}

/** Goes into every node and out of it again. No recursion: stacks may be very deep. */
function walk({ parent, size }: CallTree, visitor: Pick<NeighbourSums, 'enter' | 'leave'>, check: () => void): void {
  const { firstChild, nextSibling } = childLists(parent);
  let node = size > 1 ? (firstChild[0] as number) : 0;
  for (let steps = 0; node !== 0; steps++) {
    if (steps % 8192 === 0) check();
    visitor.enter(node);
    let next = firstChild[node] as number;
    while (next === 0 && node !== 0) {
      visitor.leave(node);
      next = nextSibling[node] as number;
      if (next === 0) node = parent[node] as number;
    }
    node = next;
  }
}

/** Amounts of one tree are all doubles or all BigInts. */
function plus(sum: number | bigint | undefined, amount: number | bigint | undefined): number | bigint {
  if (typeof amount === 'bigint') return amount + BigInt(sum ?? 0);
  return (amount ?? 0) + Number(sum ?? 0);
}

function edgesOf(tree: CallTree, sums: ReadonlyMap<number, number | bigint>, limit: number): CallEdge[] {
  return [...sums]
    .map(([name, value]) => ({ function: tree.names[name] ?? '', file: tree.fileOf(name), value }))
    .filter(({ value }) => Number(value) !== 0)
    .sort((a, b) => bySize(a.value, b.value) || byBytes(a.function, b.function))
    .slice(0, limit);
}

function bySize(a: number | bigint, b: number | bigint): number {
  const x = a < 0 ? -a : a;
  const y = b < 0 ? -b : b;
  return x > y ? -1 : x < y ? 1 : 0;
}

function namesOf({ function: name, file }: Pick<CallEdge, 'function' | 'file'>): string {
  return `"function":${JSON.stringify(name)},"file":${JSON.stringify(file)}`;
}

function noSuchFunction({ names }: CallTree, typed: string): FlameherdError {
  const shortestFirst = names.slice(1).sort((a, b) => a.length - b.length || byBytes(a, b));
  const near = nearFunctions(typed, shortestFirst);
  const hint =
    near.length > 0
      ? `did you mean ${near.join(' or ')}?`
      : 'format=top lists the functions there are; a name must be written in full';
  return new FlameherdError('not_found', `function: ${JSON.stringify(typed)} is on no stack of this profile`, { hint });
}
