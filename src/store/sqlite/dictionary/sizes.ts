import type { Bytes } from '../../../model/units.ts';
import type { StackDictionary } from './dictionary.ts';

/** What a dictionary holds in memory, about: columns with the room they have to grow, and symbols as objects. */
export function bytesOfDictionary({ nodeParent, stackLeaf, frameFunction, functions }: StackDictionary): Bytes {
  return 16 * nodeParent.size + 24 * stackLeaf.size + 48 * frameFunction.size + 160 * functions.length;
}

/**
 * What a question about function names holds besides: the tree of names with the table that numbers it, its entries in the
 * forest of all trees, the merged tree, and sums of one type by stack.
 */
export function bytesOfNames({ nodeParent, stackLeaf }: StackDictionary): Bytes {
  return 128 * nodeParent.size + 8 * stackLeaf.size;
}

/** As `bytesOfNames`, for two questions that are compared. */
export function bytesOfComparedNames({ nodeParent, stackLeaf }: StackDictionary): Bytes {
  return 184 * nodeParent.size + 16 * stackLeaf.size;
}

/**
 * What a merged profile holds besides: nodes of several partitions with the table that numbers them; rows, sums and the bytes
 * of samples; frames as objects.
 */
export function bytesOfRows({ nodeParent, stackLeaf, frameFunction }: StackDictionary): Bytes {
  return 72 * nodeParent.size + 256 * stackLeaf.size + 192 * frameFunction.size;
}
