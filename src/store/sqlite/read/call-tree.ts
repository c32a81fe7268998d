import type { CallTree } from '../../../profile/call-tree.ts';
import { type Allowance, unlimited } from '../../allowance.ts';
import type { CallTreeRequest } from '../../profile-store.ts';
import { type NameTree, NameTrees } from '../dictionary/name-trees.ts';
import type { PartitionSums } from './answer.ts';
import {
  addStacks,
  amountsOf,
  columnsOf,
  type ExactColumns,
  exactColumns,
  fitOneColumn,
  isWide,
} from './exact-columns.ts';
import { type MergedNames, NameForest } from './name-forest.ts';
import type { WeightedSums } from './weighted-sums.ts';

export interface CallTreeOptions extends Pick<CallTreeRequest, 'maxNodes' | 'flat'> {
  readonly unit: string;
  /** What the amounts are to be divided by when shown. */
  readonly divisor: number;
}

/** Function names that are numbered; past that, numbering begins anew. */
const maxNames = 500_000;

/**
 * Makes trees of function names of what was added up. Numbers are exact, however large. Lines, files and label sets are not
 * looked at: the trees of dictionaries with all that folded away are remembered with the dictionaries. One for each reader.
 */
export class CallTrees {
  #names = new NameTrees();
  readonly #forest = new NameForest(false);
  #nodes = exactColumns(0, false);
  readonly #allowance: Pick<Allowance, 'check'>;

  constructor(allowance: Pick<Allowance, 'check'> = unlimited) {
    this.#allowance = allowance;
  }

  /** The names of functions, for a question that begins: numbers hold until the next one does. */
  names(): NameTrees {
    if (this.#names.names.length > maxNames) this.#names = new NameTrees();
    return this.#names;
  }

  /** What was added up of some partitions, as one tree; `type` is the position of the sums to take. */
  ofSums(partitions: readonly PartitionSums[], type: number, options: CallTreeOptions): CallTree {
    const { unit, divisor, maxNodes, flat } = options;
    const names = this.names();
    const parts = partitions.flatMap(({ dictionary, sums }): NamedSums[] => {
      const own = sums[type];
      this.#allowance.check();
      return own ? [{ dictionary, sums: own, tree: names.of(dictionary) }] : [];
    });
    const isWide = !fitOneColumn(parts.map(({ sums }) => sums));
    const nodes = this.#nodesFor(parts, isWide);
    const merged = flat ? functionsOf(parts, nodes, this.#names) : this.#merged(parts, nodes, maxNodes);
    return { ...asCallTree(merged, parts, this.#names), unit, divisor };
  }

  #merged(parts: readonly NamedSums[], nodes: ExactColumns, maxNodes: number): MergedNames {
    const forest = isWide(nodes) ? new NameForest(true) : this.#forest;
    forest.clear();
    for (const part of parts) {
      this.#allowance.check();
      fillWithSelf(nodes, part);
      foldUp(nodes, part.tree);
      forest.add(part.tree, nodes);
    }
    return forest.merged(maxNodes, this.#names.counters());
  }

  /** A column for the nodes of any of the trees. */
  #nodesFor(parts: readonly NamedSums[], wide: boolean): ExactColumns {
    const size = parts.reduce((most, { tree }) => Math.max(most, tree.size), 1);
    if (wide) return exactColumns(size, true);
    if (this.#nodes.weight.length < size) this.#nodes = exactColumns(size, false);
    return this.#nodes;
  }
}

interface NamedSums extends Pick<PartitionSums, 'dictionary'> {
  readonly sums: WeightedSums;
  readonly tree: NameTree;
}

/** Each function once, below the root. Its total is that of its outermost nodes: a recursive stack counts once. */
function functionsOf(parts: readonly NamedSums[], nodes: ExactColumns, names: NameTrees): MergedNames {
  const self = exactColumns(names.names.length, isWide(nodes));
  const total = exactColumns(names.names.length, isWide(nodes));
  for (const part of parts) {
    fillWithSelf(nodes, part);
    addByName(self, nodes, part.tree);
    foldUp(nodes, part.tree);
    addByName(total, nodes, part.tree, part.tree.outermost());
  }
  const { weight } = total;
  const name = Int32Array.from(weight.keys().filter((id) => id === 0 || weight[id] !== 0));
  const size = name.length;
  const ofFunctions = { self: picked(self, name), total: picked(total, name) };
  return { size, parent: new Int32Array(size), name, ...ofFunctions, foldedAway: 0 };
}

function fillWithSelf(nodes: ExactColumns, { dictionary, sums, tree }: NamedSums): void {
  for (const column of columnsOf(nodes)) column.fill(0, 0, tree.size);
  addStacks(nodes, sums, dictionary, tree.nodeOf);
}

/** Makes totals of what is in the nodes themselves. */
function foldUp(nodes: ExactColumns, { parent, size }: NameTree): void {
  for (const column of columnsOf(nodes)) {
    for (let node = size - 1; node > 0; node--) {
      const up = parent[node] as number;
      column[up] = (column[up] as number) + (column[node] as number);
    }
  }
}

/** Adds nodes to their names; only those marked in `counts`, where that is given. */
function addByName(into: ExactColumns, nodes: ExactColumns, { name, size }: NameTree, counts?: Uint8Array): void {
  const from = columnsOf(nodes);
  columnsOf(into).forEach((sums, at) => {
    const column = from[at] as Float64Array;
    for (let node = 0; node < size; node++) {
      if (counts && counts[node] === 0) continue;
      const id = name[node] as number;
      sums[id] = (sums[id] as number) + (column[node] as number);
    }
  });
}

function picked(columns: ExactColumns, at: Int32Array): ExactColumns {
  const chosen = exactColumns(at.length, isWide(columns));
  const from = columnsOf(columns);
  columnsOf(chosen).forEach((column, part) => {
    for (let i = 0; i < at.length; i++) column[i] = (from[part] as Float64Array)[at[i] as number] as number;
  });
  return chosen;
}

/** With the names that it uses and no others, numbered as they come. */
function asCallTree(
  { size, parent, name, self, total, foldedAway }: MergedNames,
  parts: readonly NamedSums[],
  names: NameTrees,
): Omit<CallTree, 'unit' | 'divisor'> {
  const used: number[] = [];
  const places = names.counters();
  const own = new Int32Array(size);
  for (let node = 0; node < size; node++) {
    const id = name[node] as number;
    if (places[id] === 0) places[id] = used.push(id);
    own[node] = (places[id] as number) - 1;
  }
  for (const id of used) places[id] = 0;
  return {
    size,
    names: used.map((id) => names.names[id] as string),
    fileOf: (at) => fileOf(parts, used[at] ?? 0),
    name: own,
    parent: parent.slice(0, size),
    self: amountsOf(self, size),
    total: amountsOf(total, size),
    foldedAway,
  };
}

function fileOf(parts: readonly NamedSums[], name: number): string {
  for (const { tree } of parts) {
    const file = tree.fileOf(name);
    if (file !== '') return file;
  }
  return '';
}
