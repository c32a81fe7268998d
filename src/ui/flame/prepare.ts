import type { DiffFlameAnswer, FlameAnswer } from '../api/answers.ts';

/**
 * A flame graph, ready to be drawn: nodes in preorder (0 is the root, a parent comes before its children), each a span of the
 * line from 0 to 1. What is asked of it while drawing is found by binary search, so that drawing costs pixels, not nodes.
 */
export interface FlameModel {
  readonly unit: string;
  readonly names: readonly string[];
  readonly size: number;
  /** Of the tree; the root alone is one. */
  readonly levels: number;
  /** By node: index into `names`. */
  readonly name: Int32Array;
  /** By node; -1 of the root. */
  readonly parent: Int32Array;
  readonly level: Int32Array;
  /** By node: the first node after its subtree. */
  readonly end: Int32Array;
  /** By node, of the root's width: of one profile its share of the total, of a diff the mean of both shares. */
  readonly start: Float64Array;
  readonly width: Float64Array;
  /** By node, as answered; of a diff those of the compared side. */
  readonly self: Float64Array;
  readonly total: Float64Array;
  readonly baseSelf?: Float64Array;
  readonly baseTotal?: Float64Array;
  /** What shares are of: the whole profile, also where the graph is a subtree of it. */
  readonly wholeTotal: number;
  readonly wholeBaseTotal: number;
  /** What amounts of a side are multiplied by before they are compared. */
  readonly factor: number;
  readonly baseFactor: number;
  /** Of a diff: what they are in then, `share` or such as `cores`. */
  readonly changeUnit?: string;
  /** Nodes by level, from left to right; those of level L are at `levelStart[L]` to `levelStart[L + 1]`. */
  readonly order: Int32Array;
  readonly levelStart: Int32Array;
  readonly rests: Rests;
}

/** What is below a node and has no nodes, because the server folded them: spans to the right of its children, a level below. */
export interface Rests {
  /** By rest, in the order of levels: whose. */
  readonly node: Int32Array;
  readonly start: Float64Array;
  readonly width: Float64Array;
  /** Those drawn on level L are at `levelStart[L]` to `levelStart[L + 1]`. */
  readonly levelStart: Int32Array;
}

/** Rounded amounts may miss this part of a node without anything having been folded. */
const rounding = 1e-4;

type Answer = FlameAnswer | DiffFlameAnswer;

/** Takes a few milliseconds for 100,000 nodes. An answer without nodes becomes a root alone. */
export function prepareFlame(answer: Answer): FlameModel {
  if (answer.name.length === 0) return prepareFlame(rootAlone(answer));
  return modelOf({
    unit: answer.unit,
    names: answer.names,
    name: new Int32Array(answer.name),
    parent: new Int32Array(answer.parent),
    ...amountsOf(answer),
  });
}

/** What a model is made of: a tree in preorder and its amounts. */
export type Columns = Pick<FlameModel, 'unit' | 'names' | 'name' | 'parent'> & Amounts;

export function modelOf(columns: Columns): FlameModel {
  const tree = { ...columns, size: columns.name.length, ...rangesOf(columns.parent) };
  const byLevel = ordered(tree.level, tree.levels);
  const { inner, ...spans } = spansOf(tree);
  return { ...tree, ...spans, ...byLevel, rests: restsOf({ ...tree, ...spans, ...byLevel }, inner) };
}

type Tree = Pick<FlameModel, 'size' | 'parent'> & Amounts;
type Amounts = Pick<
  FlameModel,
  'self' | 'total' | 'baseSelf' | 'baseTotal' | 'wholeTotal' | 'wholeBaseTotal' | 'factor' | 'baseFactor' | 'changeUnit'
>;

function rootAlone(answer: Answer): Answer {
  const root = { names: ['total'], name: [0], parent: [-1], self: [0], total: [0] };
  return 'baseTotal' in answer ? { ...answer, ...root, baseSelf: [0], baseTotal: [0] } : { ...answer, ...root };
}

function amountsOf(answer: Answer): Amounts {
  const self = new Float64Array(answer.self);
  const total = new Float64Array(answer.total);
  const { rootTotal = total[0] ?? 0, rootBaseTotal } = answer.meta as { rootTotal?: number; rootBaseTotal?: number };
  if (!('baseTotal' in answer)) {
    return { self, total, wholeTotal: rootTotal, wholeBaseTotal: 0, factor: ratio(1, rootTotal), baseFactor: 0 };
  }
  const baseTotal = new Float64Array(answer.baseTotal);
  const { factor, baseFactor, changeUnit } = answer.meta;
  return {
    self,
    total,
    baseSelf: new Float64Array(answer.baseSelf),
    baseTotal,
    wholeTotal: rootTotal,
    wholeBaseTotal: rootBaseTotal ?? baseTotal[0] ?? 0,
    factor,
    baseFactor,
    changeUnit,
  };
}

/** Of each node its level and where its subtree ends. */
function rangesOf(parent: Int32Array): Pick<FlameModel, 'level' | 'levels' | 'end'> {
  const size = parent.length;
  const level = new Int32Array(size);
  const end = new Int32Array(size);
  let deepest = 0;
  for (let node = 1; node < size; node++) {
    const own = (level[parent[node] as number] as number) + 1;
    level[node] = own;
    if (own > deepest) deepest = own;
  }
  for (let node = size - 1; node >= 0; node--) {
    if (end[node] === 0) end[node] = node + 1;
    const above = parent[node] as number;
    if (above >= 0 && (end[above] as number) < (end[node] as number)) end[above] = end[node] as number;
  }
  return { level, levels: deepest + 1, end };
}

/** A stable sort by level, by counting. */
function ordered(level: Int32Array, levels: number): Pick<FlameModel, 'order' | 'levelStart'> {
  const levelStart = new Int32Array(levels + 1);
  for (const own of level) levelStart[own + 1] = (levelStart[own + 1] as number) + 1;
  for (let one = 0; one < levels; one++)
    levelStart[one + 1] = (levelStart[one + 1] as number) + (levelStart[one] as number);
  const next = levelStart.slice();
  const order = new Int32Array(level.length);
  for (let node = 0; node < level.length; node++) {
    const own = level[node] as number;
    order[next[own] as number] = node;
    next[own] = (next[own] as number) + 1;
  }
  return { order, levelStart };
}

/**
 * Children stand in their parent's span, from its left. A node is as wide as its amounts or as its children together, whichever
 * is more: amounts below 0 can make the children more than their parent. `inner`: what the children take.
 */
function spansOf({
  size,
  parent,
  total,
  baseTotal,
  ...whole
}: Tree): Pick<FlameModel, 'start' | 'width'> & { inner: Float64Array } {
  const [scale, baseScale] = scales({ total, ...(baseTotal && { baseTotal }), ...whole });
  const width = new Float64Array(size);
  const inner = new Float64Array(size);
  for (let node = size - 1; node >= 0; node--) {
    const own = Math.abs(total[node] as number) * scale + Math.abs(baseTotal?.[node] ?? 0) * baseScale;
    width[node] = Math.max(own, inner[node] as number);
    const above = parent[node] as number;
    if (above >= 0) inner[above] = (inner[above] as number) + (width[node] as number);
  }
  const all = width[0] as number;
  const start = new Float64Array(size);
  const next = new Float64Array(size);
  for (let node = 0; node < size; node++) {
    if (all > 0) {
      width[node] = (width[node] as number) / all;
      inner[node] = (inner[node] as number) / all;
    }
    const above = parent[node] as number;
    if (above < 0) continue;
    start[node] = next[above] as number;
    next[node] = start[node] as number;
    next[above] = (next[above] as number) + (width[node] as number);
  }
  return { start, width, inner };
}

/** What amounts of each side are multiplied by to be widths; a side on which there is nothing takes no part. */
function scales({
  total,
  baseTotal,
  wholeTotal,
  wholeBaseTotal,
}: Omit<Tree, 'size' | 'parent' | 'self' | 'factor' | 'baseFactor'>): [number, number] {
  return [
    ratio(1, Math.abs(wholeTotal || (total[0] ?? 0))),
    ratio(1, Math.abs(wholeBaseTotal || (baseTotal?.[0] ?? 0))),
  ];
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function restsOf(model: Omit<FlameModel, 'rests'>, inner: Float64Array): Rests {
  const { levels, levelStart, order, start, width, self, baseSelf, total, baseTotal } = model;
  const rests = { node: [] as number[], start: [] as number[], width: [] as number[] };
  const restLevelStart = new Int32Array(levels + 2);
  const [scale, baseScale] = scales(model);
  const all = Math.abs(total[0] as number) * scale + Math.abs(baseTotal?.[0] ?? 0) * baseScale;
  for (let level = 0; level < levels; level++) {
    for (let at = levelStart[level] as number; at < (levelStart[level + 1] as number); at++) {
      const node = order[at] as number;
      const own = Math.abs(self[node] as number) * scale + Math.abs(baseSelf?.[node] ?? 0) * baseScale;
      const rest = (width[node] as number) - (inner[node] as number) - ratio(own, all);
      if (rest <= rounding * (width[node] as number)) continue;
      rests.node.push(node);
      rests.start.push((start[node] as number) + (inner[node] as number));
      rests.width.push(rest);
    }
    restLevelStart[level + 2] = rests.node.length;
  }
  return {
    node: new Int32Array(rests.node),
    start: new Float64Array(rests.start),
    width: new Float64Array(rests.width),
    levelStart: restLevelStart,
  };
}
