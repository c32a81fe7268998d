import type { CallTree } from '../profile/call-tree.ts';
import { collapsedOf } from '../profile/collapsed.ts';
import { flameGraphOf, writeFlameGraph } from '../profile/flame-graph.ts';
import { JsonBytes } from '../profile/json-bytes.ts';
import type { Profile } from '../profile/profile.ts';
import { topOf, writeTop } from '../profile/top.ts';
import type { Coverage } from '../store/profile-store.ts';
import type { Answer, MergeQuestion } from './engine.ts';
import { type JsonValue, jsonAnswer, jsonType, writeJson } from './json.ts';
import { type AnswerNotes, metaOf } from './meta.ts';

export type ViewNotes = Omit<AnswerNotes, 'foldedShare'>;

/** `{unit, names, name, parent, self, total, meta}` in preorder, at most `maxNodes` nodes. */
export function flameGraphAnswer(
  tree: CallTree,
  { maxNodes }: Pick<MergeQuestion, 'maxNodes'>,
  coverage: Coverage,
  notes: ViewNotes,
): Answer {
  const graph = flameGraphOf(tree, { maxNodes });
  const json = new JsonBytes().text('{');
  writeFlameGraph(json, graph);
  return withMeta(json, metaOf(coverage, { ...notes, foldedShare: graph.foldedShare }));
}

/** `{unit, rows, total, meta}`, at most `limit` rows; `foldedShare` is the part of the total in the rows left out. */
export function topAnswer(
  tree: CallTree,
  { sort, limit }: Pick<MergeQuestion, 'sort' | 'limit'>,
  coverage: Coverage,
  notes: ViewNotes,
): Answer {
  const top = topOf(tree, { sort, limit });
  const json = new JsonBytes().text('{');
  writeTop(json, top);
  return withMeta(json, metaOf(coverage, { ...notes, foldedShare: top.foldedShare }));
}

/** Folded stacks as text, `main;serve;query 4`. */
export function collapsedAnswer(profile: Profile, column: number): Answer {
  const body = new TextEncoder().encode(collapsedOf(profile, column));
  return { kind: 'answer', contentType: 'text/plain; charset=utf-8', body };
}

/** A flame graph of nothing. */
export function emptyFlameGraph(unit: string, meta: JsonValue): Answer {
  return jsonAnswer(writeJson({ unit, names: [], name: [], parent: [], self: [], total: [], meta }));
}

/** A top of nothing. */
export function emptyTop(unit: string, meta: JsonValue): Answer {
  return jsonAnswer(writeJson({ unit, rows: [], total: 0, meta }));
}

function withMeta(json: JsonBytes, meta: JsonValue): Answer {
  const body = json.text(`,"meta":${writeJson(meta)}}`).finish();
  return { kind: 'answer', contentType: jsonType, body };
}
