import { PairIndex } from '../../../profile/pair-index.ts';
import type { TotalsPart, TotalsSplit } from '../../profile-store.ts';
import type { StackDictionary } from '../dictionary/dictionary.ts';
import type { NameTree } from '../dictionary/name-trees.ts';
import { Int32Column } from '../encoding/int32-column.ts';
import type { PartsContext, SplitParts, StackParts } from './split-parts.ts';

type FunctionSplit = Extract<TotalsSplit, { kind: 'functions' }>;

/** Of the function numbered n from 1 on: part 2n - 2 is its self, 2n - 1 its total. */
export class FunctionParts implements SplitParts {
  readonly #functions: readonly string[];
  readonly #isExact: boolean;
  readonly #numbers: ReadonlyMap<string, number>;
  /** By name of `NameTrees`; 0 for those that are not asked for. */
  readonly #numberOfName = new Int32Column();
  readonly #partitions = new Map<number, StackParts>();
  readonly #context: PartsContext;

  constructor({ names, isExact = false }: FunctionSplit, context: PartsContext) {
    this.#isExact = isExact;
    this.#functions = [...new Set(names)];
    this.#numbers = new Map(this.#functions.map((name, at) => [name, at + 1]));
    this.#context = context;
  }

  part(number: number): { readonly order: string; readonly part: TotalsPart } {
    const name = this.#functions[number >> 1] ?? '';
    const part: TotalsPart = { kind: 'function', name, of: number % 2 === 0 ? 'self' : 'total' };
    return { order: String(number).padStart(10, '0'), part };
  }

  of(partition: number): StackParts {
    const { names, dictionaryOf, check } = this.#context;
    let known = this.#partitions.get(partition);
    if (!known) {
      const load = (): NamedStacks => {
        const dictionary = dictionaryOf(partition);
        const tree = names.of(dictionary);
        check();
        return { dictionary, tree, numberOfName: this.#numbersOfNames() };
      };
      known = new FunctionsOfPartition(load);
      this.#partitions.set(partition, known);
    }
    return known;
  }

  #numbersOfNames(): Int32Array {
    const { names } = this.#context;
    const compared = this.#isExact ? undefined : names.compared();
    for (let id = this.#numberOfName.size; id < names.names.length; id++) {
      const shown = compared?.[id] ?? id;
      this.#numberOfName.push(id === 0 ? 0 : (this.#numbers.get(names.names[shown] as string) ?? 0));
    }
    return this.#numberOfName.array;
  }
}

interface NamedStacks {
  readonly dictionary: StackDictionary;
  readonly tree: NameTree;
  /** By name: the number of the function. */
  readonly numberOfName: Int32Array;
}

/**
 * A group is a set of functions on the stack, and which of them is its leaf. Sets are made from the root down: that of a
 * node is its parent's, and its own function where that is new.
 *
 *     main ─ serve ─ query ─ serve       asked for serve and query: { } {serve} {serve, query} {serve, query}
 */
class FunctionsOfPartition implements StackParts {
  readonly #load: () => NamedStacks;
  /** Pairs of a smaller set and a function; 0 is the empty one. */
  readonly #sets = new PairIndex();
  /** Pairs of a set and the function of the leaf, 0 where that is not asked for. */
  readonly #groups = new PairIndex();
  readonly #parts: number[][] = [];
  /** By node of the tree of names. */
  readonly #setOf = new Int32Column();
  readonly #groupOf = new Int32Column();
  /** How many stacks were known when the dictionary was looked at, where each ends, and the nodes of names of those. */
  #stacks = 0;
  #leaf: Int32Array = new Int32Array(0);
  #nodeOf: Int32Array = new Int32Array(0);

  constructor(load: () => NamedStacks) {
    this.#load = load;
    this.#sets.intern(0, 0);
    this.#groups.intern(0, 0);
  }

  get groups(): number {
    return this.#groups.size;
  }

  groupOf(stack: number): number {
    if (stack >= this.#stacks) this.#grow();
    if (stack >= this.#stacks) throw new Error(`a partition has no stack numbered ${stack}`);
    return this.#groupOf.at(this.#nodeOf[this.#leaf[stack] as number] as number);
  }

  partsOf(group: number): readonly number[] {
    return (this.#parts[group] ??= this.#partsIn(group));
  }

  #partsIn(group: number): number[] {
    const leaf = this.#groups.second[group] as number;
    const parts = leaf === 0 ? [] : [2 * leaf - 2];
    for (let set = this.#groups.first[group] as number; set !== 0; set = this.#sets.first[set] as number) {
      parts.push(2 * (this.#sets.second[set] as number) - 1);
    }
    return parts;
  }

  #grow(): void {
    const { dictionary, tree, numberOfName } = this.#load();
    const { name, parent } = tree;
    for (let node = this.#setOf.size; node < tree.size; node++) {
      const number = numberOfName[name[node] as number] as number;
      const above = node === 0 ? 0 : this.#setOf.at(parent[node] as number);
      const set = number === 0 || this.#has(above, number) ? above : this.#sets.intern(above, number);
      this.#setOf.push(set);
      this.#groupOf.push(set === 0 ? 0 : this.#groups.intern(set, number));
    }
    this.#stacks = dictionary.stackLeaf.size;
    this.#leaf = dictionary.stackLeaf.array;
    this.#nodeOf = tree.nodeOf;
  }

  #has(set: number, number: number): boolean {
    for (let at = set; at !== 0; at = this.#sets.first[at] as number) {
      if (this.#sets.second[at] === number) return true;
    }
    return false;
  }
}
