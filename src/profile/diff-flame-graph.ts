import type { ComparedTrees } from './compared-trees.ts';
import { type DiffScale, scaled, weightsOf } from './diff-scale.ts';
import { type FlameGraph, layoutOf, picked, writeFlameGraph } from './flame-graph.ts';
import type { JsonBytes } from './json-bytes.ts';

/** Two call trees in one preorder, for drawing. All amounts are as measured, not normalised. */
export interface DiffFlameGraph extends FlameGraph {
  /** To be divided by `baseDivisor`. */
  readonly baseSelf: FlameGraph['self'];
  readonly baseTotal: FlameGraph['total'];
  readonly baseDivisor: number;
}

/**
 * A flame graph of at most `maxNodes` nodes: those stay of which both sides together have most, as they are compared, and the
 * order of children is theirs, too. `foldedShare` is the part of both together that was folded away.
 */
export function diffFlameGraphOf(
  { compare, base }: ComparedTrees,
  scale: DiffScale,
  { maxNodes, check }: { readonly maxNodes: number; readonly check?: () => void },
): DiffFlameGraph {
  const weights = {
    ...compare,
    self: weightsOf(compare.self, base.self, scale),
    total: weightsOf(compare.total, base.total, scale),
    foldedAway: scaled(compare.foldedAway, Math.abs(scale.compare)) + scaled(base.foldedAway, Math.abs(scale.base)),
  };
  const { order, ...layout } = layoutOf(weights, maxNodes, check);
  return {
    unit: compare.unit,
    ...layout,
    self: picked(compare.self, order),
    total: picked(compare.total, order),
    divisor: compare.divisor,
    baseSelf: picked(base.self, order),
    baseTotal: picked(base.total, order),
    baseDivisor: base.divisor,
  };
}

/** The arrays of a flame graph of both sides as the members of a JSON object, without its braces. */
export function writeDiffFlameGraph(json: JsonBytes, graph: DiffFlameGraph): void {
  writeFlameGraph(json, graph);
  json.text(',"baseSelf":').amounts(graph.baseSelf, graph.baseDivisor);
  json.text(',"baseTotal":').amounts(graph.baseTotal, graph.baseDivisor);
}
