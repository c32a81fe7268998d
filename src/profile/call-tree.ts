import { frameName } from '../model/frame.ts';
import { type Amounts, foldedUp, gathered } from './amounts.ts';
import { NodeIndex } from './node-index.ts';
import type { Profile } from './profile.ts';

/**
 * One sample type of a profile as a tree of function names: lines, files, labels and builds fall together, as pprof's
 * views do by default. Node 0 is the root; a parent's number is below its children's.
 */
export interface CallTree {
  readonly size: number;
  /** Function names by id; `names[0]` is the root's and no function. */
  readonly names: readonly string[];
  /** A file of a function, by its name id; '' when unknown. */
  fileOf(name: number): string;
  /** Name id of each node. */
  readonly name: Int32Array;
  /** Parent of each node; the root is its own. */
  readonly parent: Int32Array;
  /** What was counted in the node itself, and with all that it called; to be divided by `divisor`. */
  readonly self: Amounts;
  readonly total: Amounts;
  readonly divisor: number;
  readonly unit: string;
  /**
   * The size of what lies in nodes that were folded away; it is in the totals of the nodes above them and in no self. To be
   * compared with, so it may be rounded.
   */
  readonly foldedAway: number;
  /** Of a part of a tree, whose node 0 is a function: the total of the whole, to be divided by `divisor`. */
  readonly whole?: number | bigint;
}

/** What shares are of: the total of the tree, or of the one that it is a part of. */
export function wholeOf({ whole, total }: Pick<CallTree, 'whole' | 'total'>): number | bigint {
  return whole ?? total[0] ?? 0;
}

/** What the root is called. */
export const rootName = 'total';

/** Nodes between two checks. */
const checkedNodes = 8192;

/** `type` is an index of `profile.sampleTypes`. `check` is called every few thousand nodes and may throw to stop the work. */
export function callTreeOf(profile: Profile, type: number, check: () => void = () => {}): CallTree {
  const { names, files, nameOfFrame } = foldedNames(profile);
  const { tree } = profile.stacks;
  const nodes = new NodeIndex();
  const folded = new Int32Array(tree.size);
  for (let node = 1; node < tree.size; node++) {
    if (node % checkedNodes === 0) check();
    folded[node] = nodes.childOf(
      folded[tree.parent[node] as number] as number,
      nameOfFrame[tree.frame[node] as number] as number,
    );
  }
  const rows = profile.stacks.size;
  const slots = profile.stacks.leaf.subarray(0, rows).map((leaf) => folded[leaf] as number);
  const parent = nodes.parent.slice(0, nodes.size);
  const self = gathered(profile.values[type] ?? new Float64Array(), slots, rows, nodes.size);
  return {
    size: nodes.size,
    names,
    fileOf: (id) => files[id] ?? '',
    name: nodes.frame.slice(0, nodes.size),
    parent,
    self,
    total: foldedUp(self, parent),
    divisor: profile.divisors[type] ?? 1,
    unit: profile.sampleTypes[type]?.unit ?? '',
    foldedAway: 0,
  };
}

function foldedNames(profile: Profile): { names: string[]; files: string[]; nameOfFrame: Int32Array } {
  const { tree } = profile.stacks;
  const names = [rootName];
  const files = [''];
  const ids = new Map<string, number>();
  const nameOfFrame = new Int32Array(tree.frameCount);
  for (let frame = 1; frame < tree.frameCount; frame++) {
    const content = tree.frameAt(frame);
    const name = frameName(content);
    let id = ids.get(name);
    if (id === undefined) {
      id = names.push(name) - 1;
      files.push('');
      ids.set(name, id);
    }
    files[id] ||= content.function?.file ?? content.mapping?.file ?? '';
    nameOfFrame[frame] = id;
  }
  return { names, files, nameOfFrame };
}

/** Children of each node as linked lists: `firstChild[node]`, then `nextSibling[child]`; 0 ends a list. */
export function childLists(parent: Int32Array): { firstChild: Int32Array; nextSibling: Int32Array } {
  const firstChild = new Int32Array(parent.length);
  const nextSibling = new Int32Array(parent.length);
  for (let node = parent.length - 1; node > 0; node--) {
    const up = parent[node] as number;
    nextSibling[node] = firstChild[up] as number;
    firstChild[up] = node;
  }
  return { firstChild, nextSibling };
}
