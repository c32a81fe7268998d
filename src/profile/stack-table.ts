import type { PprofLabel, StackTrace } from '../model/frame.ts';
import type { StackTree } from './stack-tree.ts';

/** A set of pprof labels, interned: 0 is the empty set. */
export type LabelSetId = number;

/**
 * The rows of a profile: each is a leaf node of a stack tree and a set of pprof labels. Rows are dense numbers from 0.
 * Read-only view; `StackTableBuilder` makes one.
 */
export interface StackTable {
  readonly tree: StackTree;
  readonly size: number;
  /** The leaf node of each row; the first `size` are valid. */
  readonly leaf: Int32Array;
  /** The label set of each row; the first `size` are valid. */
  readonly labelSet: Int32Array;
  /** The label sets by id; `labelSets[0]` is empty. */
  readonly labelSets: readonly (readonly PprofLabel[])[];
  /** One row in full. */
  stack(row: number): StackTrace;
}
