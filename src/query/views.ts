import { counted } from '../model/human-value.ts';
import { formatMatchers } from '../model/selector.ts';
import { formatTime } from '../model/time.ts';
import type { CallTree } from '../profile/call-tree.ts';
import { callGraphOf, writeCallGraph } from '../profile/callgraph.ts';
import { collapsedOf } from '../profile/collapsed.ts';
import { flameGraphOf, writeFlameGraph } from '../profile/flame-graph.ts';
import { JsonBytes } from '../profile/json-bytes.ts';
import { jsonNumber } from '../profile/json-number.ts';
import { markdownOf, mostMarkdownRows } from '../profile/markdown.ts';
import { markdownName } from '../profile/markdown-text.ts';
import { writeSpeedscope } from '../profile/speedscope.ts';
import { topOf, writeTop } from '../profile/top.ts';
import type { Coverage } from '../store/profile-store.ts';
import type { Answer, MergeQuestion } from './engine.ts';
import { JsonText, type JsonValue, jsonAnswer, jsonType, writeJson } from './json.ts';
import { type AnswerNotes, metaOf, sampledShare } from './meta.ts';
import { fileNameOf, type PprofName } from './pprof-answer.ts';
import { shortTypeName } from './types-that-exist.ts';

export type ViewNotes = Omit<AnswerNotes, 'foldedShare'>;

/** `{unit, names, name, parent, self, total, meta}` in preorder, at most `maxNodes` nodes. Of a part, meta has `rootTotal`. */
export function flameGraphAnswer(
  tree: CallTree,
  { maxNodes }: Pick<MergeQuestion, 'maxNodes'>,
  coverage: Coverage,
  notes: ViewNotes,
  check: () => void,
): Answer {
  const graph = flameGraphOf(tree, { maxNodes, check });
  const json = new JsonBytes().text('{');
  writeFlameGraph(json, graph);
  return withMeta(json, metaOf(coverage, { ...notes, rootTotal: rootTotalOf(tree), foldedShare: graph.foldedShare }));
}

/** What shares of a part are of; undefined for a whole. */
export function rootTotalOf({ whole, divisor }: CallTree): JsonText | undefined {
  return whole === undefined ? undefined : new JsonText(jsonNumber(whole, divisor));
}

/** `{unit, rows, total, meta}`, at most `limit` rows; `foldedShare` is the part of the total in the rows left out. */
export function topAnswer(
  tree: CallTree,
  { sort, limit }: Pick<MergeQuestion, 'sort' | 'limit'>,
  coverage: Coverage,
  notes: ViewNotes,
  check: () => void,
): Answer {
  const top = topOf(tree, { sort, limit, check });
  const json = new JsonBytes().text('{');
  writeTop(json, top);
  return withMeta(json, metaOf(coverage, { ...notes, foldedShare: top.foldedShare }));
}

/** `{unit, function, file, self, total, callers, callees, profileTotal, meta}`; at most `limit` of either. */
export function callGraphAnswer(
  tree: CallTree,
  { functionName = '', limit }: Pick<MergeQuestion, 'functionName' | 'limit'>,
  coverage: Coverage,
  notes: ViewNotes,
  check: () => void,
): Answer {
  const graph = callGraphOf(tree, functionName, { limit, check });
  const json = new JsonBytes().text('{');
  writeCallGraph(json, graph);
  return withMeta(json, metaOf(coverage, { ...notes, foldedShare: 0 }));
}

/** A file for https://www.speedscope.app. */
export function speedscopeAnswer(tree: CallTree, name: PprofName, check: () => void): Answer {
  const title = fileNameOf(name);
  const json = new JsonBytes();
  writeSpeedscope(json, tree, { name: title, check });
  return { kind: 'answer', contentType: jsonType, body: json.finish(), fileName: `${title}.speedscope.json` };
}

/** Folded stacks as text, `main;serve;query 4`. */
export function collapsedAnswer(tree: CallTree, check: () => void): Answer {
  const body = new TextEncoder().encode(collapsedOf(tree, check));
  return { kind: 'answer', contentType: 'text/plain; charset=utf-8', body };
}

/** The functions that take most, for a pull request or a chat. */
export function markdownAnswer(
  tree: CallTree,
  { selector, sort, limit }: Pick<MergeQuestion, 'selector' | 'sort' | 'limit'>,
  coverage: Coverage,
  notes: ViewNotes,
  check: () => void,
): Answer {
  const top = topOf(tree, { sort, limit: Math.min(limit, mostMarkdownRows), check });
  const of = formatMatchers(selector.matchers);
  const type = shortTypeName(selector.type);
  const markdown = markdownOf(top, {
    title: selector.matchers.length === 0 ? type : `${type} of ${markdownName(of)}`,
    notes: markdownNotes(coverage, notes),
  });
  return { kind: 'answer', contentType: markdownType, body: new TextEncoder().encode(markdown) };
}

export const markdownType = 'text/markdown; charset=utf-8';

function markdownNotes(coverage: Coverage, { aggregation, warnings }: ViewNotes): string[] {
  const { window, profiles, processes } = coverage;
  const share = aggregation === 'sum' ? sampledShare(coverage) : undefined;
  const how = aggregation === 'sum' ? 'added up' : `${aggregation} over time`;
  return [
    `${counted(profiles, 'profile')} of ${counted(processes, 'process', 'processes')}, ` +
      `${formatTime(window.fromMs)} to ${formatTime(window.toMs)}, ${how}.`,
    ...(share === undefined ? [] : [`${share}.`]),
    ...[...warnings, ...coverage.warnings].map((warning) => `Warning: ${markdownName(warning)}`),
  ];
}

/** The neighbours of a function where nothing was counted. */
export function emptyCallGraph(unit: string, functionName: string, meta: JsonValue): Answer {
  const nothing = { self: 0, total: 0, callers: [], callees: [], profileTotal: 0 };
  return jsonAnswer(writeJson({ unit, function: functionName, file: '', ...nothing, meta }));
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
