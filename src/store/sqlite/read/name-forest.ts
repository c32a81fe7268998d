import type { NameTree } from '../dictionary/name-trees.ts';
import type { ExactColumns } from './exact-columns.ts';
import { WeightQueue } from './weight-queue.ts';

/** Nodes by name, of several trees brought together. A parent's number is below its children's. */
export interface MergedNames {
  readonly size: number;
  readonly parent: Int32Array;
  /** By the numbers of `NameTrees`. */
  readonly name: Int32Array;
  readonly sides: readonly MergedSide[];
}

/** The numbers of one side: all there is, or one of two that are compared. */
export interface MergedSide {
  readonly self: Pick<ExactColumns, 'parts'>;
  readonly total: Pick<ExactColumns, 'parts'>;
  /** The size of what lies in nodes that were folded away. */
  readonly foldedAway: number;
  /** One number: the total of all trees, whatever part of them was asked for. */
  readonly whole?: Pick<ExactColumns, 'parts'>;
}

export interface ForestShape {
  readonly sides: number;
  readonly isWide: boolean;
}

/** Room for more entries than this is not kept for the next question; 24 bytes each, and 16 more for a second side. */
const mostKeptEntries = 1_000_000;

/**
 * The trees of several partitions beside each other: of each the nodes below which something was counted, as entries. They
 * are brought together from the root down, and only as far as is kept: what is folded away is never looked up. Numbers may
 * be those of two questions, side by side: nodes are chosen by what they weigh in both.
 *
 * May be emptied and filled again, as its columns are so large that making them anew for each question would keep the
 * garbage collector busy.
 */
export class NameForest {
  readonly #shape: ForestShape;
  readonly #roots: number[] = [];
  /** Entry 0 is none, so that 0 ends a list. */
  #size = 1;
  #name: Int32Array = new Int32Array(1);
  #firstChild: Int32Array = new Int32Array(1);
  #nextSibling: Int32Array = new Int32Array(1);
  /** The next entry of the same place in another tree. */
  #alike: Int32Array = new Int32Array(1);
  /** Totals: the parts of one side after the other. */
  #parts: readonly Float64Array[] = [];
  /** By side: totals without their sign, as in `ExactColumns`. */
  #sizes: readonly Float64Array[] = [];
  /** To choose by: the sizes of both sides, each times its factor. Of one side in narrow columns, the numbers themselves. */
  #weight: Float64Array = new Float64Array(1);
  #entryOf = new Int32Array(0);
  /** By name: what the children that are being gathered weigh. */
  #weightOf = new Float64Array(0);

  constructor(shape: ForestShape) {
    this.#shape = shape;
    this.#resize(1);
  }

  clear(): void {
    this.#size = 1;
    this.#roots.length = 0;
    if (this.#name.length > mostKeptEntries) this.#resize(1);
  }

  /**
   * Adds a tree with the totals of its nodes, which are copied: those of each side, which weigh `factor` times their size.
   * `nameOf` has another name for each, where nodes are told apart by that.
   */
  add({ size, parent, name }: NameTree, sides: readonly WeighedTotals[], nameOf?: Int32Array): void {
    if (this.#size + size > this.#name.length) this.#resize(2 * (this.#size + size));
    if (this.#entryOf.length < size) this.#entryOf = new Int32Array(size);
    const from = sides.flatMap(({ totals }) => [...totals.parts]);
    const [first, second] = sides.map(({ totals }) => totals.weight);
    const [firstFactor = 1, secondFactor = 1] = sides.map(({ factor }) => factor);
    // A node that holds anything has a parent that does, so entries of the tree before are never read here.
    const entryOf = this.#entryOf;
    const to = this.#parts;
    let entry = this.#size;
    for (let node = 0; node < size; node++) {
      let weight = (first as Float64Array)[node] as number;
      if (second) weight = weight * firstFactor + (second[node] as number) * secondFactor;
      if (weight === 0) continue;
      entryOf[node] = entry;
      const own = name[node] as number;
      this.#name[entry] = nameOf ? (nameOf[own] as number) : own;
      this.#firstChild[entry] = 0;
      for (let at = 0; at < to.length; at++) copy(to[at] as Float64Array, entry, from[at] as Float64Array, node);
      this.#weight[entry] = weight;
      if (node === 0) this.#roots.push(entry);
      else this.#link(entryOf[parent[node] as number] as number, entry);
      entry++;
    }
    if (this.#shape.isWide) this.#copySizes(sides, size);
    this.#size = entry;
  }

  /**
   * All trees as one, exact in each node that stays: at least the `maxNodes` heaviest do, give or take an eighth of a
   * weight, and at most twice as many. `heads` has a 0 for each name, and is left so. With a `path` of names only what is under it:
   * no node at all where there is no such path.
   */
  merged(maxNodes: number, heads: Int32Array, path: readonly number[] = []): MergedNames {
    const parts = this.#parts;
    if (this.#weightOf.length < heads.length) this.#weightOf = new Float64Array(heads.length);
    const most = Math.max(1, Math.min(this.#size, 2 * maxNodes));
    const kept = emptyNames(most, parts.length);
    const all = this.#sumOf(this.#rootChain());
    const top = this.#chainAt(path);
    const waiting = new WeightQueue(this.#weightOfChain(top));
    // Where nothing was counted there is the root still.
    if (top !== 0 || path.length === 0) waiting.add(top, 0, this.#weightOfChain(top));
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
    const { parent, name } = kept;
    const foldedAway = this.#shape.isWide ? this.#sizesOf(waiting) : missingOf(kept, size);
    return { size, parent, name, sides: this.#sidesOf(kept, foldedAway, all) };
  }

  #sidesOf({ self, total }: KeptNames, foldedAway: readonly number[], all: readonly Float64Array[]): MergedSide[] {
    return foldedAway.map((size, side) => {
      const each = self.length / foldedAway.length;
      const own = (parts: readonly Float64Array[]) => ({ parts: parts.slice(side * each, (side + 1) * each) });
      return { self: own(self), total: own(total), foldedAway: size, whole: own(all) };
    });
  }

  /** What lies in all that still wait, by side. */
  #sizesOf(waiting: WeightQueue): number[] {
    const sizes = this.#sizes.map(() => 0);
    for (const head of waiting.waiting()) {
      for (let entry = head; entry !== 0; entry = this.#alike[entry] as number) {
        for (let side = 0; side < sizes.length; side++) {
          sizes[side] = (sizes[side] as number) + ((this.#sizes[side] as Float64Array)[entry] as number);
        }
      }
    }
    return sizes;
  }

  /** Chains a child to those of the same name. */
  #gather(child: number, heads: Int32Array, gathered: number[]): void {
    const name = this.#name[child] as number;
    const head = heads[name] as number;
    if (head === 0) gathered.push(name);
    const before = head === 0 ? 0 : (this.#weightOf[name] as number);
    this.#weightOf[name] = before + (this.#weight[child] as number);
    this.#alike[child] = head;
    heads[name] = child;
  }

  /** The entries at a path of names below the root, as a chain; 0 where there are none. */
  #chainAt(path: readonly number[]): number {
    let chain = this.#rootChain();
    for (const name of path) {
      let below = 0;
      for (let entry = chain; entry !== 0; entry = this.#alike[entry] as number) {
        for (let child = this.#firstChild[entry] as number; child !== 0; child = this.#nextSibling[child] as number) {
          if (this.#name[child] !== name) continue;
          this.#alike[child] = below;
          below = child;
        }
      }
      chain = below;
    }
    return chain;
  }

  #weightOfChain(head: number): number {
    let sum = 0;
    for (let entry = head; entry !== 0; entry = this.#alike[entry] as number) sum += this.#weight[entry] as number;
    return sum;
  }

  /** The totals of a chain of entries, in columns of one number. */
  #sumOf(head: number): Float64Array[] {
    const sums = this.#parts.map(() => new Float64Array(1));
    for (let entry = head; entry !== 0; entry = this.#alike[entry] as number) {
      for (const [at, sum] of sums.entries()) add(sum, 0, (this.#parts[at] as Float64Array)[entry] as number);
    }
    return sums;
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

  /** Of the tree that is being added; those of narrow columns are the numbers themselves. */
  #copySizes(sides: readonly WeighedTotals[], size: number): void {
    for (let node = 0, entry = this.#size; node < size; node++) {
      const isThere = sides.some(({ totals }) => totals.weight[node] !== 0);
      if (!isThere) continue;
      for (const [side, { totals }] of sides.entries())
        copy(this.#sizes[side] as Float64Array, entry, totals.weight, node);
      entry++;
    }
  }

  #resize(length: number): void {
    const { sides, isWide } = this.#shape;
    const kept = Math.min(this.#size, length);
    const resized = (column: Int32Array): Int32Array => {
      const other = new Int32Array(length);
      other.set(column.subarray(0, kept));
      return other;
    };
    const resizedNumbers = (column: Float64Array | undefined): Float64Array => {
      const other = new Float64Array(length);
      if (column) other.set(column.subarray(0, kept));
      return other;
    };
    this.#name = resized(this.#name);
    this.#firstChild = resized(this.#firstChild);
    this.#nextSibling = resized(this.#nextSibling);
    this.#alike = resized(this.#alike);
    const [old, oldSizes] = [this.#parts, this.#sizes];
    this.#parts = Array.from({ length: sides * (isWide ? 3 : 1) }, (_, at) => resizedNumbers(old[at]));
    this.#sizes = isWide ? Array.from({ length: sides }, (_, side) => resizedNumbers(oldSizes[side])) : this.#parts;
    this.#weight = sides === 1 && !isWide ? (this.#parts[0] as Float64Array) : resizedNumbers(this.#weight);
  }
}

/** The totals of one side of a tree, and how much their sizes weigh: 1 where there is no other. */
export interface WeighedTotals {
  readonly totals: ExactColumns;
  readonly factor: number;
}

interface KeptNames {
  readonly parent: Int32Array;
  readonly name: Int32Array;
  readonly self: readonly Float64Array[];
  readonly total: readonly Float64Array[];
}

function emptyNames(size: number, columns: number): KeptNames {
  const empty = (): Float64Array[] => Array.from({ length: columns }, () => new Float64Array(size));
  return { parent: new Int32Array(size), name: new Int32Array(size), self: empty(), total: empty() };
}

/** What is in the total of all and in no self. */
function missingOf({ self, total }: KeptNames, size: number): number[] {
  return total.map((column, at) => {
    const own = self[at] as Float64Array;
    let missing = column[0] as number;
    for (let node = 0; node < size; node++) missing -= own[node] as number;
    return missing;
  });
}

function addEntry({ self, total }: KeptNames, node: number, parts: readonly Float64Array[], entry: number): void {
  for (let at = 0; at < parts.length; at++) {
    const value = (parts[at] as Float64Array)[entry] as number;
    add(total[at] as Float64Array, node, value);
    add(self[at] as Float64Array, node, value);
  }
}

function takeFromSelf({ self }: KeptNames, node: number, parts: readonly Float64Array[], child: number): void {
  for (let at = 0; at < parts.length; at++)
    add(self[at] as Float64Array, node, -((parts[at] as Float64Array)[child] as number));
}

function add(column: Float64Array, at: number, value: number): void {
  column[at] = (column[at] as number) + value;
}

function copy(to: Float64Array, at: number, from: Float64Array, fromAt: number): void {
  to[at] = from[fromAt] as number;
}
