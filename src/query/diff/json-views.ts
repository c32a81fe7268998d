import type { ComparedTrees } from '../../profile/compared-trees.ts';
import { diffFlameGraphOf, writeDiffFlameGraph } from '../../profile/diff-flame-graph.ts';
import type { DiffScale } from '../../profile/diff-scale.ts';
import { type DiffTop, type DiffTopRow, type RowSpread, writeDiffTop } from '../../profile/diff-top.ts';
import { JsonBytes } from '../../profile/json-bytes.ts';
import type { Answer } from '../engine.ts';
import { type JsonValue, jsonAnswer, jsonType, writeJson } from '../json.ts';

/** `{unit, names, name, parent, self, total, baseSelf, baseTotal, meta}` in preorder, values as measured. */
export function diffFlameGraphAnswer(
  trees: ComparedTrees,
  scale: DiffScale,
  options: { readonly maxNodes: number; readonly check: () => void },
  meta: (foldedShare: number) => JsonValue,
): Answer {
  const graph = diffFlameGraphOf(trees, scale, options);
  const json = new JsonBytes().text('{');
  writeDiffFlameGraph(json, graph);
  return withMeta(json, meta(graph.foldedShare));
}

/** `{unit, rows, total, baseTotal, meta}`. */
export function diffTopAnswer(top: DiffTop<DiffTopRow & RowSpread>, meta: JsonValue): Answer {
  const json = new JsonBytes().text('{');
  writeDiffTop(json, top);
  return withMeta(json, meta);
}

/** A flame graph of nothing. */
export function emptyDiffFlameGraph(unit: string, meta: JsonValue): Answer {
  const nothing = { names: [], name: [], parent: [], self: [], total: [], baseSelf: [], baseTotal: [] };
  return jsonAnswer(writeJson({ unit, ...nothing, meta }));
}

/** A top of nothing. */
export function emptyDiffTop(unit: string, meta: JsonValue): Answer {
  return jsonAnswer(writeJson({ unit, rows: [], total: 0, baseTotal: 0, meta }));
}

function withMeta(json: JsonBytes, meta: JsonValue): Answer {
  const body = json.text(`,"meta":${writeJson(meta)}}`).finish();
  return { kind: 'answer', contentType: jsonType, body };
}
