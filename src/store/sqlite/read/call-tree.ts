import type { CallTree } from '../../../profile/call-tree.ts';
import type { ComparedTrees } from '../../../profile/compared-trees.ts';
import { type Allowance, unlimited } from '../../allowance.ts';
import type { CallTreeRequest } from '../../profile-store.ts';
import type { StackDictionary } from '../dictionary/dictionary.ts';
import { type NameTree, NameTrees } from '../dictionary/name-trees.ts';
import type { PartitionSums } from './answer.ts';
import { addStacks, amountsOf, columnsOf, type ExactColumns, exactColumns, sizeOf } from './exact-columns.ts';
import { type MergedNames, NameForest, type WeighedTotals } from './name-forest.ts';
import type { WeightedSums } from './weighted-sums.ts';

type Shape = Pick<CallTreeRequest, 'maxNodes' | 'flat' | 'root'>;

export interface CallTreeOptions extends Shape {
  readonly unit: string;
  /** What the amounts are to be divided by when shown. */
  readonly divisor: number;
}

/** One of two questions that are compared: what was added up of partitions, of which some type's sums are taken. */
export interface ComparedSums {
  readonly partitions: readonly PartitionSums[];
  /** The position of the sums to take; -1 where there are none. */
  readonly type: number;
  readonly unit: string;
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
  /** By number of sides, of narrow columns. */
  readonly #forests = [1, 2].map((sides) => new NameForest({ sides, isWide: false }));
  /** By side. */
  readonly #nodes = [exactColumns(0, false), exactColumns(0, false)];
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
    const { unit, divisor } = options;
    const { nodes, sides } = this.#treeOf([{ partitions, type }], options);
    return { ...nodes, ...(sides[0] as SideAmounts), unit, divisor };
  }

  /**
   * Two questions as trees of the same nodes, whose names are compared ones. Each side weighs as much as the other in the
   * choice of nodes, whatever there is of it.
   */
  compared(compare: ComparedSums, base: ComparedSums, options: Shape): ComparedTrees {
    const { nodes, sides } = this.#treeOf([compare, base], options);
    const [ofCompare, ofBase] = sides as [SideAmounts, SideAmounts];
    return {
      compare: { ...nodes, ...ofCompare, unit: compare.unit, divisor: compare.divisor },
      base: { ...nodes, ...ofBase, unit: base.unit, divisor: base.divisor },
    };
  }

  #treeOf(
    given: readonly Pick<ComparedSums, 'partitions' | 'type'>[],
    { maxNodes, flat, root }: Shape,
  ): { readonly nodes: NamedNodes; readonly sides: readonly SideAmounts[] } {
    const names = this.names();
    const parts = this.#namedParts(given, names);
    const sizes = given.map((_, side) => sizeOf(parts.flatMap(({ sums }) => sums[side] ?? [])));
    const wide = !sizes.every(({ fitsOneColumn }) => fitsOneColumn);
    const isCompared = given.length > 1;
    const asked: NamedSums = {
      parts,
      names,
      nameOf: isCompared ? names.compared() : undefined,
      nodes: this.#nodesFor(parts, given.length, wide),
      wide,
      // Of one side alone, weights are exact sizes.
      factors: sizes.map(({ size }) => (isCompared && size > 0 ? 1 / size : 1)),
    };
    const path = root?.map((name) => names.find(name));
    const merged = flat ? functionsOf(asked) : this.#merged(asked, maxNodes, path);
    const amounts = merged.sides.map(({ self, total, foldedAway, whole }) => ({
      self: amountsOf(self, merged.size),
      total: amountsOf(total, merged.size),
      foldedAway,
      ...(path && whole ? { whole: amountsOf(whole, 1)[0] ?? 0 } : {}),
    }));
    return { nodes: namedNodes(merged, asked), sides: amounts };
  }

  /** Every partition that any side has something of, once. */
  #namedParts(given: readonly Pick<ComparedSums, 'partitions' | 'type'>[], names: NameTrees): NamedPart[] {
    const parts = new Map<StackDictionary, { tree: NameTree; sums: (WeightedSums | undefined)[] }>();
    for (const [side, { partitions, type }] of given.entries()) {
      for (const { dictionary, sums } of partitions) {
        const own = sums[type];
        if (!own) continue;
        this.#allowance.check();
        const part = parts.get(dictionary) ?? { tree: names.of(dictionary), sums: given.map(() => undefined) };
        part.sums[side] = own;
        parts.set(dictionary, part);
      }
    }
    return [...parts].map(([dictionary, part]) => ({ dictionary, ...part }));
  }

  #merged(asked: NamedSums, maxNodes: number, path: readonly number[] = []): MergedNames {
    const { parts, names, nameOf, nodes, wide, factors } = asked;
    const forest = wide ? new NameForest({ sides: nodes.length, isWide: true }) : this.#forestOf(nodes.length);
    forest.clear();
    for (const part of parts) {
      this.#allowance.check();
      const sides = nodes.map((totals, side): WeighedTotals => {
        fillWithSelf(totals, part, side);
        if (part.sums[side]) foldUp(totals, part.tree);
        return { totals, factor: factors[side] ?? 1 };
      });
      forest.add(part.tree, sides, nameOf);
    }
    return forest.merged(maxNodes, names.counters(), path);
  }

  #forestOf(sides: number): NameForest {
    return this.#forests[sides - 1] as NameForest;
  }

  /** By side: a column for the nodes of any of the trees. */
  #nodesFor(parts: readonly NamedPart[], sides: number, wide: boolean): ExactColumns[] {
    const size = parts.reduce((most, { tree }) => Math.max(most, tree.size), 1);
    return Array.from({ length: sides }, (_, side) => {
      if (wide) return exactColumns(size, true);
      if ((this.#nodes[side]?.weight.length ?? 0) < size) this.#nodes[side] = exactColumns(size, false);
      return this.#nodes[side] as ExactColumns;
    });
  }
}

interface NamedPart {
  readonly dictionary: StackDictionary;
  readonly tree: NameTree;
  /** By side. */
  readonly sums: readonly (WeightedSums | undefined)[];
}

interface NamedSums {
  readonly parts: readonly NamedPart[];
  readonly names: NameTrees;
  /** By name: the one that nodes are told apart by; undefined where it is the name itself. */
  readonly nameOf: Int32Array | undefined;
  /** By side: room for the nodes of a tree. */
  readonly nodes: readonly ExactColumns[];
  readonly wide: boolean;
  readonly factors: readonly number[];
}

type NamedNodes = Pick<CallTree, 'size' | 'names' | 'fileOf' | 'name' | 'parent'>;
type SideAmounts = Pick<CallTree, 'self' | 'total' | 'foldedAway' | 'whole'>;

/** Each function once, below the root. Its total is that of its outermost nodes: a recursive stack counts once. */
function functionsOf({ parts, names, nameOf, nodes, wide }: NamedSums): MergedNames {
  const count = names.names.length;
  const sides = nodes.map((own, side) => {
    const [self, total] = [exactColumns(count, wide), exactColumns(count, wide)];
    for (const part of parts) {
      if (!part.sums[side]) continue;
      fillWithSelf(own, part, side);
      addByName(self, own, part.tree, nameOf);
      foldUp(own, part.tree);
      addByName(total, own, part.tree, nameOf, nameOf ? part.tree.outermostCompared() : part.tree.outermost());
    }
    return { self, total };
  });
  const isThere = (id: number): boolean => id === 0 || sides.some(({ total }) => total.weight[id] !== 0);
  const name = Int32Array.from(new Int32Array(count).keys().filter(isThere));
  return {
    size: name.length,
    parent: new Int32Array(name.length),
    name,
    sides: sides.map(({ self, total }) => ({ self: picked(self, name), total: picked(total, name), foldedAway: 0 })),
  };
}

function fillWithSelf(nodes: ExactColumns, { dictionary, sums, tree }: NamedPart, side: number): void {
  for (const column of columnsOf(nodes)) column.fill(0, 0, tree.size);
  const own = sums[side];
  if (own) addStacks(nodes, own, dictionary, tree.nodeOf);
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
function addByName(
  into: ExactColumns,
  nodes: ExactColumns,
  { name, size }: NameTree,
  nameOf: Int32Array | undefined,
  counts?: Uint8Array,
): void {
  const from = columnsOf(nodes);
  columnsOf(into).forEach((sums, at) => {
    const column = from[at] as Float64Array;
    for (let node = 0; node < size; node++) {
      if (counts && counts[node] === 0) continue;
      const own = name[node] as number;
      const id = nameOf ? (nameOf[own] as number) : own;
      sums[id] = (sums[id] as number) + (column[node] as number);
    }
  });
}

function picked({ parts }: ExactColumns, at: Int32Array): Pick<ExactColumns, 'parts'> {
  return {
    parts: parts.map((column) => {
      const chosen = new Float64Array(at.length);
      for (let i = 0; i < at.length; i++) chosen[i] = column[at[i] as number] as number;
      return chosen;
    }),
  };
}

/** With the names that it uses and no others, numbered as they come. */
function namedNodes({ size, parent, name }: MergedNames, { parts, names, nameOf }: NamedSums): NamedNodes {
  const used: number[] = [];
  const places = names.counters();
  const own = new Int32Array(size);
  for (let node = 0; node < size; node++) {
    const id = name[node] as number;
    if (places[id] === 0) places[id] = used.push(id);
    own[node] = (places[id] as number) - 1;
  }
  for (const id of used) places[id] = 0;
  const namesOf = nameOf && namesByCompared(nameOf, names.names.length);
  return {
    size,
    names: used.map((id) => names.names[id] as string),
    fileOf: (at) => fileOf(parts, namesOf?.(used[at] ?? 0) ?? [used[at] ?? 0]),
    name: own,
    parent: parent.slice(0, size),
  };
}

/** The names that have a compared one. */
function namesByCompared(compared: Int32Array, count: number): (id: number) => readonly number[] {
  let others: Map<number, number[]> | undefined;
  return (id) => {
    if (!others) {
      others = new Map();
      for (let name = 0; name < count; name++) {
        const shown = compared[name] as number;
        if (shown !== name) others.set(shown, [...(others.get(shown) ?? []), name]);
      }
    }
    return [id, ...(others.get(id) ?? [])];
  };
}

function fileOf(parts: readonly NamedPart[], names: readonly number[]): string {
  for (const { tree } of parts) {
    for (const name of names) {
      const file = tree.fileOf(name);
      if (file !== '') return file;
    }
  }
  return '';
}
