import type { Frame, StackTrace } from '../../model/frame.ts';
import { PairIndex } from '../pair-index.ts';
import type { Profile, ValueColumn } from '../profile.ts';
import type { StackTable } from '../stack-table.ts';
import { stackAt } from '../stack-table-builder.ts';
import type { StackTree } from '../stack-tree.ts';
import { SumColumn } from '../sum-column.ts';
import { checkedNodes, type TreeStep } from './tree-rewriter.ts';

/** The rows of a stack table while the steps of a view pass over them: each ends at a node of the newest tree, or is gone. */
export class ViewedRows {
  readonly #source: StackTable;
  readonly #check: () => void;
  #tree: StackTree;
  /** By row, its leaf in the tree; -1 when it is gone. */
  readonly #leaf: Int32Array;

  constructor(source: StackTable, check: () => void) {
    this.#source = source;
    this.#check = check;
    this.#tree = source.tree;
    this.#leaf = source.leaf.slice(0, source.size);
  }

  take(step: TreeStep): void {
    this.#check();
    const { tree, nodeOf } = step(this.#tree, this.#neededNodes(), this.#check);
    this.#tree = tree;
    const leaf = this.#leaf;
    for (let row = 0; row < leaf.length; row++) {
      const node = leaf[row] as number;
      if (node >= 0) leaf[row] = nodeOf[node] as number;
    }
  }

  /** Leaves out rows by their label sets; `found` is told which of the two matched a row that was there. */
  keepLabelled(focus: Uint8Array | undefined, ignore: Uint8Array | undefined, found: Set<string>): void {
    if (!focus && !ignore) return;
    const labelSet = this.#source.labelSet;
    let [anyFocused, anyIgnored] = [false, false];
    for (let row = 0; row < this.#leaf.length; row++) {
      if ((this.#leaf[row] as number) < 0) continue;
      const labels = labelSet[row] as number;
      const isFocused = focus?.[labels] !== 0;
      const isIgnored = ignore?.[labels] === 1;
      anyFocused ||= isFocused;
      anyIgnored ||= isIgnored;
      if (!isFocused || isIgnored) this.#leaf[row] = -1;
    }
    if (anyFocused) found.add('tagfocus');
    if (anyIgnored) found.add('tagignore');
  }

  /** The profile of what is left: rows that are equal now are one, and the tree has no nodes but theirs. */
  profileOf({ values, ...rest }: Profile): Profile {
    this.#check();
    const { tree, nodeOf } = compacted(this.#tree, this.#neededNodes(), this.#check);
    const index = new PairIndex();
    const leaf = this.#leaf;
    const rows = new Int32Array(leaf.length);
    for (let row = 0; row < rows.length; row++) {
      if (row % checkedNodes === 0) this.#check();
      const node = leaf[row] as number;
      rows[row] = node < 0 ? -1 : index.intern(nodeOf[node] as number, this.#source.labelSet[row] as number);
    }
    const columns = values.map((column) => this.#summed(column, rows, index.size));
    return { ...rest, stacks: stackTable(tree, index, this.#source.labelSets), values: columns };
  }

  #summed(column: ValueColumn, rows: Int32Array, size: number): ValueColumn {
    const sum = new SumColumn(size);
    const count = Math.min(rows.length, column.length);
    for (let row = 0; row < count; row++) {
      if (row % checkedNodes === 0) this.#check();
      const target = rows[row] as number;
      if (target >= 0) sum.add(target, column[row] as number | bigint);
    }
    return sum.finish(size);
  }

  /** 1 for the nodes on the stack of a row that is there; the root always. */
  #neededNodes(): Uint8Array {
    const { size, parent } = this.#tree;
    const needed = new Uint8Array(size);
    needed[0] = 1;
    for (const node of this.#leaf) if (node >= 0) needed[node] = 1;
    for (let node = size - 1; node > 0; node--) {
      if (node % checkedNodes === 0) this.#check();
      if (needed[node] === 1) needed[parent[node] as number] = 1;
    }
    return needed;
  }
}

/** The needed nodes of a tree and their frames, in the same order. */
function compacted(tree: StackTree, needed: Uint8Array, check: () => void): { tree: StackTree; nodeOf: Int32Array } {
  const nodeOf = new Int32Array(tree.size);
  const frameOf = new Int32Array(tree.frameCount);
  const frames: (Frame | undefined)[] = [undefined];
  let size = 0;
  for (let node = 0; node < tree.size; node++) if (needed[node] === 1) nodeOf[node] = size++;
  const parent = new Int32Array(size);
  const frame = new Int32Array(size);
  check();
  for (let node = 1; node < tree.size; node++) {
    if (node % checkedNodes === 0) check();
    if (needed[node] === 0) continue;
    const own = tree.frame[node] as number;
    frameOf[own] ||= frames.push(tree.frameAt(own)) - 1;
    parent[nodeOf[node] as number] = nodeOf[tree.parent[node] as number] as number;
    frame[nodeOf[node] as number] = frameOf[own];
  }
  const frameAt = (id: number): Frame => {
    const found = frames[id];
    if (!found) throw new Error(`no frame has the id ${id}`);
    return found;
  };
  return { tree: { size, parent, frame, frameAt, frameCount: frames.length }, nodeOf };
}

/** Pairs of (leaf, label set) as a table. */
function stackTable(tree: StackTree, index: PairIndex, labelSets: StackTable['labelSets']): StackTable {
  const { size, first: leaf, second: labelSet } = index;
  const table = { tree, size, leaf, labelSet, labelSets };
  return { ...table, stack: (row: number): StackTrace => stackAt(table, row) };
}
