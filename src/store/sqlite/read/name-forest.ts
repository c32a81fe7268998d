import type { NameTree } from '../dictionary/name-trees.ts';
import { columnsOf, type ExactColumns, exactColumns } from './exact-columns.ts';
import { WeightQueue } from './weight-queue.ts';

/** Nodes by name, of several trees brought together. A parent's number is below its children's. */
export interface MergedNames {
  readonly size: number;
  readonly parent: Int32Array;
  /** By the numbers of `NameTrees`. */
  readonly name: Int32Array;
  readonly self: ExactColumns;
  readonly total: ExactColumns;
  /** The size of what lies in nodes that were folded away. */
  readonly foldedAway: number;
}

/** Room for more entries than this is not kept for the next question; 24 bytes each. */
const mostKeptEntries = 1_000_000;

/**
 * The trees of several partitions beside each other: of each the nodes below which something was counted, as entries. They
 * are brought together from the root down, and only as far as is kept: what is folded away is never looked up.
 *
 * May be emptied and filled again, as its columns are so large that making them anew for each question would keep the
 * garbage collector busy.
 */
export class NameForest {
  readonly #isWide: boolean;
  readonly #roots: number[] = [];
  /** Entry 0 is none, so that 0 ends a list. */
  #size = 1;
  #name: Int32Array = new Int32Array(1);
  #firstChild: Int32Array = new Int32Array(1);
  #nextSibling: Int32Array = new Int32Array(1);
  /** The next entry of the same place in another tree. */
  #alike: Int32Array = new Int32Array(1);
  #totals: ExactColumns;
  #entryOf = new Int32Array(0);
  /** By name: what the children that are being gathered weigh. */
  #weightOf = new Float64Array(0);

  constructor(isWide: boolean) {
    this.#isWide = isWide;
    this.#totals = exactColumns(1, isWide);
  }

  clear(): void {
    this.#size = 1;
    this.#roots.length = 0;
    if (this.#name.length > mostKeptEntries) this.#resize(1);
  }

  /** Adds a tree with the totals of its nodes, which are copied. */
  add({ size, parent, name }: NameTree, totals: ExactColumns): void {
    if (this.#size + size > this.#name.length) this.#resize(2 * (this.#size + size));
    if (this.#entryOf.length < size) this.#entryOf = new Int32Array(size);
    const [from, to] = [columnsOf(totals), columnsOf(this.#totals)];
    // A node that holds anything has a parent that does, so entries of the tree before are never read here.
    const entryOf = this.#entryOf;
    let entry = this.#size;
    for (let node = 0; node < size; node++) {
      if (totals.weight[node] === 0) continue;
      entryOf[node] = entry;
      this.#name[entry] = name[node] as number;
      this.#firstChild[entry] = 0;
      for (let at = 0; at < to.length; at++) copy(to[at] as Float64Array, entry, from[at] as Float64Array, node);
      if (node === 0) this.#roots.push(entry);
      else this.#link(entryOf[parent[node] as number] as number, entry);
      entry++;
    }
    this.#size = entry;
  }

  /**
   * All trees as one, exact in each node that stays: at least the `maxNodes` heaviest do, give or take an eighth of a
   * weight, and at most twice as many. `heads` has a 0 for each name, and is left so.
   */
  merged(maxNodes: number, heads: Int32Array): MergedNames {
    const { parts, weight } = this.#totals;
    if (this.#weightOf.length < heads.length) this.#weightOf = new Float64Array(heads.length);
    const most = Math.max(1, Math.min(this.#size, 2 * maxNodes));
    const kept = emptyNames(most, this.#isWide);
    const whole = this.#roots.reduce((sum, root) => sum + (weight[root] as number), 0);
    const waiting = new WeightQueue(whole);
    waiting.add(this.#rootChain(), 0, whole);
    const gathered: number[] = [];
    let size = 0;
    for (; size < most && waiting.take(size < maxNodes); size++) {
      kept.parent[size] = waiting.parent;
      kept.name[size] = this.#name[waiting.head] as number;
      for (let entry = waiting.head; entry !== 0; entry = this.#alike[entry] as number) {
        addEntry(kept, size, parts, entry);
        for (let child = this.#firstChild[entry] as number; child !== 0; child = this.#nextSibling[child] as number) {
          this.#gather(child, heads, gathered);
          takeFromSelf(kept, size, parts, child);
        }
      }
      for (const name of gathered) {
        waiting.add(heads[name] as number, size, this.#weightOf[name] as number);
        heads[name] = 0;
      }
      gathered.length = 0;
    }
    return { ...kept, size, foldedAway: waiting.weightOfAll() };
  }

  /** Chains a child to those of the same name. */
  #gather(child: number, heads: Int32Array, gathered: number[]): void {
    const name = this.#name[child] as number;
    const head = heads[name] as number;
    if (head === 0) gathered.push(name);
    const before = head === 0 ? 0 : (this.#weightOf[name] as number);
    this.#weightOf[name] = before + (this.#totals.weight[child] as number);
    this.#alike[child] = head;
    heads[name] = child;
  }

  #rootChain(): number {
    let head = 0;
    for (const root of this.#roots) {
      this.#alike[root] = head;
      head = root;
    }
    return head;
  }

  #link(parent: number, child: number): void {
    this.#nextSibling[child] = this.#firstChild[parent] as number;
    this.#firstChild[parent] = child;
  }

  #resize(length: number): void {
    const resized = (column: Int32Array): Int32Array => {
      const other = new Int32Array(length);
      other.set(column.subarray(0, Math.min(this.#size, length)));
      return other;
    };
    this.#name = resized(this.#name);
    this.#firstChild = resized(this.#firstChild);
    this.#nextSibling = resized(this.#nextSibling);
    this.#alike = resized(this.#alike);
    const old = columnsOf(this.#totals);
    this.#totals = exactColumns(length, this.#isWide);
    columnsOf(this.#totals).forEach((column, at) =>
      column.set((old[at] as Float64Array).subarray(0, Math.min(this.#size, length))),
    );
  }
}

type KeptNames = Omit<MergedNames, 'size' | 'foldedAway'>;

function emptyNames(size: number, isWide: boolean): KeptNames {
  return {
    parent: new Int32Array(size),
    name: new Int32Array(size),
    self: exactColumns(size, isWide),
    total: exactColumns(size, isWide),
  };
}

function addEntry({ self, total }: KeptNames, node: number, parts: readonly Float64Array[], entry: number): void {
  for (let at = 0; at < parts.length; at++) {
    const value = (parts[at] as Float64Array)[entry] as number;
    add(total.parts[at] as Float64Array, node, value);
    add(self.parts[at] as Float64Array, node, value);
  }
}

function takeFromSelf({ self }: KeptNames, node: number, parts: readonly Float64Array[], child: number): void {
  for (let at = 0; at < parts.length; at++)
    add(self.parts[at] as Float64Array, node, -((parts[at] as Float64Array)[child] as number));
}

function add(column: Float64Array, at: number, value: number): void {
  column[at] = (column[at] as number) + value;
}

function copy(to: Float64Array, at: number, from: Float64Array, fromAt: number): void {
  to[at] = from[fromAt] as number;
}
