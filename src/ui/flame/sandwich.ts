import { PairIds } from './pair-ids.ts';
import type { FlameModel } from './prepare.ts';
import { SummedTree, Sums, selvesOf, totalsOf } from './summed-tree.ts';

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
  const found = outermost(model, nameIndex);
  return { callers: callersOf(model, nameIndex, found), callees: calleesOf(model, nameIndex, found) };
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
function calleesOf(model: FlameModel, nameIndex: number, found: readonly number[]): FlameModel {
  const { name, parent, end } = model;
  const tree = new SummedTree(model, nameIndex);
  const [totals, selves] = [totalsOf(model), selvesOf(model)];
  const idOf = new Int32Array(model.size);
  for (const top of found) {
    for (let node = top; node < (end[top] as number); node++) {
      const id = node === top ? 0 : tree.ids.idOf(idOf[parent[node] as number] as number, name[node] as number);
      idOf[node] = id;
      tree.totals.add(id, totals, node);
      tree.selves.add(id, selves, node);
    }
  }
  return tree.model();
}

/**
 * From each occurrence up to the root, all at once, a level at a time: those that have met, at one node by the same names, go
 * on as one. So a function that is called from 100,000 places costs little more than the nodes above it.
 */
function callersOf(model: FlameModel, nameIndex: number, found: readonly number[]): FlameModel {
  const tree = new SummedTree(model, nameIndex);
  const totals = totalsOf(model);
  let front = new Front(totals.length);
  for (const node of found) front.add(node, 0, totals, node);
  while (front.size > 0) {
    const next = new Front(totals.length);
    for (let at = 0; at < front.size; at++) {
      const id = front.ids[at] as number;
      tree.totals.add(id, front.sums.columns, at);
      const above = model.parent[front.nodes[at] as number] as number;
      // The root is no function: what stands below it was called by nobody.
      if (above <= 0) tree.selves.add(id, front.sums.columns, at);
      else next.add(above, tree.ids.idOf(id, model.name[above] as number), front.sums.columns, at);
    }
    front = next;
  }
  return tree.model();
}

/** Where the climb to the callers has come to: pairs of a node and of a node of the tree of callers. */
class Front {
  readonly nodes: number[] = [];
  readonly ids: number[] = [];
  readonly sums: Sums;
  readonly #pairs = new PairIds();

  constructor(columns: number) {
    this.sums = new Sums(columns);
  }

  get size(): number {
    return this.nodes.length;
  }

  add(node: number, id: number, amounts: readonly Float64Array[], at: number): void {
    const pair = this.#pairs.idOf(node, id);
    if (pair === this.nodes.length) {
      this.nodes.push(node);
      this.ids.push(id);
    }
    this.sums.add(pair, amounts, at);
  }
}
