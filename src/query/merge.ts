import { FlameherdError } from '../model/errors.ts';
import { type Matcher, requiredValue } from '../model/selector.ts';
import type { UnixMs } from '../model/units.ts';
import { isPlainView } from '../model/view.ts';
import { type CallTree, callTreeOf, wholeOf } from '../profile/call-tree.ts';
import { pgoProfileOf } from '../profile/pgo.ts';
import { subtreeOf } from '../profile/subtree.ts';
import type { Coverage, MergeAnswer, MergeRequest, ProfileReader } from '../store/profile-store.ts';
import { type Found, isNothingFound, isZeroColumn } from './emptiness.ts';
import type { Answer, MergeFormat, MergeQuestion } from './engine.ts';
import { emptyHint, endedHint, noRowsHint, noStackHint } from './hint.ts';
import { inView, ofSamples } from './in-view.ts';
import { sampleLabelNames } from './label-matchers.ts';
import { mergeHeader } from './merge-header.ts';
import { type AnswerNotes, metaOf, profiledShareOf } from './meta.ts';
import { planMerge } from './plan-merge.ts';
import { type PprofName, pprofAnswer } from './pprof-answer.ts';
import { assertTypeIsThere, columnOf, shortTypeName } from './types-that-exist.ts';
import {
  callGraphAnswer,
  collapsedAnswer,
  emptyCallGraph,
  emptyFlameGraph,
  emptyTop,
  flameGraphAnswer,
  markdownAnswer,
  rootTotalOf,
  speedscopeAnswer,
  topAnswer,
  type ViewNotes,
} from './views.ts';
import { bytesToShow, type WorkAllowance } from './work-allowance.ts';

/**
 * One profile merged over the window and all selected processes, in the format that was asked for (API.md, "Answers").
 * Where there is nothing, JSON formats answer empty arrays and a hint, the others `empty_window` with the same sentence.
 */
export function answerMerge(
  reader: ProfileReader,
  question: MergeQuestion,
  nowMs: UnixMs,
  allowance: WorkAllowance,
): Answer {
  const { request, sampleMatchers, warnings } = planMerge(reader, question, question.aggregation, nowMs);
  const asked: Asked = { reader, question, request, warnings, allowance };
  // Labels, lines and files are known to rows only; names of functions are all that most formats show.
  const isByFunction = formatsByFunction.has(question.format) && isPlainView(question.view);
  const answer = isByFunction && sampleMatchers.length === 0 ? answerTree(asked) : undefined;
  return answer ?? answerRows(asked, sampleMatchers);
}

const formatsByFunction: ReadonlySet<MergeFormat> = new Set([
  'flamegraph',
  'top',
  'callgraph',
  'collapsed',
  'speedscope',
  'markdown',
]);

interface Asked {
  readonly reader: ProfileReader;
  readonly question: MergeQuestion;
  readonly request: MergeRequest;
  readonly warnings: readonly string[];
  readonly allowance: WorkAllowance;
}

/** Undefined where names of functions are not enough: what the program says to be dropped is known to frames only. */
function answerTree(asked: Asked): Answer | undefined {
  const { reader, question, request, warnings } = asked;
  const { tree, ...answer } = reader.callTree({
    ...request,
    type: request.peakType,
    types: [request.peakType],
    maxNodes: question.format === 'flamegraph' ? question.maxNodes : Infinity,
    flat: question.format === 'top',
    root: question.root,
  });
  const { coverage, temporality, sampleTypes, periodType, dropFrames, keepFrames } = answer;
  if (!tree) assertTypeIsThere(question.selector.type, sampleTypes, periodType);
  const merged: Found = { coverage, temporality, isZero: !tree || (isZeroTree(tree) && Number(wholeOf(tree)) === 0) };
  if (!tree || isNothingFound(merged, question)) return emptyAnswer(asked, merged);
  if (dropFrames !== '' || keepFrames !== '') return undefined;
  return viewOf(tree, asked, coverage, notesOf(merged, question, warnings));
}

function answerRows(asked: Asked, sampleMatchers: readonly Matcher[]): Answer {
  const { reader, question, request } = asked;
  const answer = reader.merge(isFile(question.format) ? request : { ...request, types: [request.peakType] });
  const column = columnOf(answer.profile.sampleTypes, question.selector.type);
  const merged: Found = {
    coverage: answer.coverage,
    temporality: column === undefined ? undefined : answer.temporalities[column],
    isZero: column === undefined || isZeroColumn(answer.profile, column),
  };
  if (column === undefined) assertTypeIsStored(asked);
  if (column === undefined || isNothingFound(merged, question)) return emptyAnswer(asked, merged);
  const profile = ofSamples(answer.profile, sampleMatchers, asked.allowance);
  if (sampleMatchers.length > 0 && isZeroColumn(profile, column)) {
    return emptyAnswer(asked, merged, noRowsHint(sampleMatchers, sampleLabelNames(answer.profile)));
  }
  if (isFile(question.format)) return fileOf({ ...answer, profile }, asked);
  const seen = inView(profile, question.view, asked.allowance);
  const notes = notesOf(merged, question, [...asked.warnings, ...seen.warnings]);
  const whole = callTreeOf(seen.profile, column, () => asked.allowance.check());
  const tree = question.root ? subtreeOf(whole, question.root) : whole;
  return viewOf(tree, asked, answer.coverage, notes);
}

/** Files for Go's tools have all types of the kind, as what was scraped. */
function isFile(format: MergeFormat): boolean {
  return format === 'pprof' || format === 'pgo';
}

/** The tools apply what the program says to be dropped by themselves, so only a view that was asked for changes a file. */
function fileOf(answer: MergeAnswer, asked: Asked): Answer {
  const { question, allowance } = asked;
  const check = (): void => allowance.check();
  const name = nameOf(question, answer.coverage);
  const whole = { ...answer.profile, header: mergeHeader(answer, question) };
  if (question.format === 'pgo') return pprofAnswer(pgoProfileOf(whole, check), name, allowance, 'pgo');
  if (isPlainView(question.view)) return pprofAnswer(whole, name, allowance);
  const { profile, warnings } = inView(whole, question.view, allowance);
  const comments = [...whole.header.comments, ...warnings];
  return pprofAnswer({ ...profile, header: { ...whole.header, comments } }, name, allowance);
}

/** What is made of a tree of functions. */
function viewOf(tree: CallTree, { question, allowance }: Asked, coverage: Coverage, notes: ViewNotes): Answer {
  const check = (): void => allowance.check();
  allowance.hold?.(bytesToShow(question.format, tree, question.maxNodes));
  switch (question.format) {
    case 'flamegraph':
      if (tree.size === 0) return emptyFlameGraph(tree.unit, metaOf(coverage, nothingUnder(tree, question, notes)));
      return flameGraphAnswer(tree, question, coverage, notes, check);
    case 'top':
      return topAnswer(tree, question, coverage, notes, check);
    case 'callgraph':
      return callGraphAnswer(tree, question, coverage, notes, check);
    case 'collapsed':
      return collapsedAnswer(tree, check);
    case 'speedscope':
      return speedscopeAnswer(tree, nameOf(question, coverage), check);
    case 'markdown':
      return markdownAnswer(tree, question, coverage, notes, check);
    default:
      throw new Error(`${question.format} is not made of a tree`);
  }
}

/** What is said of a part that is not there. */
function nothingUnder(tree: CallTree, { root = [] }: MergeQuestion, notes: ViewNotes): AnswerNotes {
  return { ...notes, rootTotal: rootTotalOf(tree), foldedShare: 0, hint: noStackHint(root) };
}

function nameOf(question: MergeQuestion, { window }: Coverage): PprofName {
  return {
    workload: requiredValue(question.selector, 'workload'),
    type: shortTypeName(question.selector.type),
    timeMs: window.fromMs,
  };
}

/** Throws `bad_query` where there are profiles, and none has the type, which alone was read. */
function assertTypeIsStored({ reader, question, request }: Asked): void {
  const { sampleTypes, header } = reader.merge(request).profile;
  assertTypeIsThere(question.selector.type, sampleTypes, header.periodType);
}

function notesOf(
  { temporality, coverage }: Found,
  { aggregation }: MergeQuestion,
  warnings: readonly string[],
): ViewNotes {
  if (temporality === 'gauge') return { aggregation, warnings };
  return { aggregation: 'sum', profiledShare: profiledShareOf(coverage), warnings };
}

function isZeroTree({ self, total, foldedAway }: CallTree): boolean {
  return foldedAway === 0 && [self, total].every((amounts) => amounts.every((amount) => Number(amount) === 0));
}

function emptyAnswer(asked: Asked, { coverage }: Found, because?: string): Answer {
  const { reader, question, request, warnings } = asked;
  const { type } = question.selector;
  // For `last`: something stood in the window, though not at its end.
  const hasEnded = question.aggregation === 'last' && coverage.observedSeconds > 0;
  const hint =
    because ?? (hasEnded ? endedHint(coverage.window.toMs) : emptyHint(reader, request.selector, request.window));
  const meta = metaOf(coverage, { aggregation: null, foldedShare: 0, warnings, hint });
  if (question.format === 'flamegraph') return emptyFlameGraph(type.sampleUnit, meta);
  if (question.format === 'top') return emptyTop(type.sampleUnit, meta);
  if (question.format === 'callgraph') return emptyCallGraph(type.sampleUnit, question.functionName ?? '', meta);
  throw new FlameherdError('empty_window', `nothing to merge for ${shortTypeName(type)}: ${hint}`, { hint });
}
