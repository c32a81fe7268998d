import type { Frame } from '../model/frame.ts';

/** A frame's dense number in its tree; 0 is the root's, which has no frame. */
export type FrameId = number;

/**
 * Stack traces as a prefix tree: one node for each distinct path from the root.
 *
 *     main;serve;query = 4          main ─┬─ serve ─┬─ query   4
 *     main;serve;write = 1                │         └─ write   1
 *     main;idle        = 2                └─ idle              2
 *
 * Nodes are dense numbers and a parent's number is below its children's. So a column of values is a plain array indexed
 * by node, merging two columns is adding arrays, and totals fold up in one pass from the last node to the first. Node 0
 * is the root.
 */
export interface StackTree {
  readonly size: number;
  /** Parent of each node; the first `size` are valid; the root is its own parent. */
  readonly parent: Int32Array;
  /** Frame of each node; the first `size` are valid; the root's is 0. */
  readonly frame: Int32Array;
  /** The frames by id; index 0 is not a frame and must not be asked for. */
  frameAt(id: FrameId): Frame;
  /** How many frame ids there are, the root's included. */
  readonly frameCount: number;
}
