import { PairIds } from './pair-ids.ts';
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
  columns: Float64Array[];

  constructor(columns: number) {
    this.columns = Array.from({ length: columns }, () => new Float64Array(256));
  }

  /** Adds what stands at `at` of the amounts to the sums at `id`. */
  add(id: number, amounts: readonly Float64Array[], at: number): void {
    for (let column = 0; column < this.columns.length; column++) {
      let sums = this.columns[column] as Float64Array;
      if (id >= sums.length) sums = this.#grown(column, id);
      sums[id] = (sums[id] as number) + ((amounts[column] as Float64Array)[at] as number);
    }
  }

  #grown(column: number, id: number): Float64Array {
    const before = this.columns[column] as Float64Array;
    const grown = new Float64Array(Math.max(id + 1, before.length * 2));
    grown.set(before);
    this.columns[column] = grown;
    return grown;
  }
}

/** A tree that is made of the nodes of another: each pair of a parent and a name is one node, the root is node 0. */
export class SummedTree {
  readonly ids = new PairIds();
  readonly totals: Sums;
  readonly selves: Sums;
  readonly #of: FlameModel;

  constructor(of: FlameModel, rootName: number) {
    this.#of = of;
    this.totals = new Sums(totalsOf(of).length);
    this.selves = new Sums(this.totals.columns.length);
    this.ids.idOf(-1, rootName);
  }

  /** Heaviest child first; shares stay those of the whole profile. */
  model(): FlameModel {
    const parents = this.ids.firsts();
    const names = this.ids.seconds();
    const order = this.#preorder(parents);
    const place = new Int32Array(order.length);
    order.forEach((id, at) => {
      place[id] = at;
    });
    const [total, baseTotal] = this.totals.columns.map((sums) => picked(sums, order));
    const [self, baseSelf] = this.selves.columns.map((sums) => picked(sums, order));
    const parent = order.map((id) => (id === 0 ? -1 : (place[parents[id] as number] as number)));
    const { unit, names: texts, wholeTotal, wholeBaseTotal, factor, baseFactor } = this.#of;
    return modelOf({
      unit,
      names: texts,
      wholeTotal,
      wholeBaseTotal,
      factor,
      baseFactor,
      name: order.map((id) => names[id] as number),
      parent,
      self: self ?? new Float64Array(order.length),
      total: total ?? new Float64Array(order.length),
      ...(baseSelf && baseTotal && { baseSelf, baseTotal }),
    });
  }

  #preorder(parents: Int32Array): Int32Array {
    const weight = this.#weights(parents.length);
    const { first, next } = childLists(parents);
    const order = new Int32Array(parents.length);
    const waiting = [0];
    let size = 0;
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      order[size++] = id;
      const from = waiting.length;
      for (let child = first[id] as number; child > 0; child = next[child] as number) waiting.push(child);
      if (waiting.length < from + 2) continue;
      // What is pushed last is popped first.
      const children = waiting.splice(from).sort((a, b) => (weight[a] as number) - (weight[b] as number) || b - a);
      for (const child of children) waiting.push(child);
    }
    return order;
  }

  #weights(size: number): Float64Array {
    const { wholeTotal, wholeBaseTotal } = this.#of;
    const [total, baseTotal] = this.totals.columns;
    const weights = new Float64Array(size);
    for (let id = 0; id < size; id++) {
      const own = Math.abs(total?.[id] ?? 0) / Math.abs(wholeTotal || 1);
      weights[id] = own + Math.abs(baseTotal?.[id] ?? 0) / Math.abs(wholeBaseTotal || 1);
    }
    return weights;
  }
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

function picked(sums: Float64Array, order: Int32Array): Float64Array {
  const values = new Float64Array(order.length);
  order.forEach((id, at) => {
    values[at] = sums[id] ?? 0;
  });
  return values;
}
