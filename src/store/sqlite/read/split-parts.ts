import type { TotalsPart } from '../../profile-store.ts';
import type { StackDictionary } from '../dictionary/dictionary.ts';
import type { NameTrees } from '../dictionary/name-trees.ts';

/** Which parts of a split the stacks of one partition are in. Stacks that are in the same ones are a group. */
export interface StackParts {
  /** Groups are numbered from 0, which is in no part; more may come with stacks that were not asked about before. */
  readonly groups: number;
  groupOf(stack: number): number;
  /** The numbers of the parts that the stacks of a group are in, each once. */
  partsOf(group: number): readonly number[];
}

/** The parts of a split, numbered over all partitions, and the stacks in them. */
export interface SplitParts {
  /** Where it has a part, in the order of the answer, and which. */
  part(number: number): { readonly order: string; readonly part: TotalsPart };
  of(partition: number): StackParts;
}

export interface PartsContext {
  readonly names: NameTrees;
  /** With all that is committed by now; a partition may be asked for again. */
  readonly dictionaryOf: (partition: number) => StackDictionary;
  readonly check: () => void;
}
