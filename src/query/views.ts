import { collapsedOf } from '../profile/collapsed.ts';
import { type FlameGraph, flameGraphMembers, flameGraphOf } from '../profile/flame-graph.ts';
import type { Profile } from '../profile/profile.ts';
import { type Top, type TopRow, topMembers, topOf } from '../profile/top.ts';
import type { Coverage } from '../store/profile-store.ts';
import type { Answer, MergeQuestion } from './engine.ts';
import { type JsonValue, jsonAnswer, writeJson } from './json.ts';
import { type AnswerNotes, metaOf } from './meta.ts';

type ViewNotes = Omit<AnswerNotes, 'foldedShare'>;

/** `{unit, names, name, parent, self, total, meta}` in preorder, at most `maxNodes` nodes. `column` is a sample type's index. */
export function flameGraphAnswer(
  profile: Profile,
  column: number,
  { maxNodes }: Pick<MergeQuestion, 'maxNodes'>,
  coverage: Coverage,
  notes: ViewNotes,
): Answer {
  const graph = flameGraphOf(profile, column, { maxNodes });
  return withMeta(
    flameGraphMembers(withoutZeros(graph)),
    metaOf(coverage, { ...notes, foldedShare: graph.foldedShare }),
  );
}

/** `{unit, rows, total, meta}`, at most `limit` rows; `foldedShare` is the part of the total in the rows left out. */
export function topAnswer(
  profile: Profile,
  column: number,
  { sort, limit }: Pick<MergeQuestion, 'sort' | 'limit'>,
  coverage: Coverage,
  notes: ViewNotes,
): Answer {
  const all = topOf(profile, column, { sort });
  const rows = all.rows.filter(({ self, total }) => Number(self) !== 0 || Number(total) !== 0);
  const top: Top = { ...all, rows: rows.slice(0, limit) };
  return withMeta(topMembers(top), metaOf(coverage, { ...notes, foldedShare: selfShare(rows.slice(limit), rows) }));
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

function withMeta(members: string, meta: JsonValue): Answer {
  return jsonAnswer(`{${members},"meta":${writeJson(meta)}}`);
}

/** Stacks that count only for other sample types of the kind, or were filtered out, are not drawn. The root stays. */
function withoutZeros(graph: FlameGraph): FlameGraph {
  const isDrawn = (entry: number): boolean => {
    return entry === 0 || Number(graph.total[entry]) !== 0 || Number(graph.self[entry]) !== 0;
  };
  // Entries with children of opposite signs add up to 0, and must stay for their children's sake.
  const kept = new Uint8Array(graph.name.length);
  for (let entry = kept.length - 1; entry >= 0; entry--) {
    const parent = graph.parent[entry] ?? -1;
    if (isDrawn(entry)) kept[entry] = 1;
    if (kept[entry] === 1 && parent >= 0) kept[parent] = 1;
  }
  const order = Int32Array.from(kept.keys().filter((entry) => kept[entry] === 1));
  if (order.length === kept.length) return graph;
  const newEntry = new Int32Array(kept.length);
  order.forEach((entry, index) => (newEntry[entry] = index));
  const usedNames = [...new Set(order.map((entry) => graph.name[entry] ?? 0))];
  const newName = new Map(usedNames.map((id, index) => [id, index]));
  return {
    ...graph,
    names: usedNames.map((id) => graph.names[id] ?? ''),
    name: order.map((entry) => newName.get(graph.name[entry] ?? 0) ?? 0),
    parent: order.map((entry) => (entry === 0 ? -1 : (newEntry[graph.parent[entry] ?? 0] ?? 0))),
    self: pick(graph.self, order),
    total: pick(graph.total, order),
  };
}

function pick(amounts: FlameGraph['self'], order: Int32Array): FlameGraph['self'] {
  if (amounts instanceof Float64Array) return Float64Array.from(order, (entry) => amounts[entry] ?? 0);
  return Array.from(order, (entry) => amounts[entry] ?? 0n);
}

function selfShare(part: readonly TopRow[], whole: readonly TopRow[]): number {
  const sizeOf = (rows: readonly TopRow[]): number => rows.reduce((sum, { self }) => sum + Math.abs(Number(self)), 0);
  const all = sizeOf(whole);
  return all === 0 ? 0 : sizeOf(part) / all;
}
