import { PairIds } from './pair-ids.ts';
import type { FlameModel } from './prepare.ts';
import { Sums, selvesOf, summedTree, totalsOf } from './summed-tree.ts';

export interface Sandwich {
  /** The function is the root, what called it stands below, what called that below again. */
  readonly callers: FlameModel;
  /** The function is the root, what it called stands below. */
  readonly callees: FlameModel;
}

/**
 * All occurrences of a function as one: who called it and what it called. Where it calls itself the outermost call counts, so
 * that both trees have the function's total as `topRows` has it.
 */
export function sandwich(model: FlameModel, nameIndex: number): Sandwich {
  const steps = sandwichSteps(model, nameIndex);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** So many nodes are a step: a few milliseconds. */
const stepNodes = 50_000;

/** `sandwich` with rests, so that who waits for it can do something else in between. */
export function* sandwichSteps(model: FlameModel, nameIndex: number): Generator<void, Sandwich> {
  const found = outermost(model, nameIndex);
  yield;
  const callers = callersOf(model, nameIndex, found);
  yield;
  return { callers, callees: yield* calleesOf(model, nameIndex, found) };
}

function outermost({ name, end, size }: FlameModel, nameIndex: number): number[] {
  const found: number[] = [];
  for (let node = 0; node < size; ) {
    if (name[node] !== nameIndex) {
      node++;
      continue;
    }
    found.push(node);
    node = end[node] as number;
  }
  return found;
}

/** Subtrees laid on top of each other: nodes of one path are one node. */
function* calleesOf(model: FlameModel, nameIndex: number, found: readonly number[]): Generator<void, FlameModel> {
  const { name, parent, end } = model;
  const size = found.reduce((sum, top) => sum + (end[top] as number) - top, 0);
  const ids = new PairIds(size / 2);
  ids.idOf(-1, nameIndex);
  // Of each node below, in turn: which node, and which one of the tree it is in.
  const nodes = new Int32Array(size);
  const idOf = new Int32Array(model.size);
  let at = 0;
  for (const top of found) {
    nodes[at++] = top;
    for (let node = top + 1; node < (end[top] as number); node++) {
      idOf[node] = ids.idOf(idOf[parent[node] as number] as number, name[node] as number);
      nodes[at++] = node;
      if (at % stepNodes === 0) yield;
    }
  }
  yield;
  const summed = (amounts: Float64Array): Float64Array => {
    const sums = new Float64Array(ids.size);
    for (let place = 0; place < nodes.length; place++) {
      const node = nodes[place] as number;
      const id = idOf[node] as number;
      sums[id] = (sums[id] as number) + (amounts[node] as number);
    }
    return sums;
  };
  const totals = totalsOf(model).map(summed);
  const selves = selvesOf(model).map(summed);
  yield;
  return summedTree(model, ids, { totals, selves });
}

/**
 * From each occurrence up to the root, all at once, a level at a time: those that have met, at one node by the same names, go
 * on as one. So a function that is called from 100,000 places costs little more than the nodes above it.
 */
function callersOf(model: FlameModel, nameIndex: number, found: readonly number[]): FlameModel {
  const { parent, name } = model;
  const ids = new PairIds(found.length);
  ids.idOf(-1, nameIndex);
  const totals = new Sums(totalsOf(model).length);
  const selves = new Sums(totals.columns.length);
  let front = new Front(found.length, totals.columns.length);
  for (const node of found) front.add(node, 0, totalsOf(model), node);
  while (front.size > 0) {
    const next = new Front(front.size, totals.columns.length);
    for (let at = 0; at < front.size; at++) {
      const id = front.ids[at] as number;
      totals.add(id, front.sums.columns, at);
      const above = parent[front.nodes[at] as number] as number;
      // The root is no function: what stands below it was called by nobody.
      if (above <= 0) selves.add(id, front.sums.columns, at);
      else next.add(above, ids.idOf(id, name[above] as number), front.sums.columns, at);
    }
    front = next;
  }
  return summedTree(model, ids, { totals: totals.of(ids.size), selves: selves.of(ids.size) });
}

/** Where the climb to the callers has come to: pairs of a node and of a node of the tree of callers. */
class Front {
  readonly nodes: Int32Array;
  readonly ids: Int32Array;
  readonly sums: Sums;
  readonly #pairs: PairIds;

  constructor(most: number, columns: number) {
    this.nodes = new Int32Array(most);
    this.ids = new Int32Array(most);
    this.sums = new Sums(columns, most);
    this.#pairs = new PairIds(most);
  }

  get size(): number {
    return this.#pairs.size;
  }

  add(node: number, id: number, amounts: readonly Float64Array[], at: number): void {
    const pair = this.#pairs.idOf(node, id);
    this.nodes[pair] = node;
    this.ids[pair] = id;
    this.sums.add(pair, amounts, at);
  }
}
