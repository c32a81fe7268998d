import type { PairIds } from './pair-ids.ts';
import { type FlameModel, modelOf } from './prepare.ts';

/** The totals of a model, of a diff those of both sides. */
export function totalsOf({ total, baseTotal }: FlameModel): Float64Array[] {
  return baseTotal ? [total, baseTotal] : [total];
}

export function selvesOf({ self, baseSelf }: FlameModel): Float64Array[] {
  return baseSelf ? [self, baseSelf] : [self];
}

/** Columns of sums that grow as they are added to. */
export class Sums {
  readonly columns: Float64Array[];

  constructor(columns: number, expected = 64) {
    this.columns = Array.from({ length: columns }, () => new Float64Array(expected));
  }

  /** Adds what stands at `at` of the amounts to the sums at `id`. */
  add(id: number, amounts: readonly Float64Array[], at: number): void {
    for (let column = 0; column < this.columns.length; column++) {
      let sums = this.columns[column] as Float64Array;
      if (id >= sums.length) sums = this.#grown(column, id);
      sums[id] = (sums[id] as number) + ((amounts[column] as Float64Array)[at] as number);
    }
  }

  /** So many sums of each column. */
  of(size: number): Float64Array[] {
    return this.columns.map((sums, column) =>
      (sums.length < size ? this.#grown(column, size - 1) : sums).subarray(0, size),
    );
  }

  #grown(column: number, id: number): Float64Array {
    const before = this.columns[column] as Float64Array;
    const grown = new Float64Array(Math.max(id + 1, before.length * 2));
    grown.set(before);
    this.columns[column] = grown;
    return grown;
  }
}

/** By id, of one side or of both. */
export interface Amounts {
  readonly totals: readonly Float64Array[];
  readonly selves: readonly Float64Array[];
}

/**
 * A model of a tree whose nodes are pairs of a parent's id and a name, parents first; pair 0 is the root. Heaviest child first;
 * shares stay those of the whole profile.
 */
export function summedTree(of: FlameModel, ids: PairIds, { totals, selves }: Amounts): FlameModel {
  const parents = ids.firsts();
  const order = preorder(parents, weights(of, totals));
  const place = new Int32Array(order.length);
  for (let at = 0; at < order.length; at++) place[order[at] as number] = at;
  const parent = picked(parents, order, new Int32Array(order.length));
  for (let at = 1; at < parent.length; at++) parent[at] = place[parent[at] as number] as number;
  const column = (sums: Float64Array | undefined): Float64Array =>
    picked(sums ?? [], order, new Float64Array(order.length));
  const { unit, names, wholeTotal, wholeBaseTotal, factor, baseFactor } = of;
  return modelOf({
    unit,
    names,
    wholeTotal,
    wholeBaseTotal,
    factor,
    baseFactor,
    name: picked(ids.seconds(), order, new Int32Array(order.length)),
    parent,
    self: column(selves[0]),
    total: column(totals[0]),
    ...(of.baseTotal && { baseSelf: column(selves[1]), baseTotal: column(totals[1]) }),
  });
}

function preorder(parents: Int32Array, weight: Float64Array): Int32Array {
  const { first, next } = childLists(parents);
  const order = new Int32Array(parents.length);
  const waiting = new Int32Array(parents.length);
  let [size, left] = [0, 1];
  while (left > 0) {
    const id = waiting[--left] as number;
    order[size++] = id;
    const from = left;
    for (let child = first[id] as number; child > 0; child = next[child] as number) waiting[left++] = child;
    // What is last is next.
    if (left > from + 1) sortByWeight(waiting.subarray(from, left), weight);
  }
  return order;
}

/** Lightest first. Most lists have a handful, for which moving them about by hand is much faster. */
function sortByWeight(ids: Int32Array, weight: Float64Array): void {
  if (ids.length > 16) {
    ids.sort((a, b) => (weight[a] as number) - (weight[b] as number) || b - a);
    return;
  }
  for (let at = 1; at < ids.length; at++) {
    const id = ids[at] as number;
    const own = weight[id] as number;
    let to = at;
    for (; to > 0; to--) {
      const before = ids[to - 1] as number;
      const other = weight[before] as number;
      if (other < own || (other === own && before > id)) break;
      ids[to] = before;
    }
    ids[to] = id;
  }
}

function weights(
  { wholeTotal, wholeBaseTotal }: FlameModel,
  [total, baseTotal]: readonly Float64Array[],
): Float64Array {
  if (!total || !baseTotal) return total ?? new Float64Array();
  const [scale, baseScale] = [1 / Math.abs(wholeTotal || 1), 1 / Math.abs(wholeBaseTotal || 1)];
  const all = new Float64Array(total.length);
  for (let id = 0; id < all.length; id++) {
    all[id] = Math.abs(total[id] as number) * scale + Math.abs(baseTotal[id] as number) * baseScale;
  }
  return all;
}

/** The children of each node as a chain; 0, which is nobody's child, ends it. */
function childLists(parents: Int32Array): { first: Int32Array; next: Int32Array } {
  const first = new Int32Array(parents.length);
  const next = new Int32Array(parents.length);
  for (let id = parents.length - 1; id > 0; id--) {
    const parent = parents[id] as number;
    next[id] = first[parent] as number;
    first[parent] = id;
  }
  return { first, next };
}

/** What stands at the places of `order`, written to `into`. */
function picked<Column extends Int32Array | Float64Array>(
  from: ArrayLike<number>,
  order: Int32Array,
  into: Column,
): Column {
  for (let at = 0; at < order.length; at++) into[at] = from[order[at] as number] as number;
  return into;
}
