import type { Bytes } from '../../../model/units.ts';
import type { StackDictionary } from './dictionary.ts';

/** What a dictionary holds in memory, about: columns with the room they have to grow, and symbols as objects. */
export function bytesOfDictionary({ nodeParent, stackLeaf, frameFunction, functions }: StackDictionary): Bytes {
  return 16 * nodeParent.size + 24 * stackLeaf.size + 48 * frameFunction.size + 160 * functions.length;
}

/** What a question about function names holds besides: the tree of names, its totals, and sums of one type by stack. */
export function bytesOfNames({ nodeParent, stackLeaf }: StackDictionary): Bytes {
  return 48 * nodeParent.size + 8 * stackLeaf.size;
}

/** As `bytesOfNames`, for two questions that are compared. */
export function bytesOfComparedNames({ nodeParent, stackLeaf }: StackDictionary): Bytes {
  return 72 * nodeParent.size + 16 * stackLeaf.size;
}

/** What a merged profile holds besides: nodes, rows and sums of several partitions, and samples and frames as objects of pprof. */
export function bytesOfRows({ nodeParent, stackLeaf, frameFunction }: StackDictionary): Bytes {
  return 32 * nodeParent.size + 640 * stackLeaf.size + 512 * frameFunction.size;
}
