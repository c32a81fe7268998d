import { assertNever, FlameherdError } from '../model/errors.ts';
import type { Matcher } from '../model/matcher.ts';
import { kindOfProfileType, type Temporality, type ValueType } from '../model/profile-type.ts';
import type { UnixMs } from '../model/units.ts';
import { type CallTree, callTreeOf } from '../profile/call-tree.ts';
import type { Profile } from '../profile/profile.ts';
import type { Allowance } from '../store/allowance.ts';
import type { Coverage, MergeAnswer, MergeRequest, ProfileReader } from '../store/profile-store.ts';
import type { Answer, MergeQuestion } from './engine.ts';
import { emptyHint, endedHint, noRowsHint } from './hint.ts';
import { sampleLabelNames, selectRows, splitMatchers } from './label-matchers.ts';
import { mergeHeader } from './merge-header.ts';
import { metaOf } from './meta.ts';
import { planWindow } from './plan.ts';
import { pprofAnswer } from './pprof-answer.ts';
import { columnOf, noSuchType, shortTypeName, typeNames } from './types-that-exist.ts';
import { collapsedAnswer, emptyFlameGraph, emptyTop, flameGraphAnswer, topAnswer, type ViewNotes } from './views.ts';

/**
 * One profile merged over the window and all selected processes, in the format that was asked for (API.md, "Answers").
 * Where there is nothing, JSON formats answer empty arrays and a hint, the others `empty_window` with the same sentence.
 */
export function answerMerge(
  reader: ProfileReader,
  question: MergeQuestion,
  nowMs: UnixMs,
  allowance: Pick<Allowance, 'check'>,
): Answer {
  const { type } = question.selector;
  const kind = kindOfProfileType(type);
  const { window, warnings } = planWindow(question.window, nowMs);
  const { matchers, sampleMatchers } = splitMatchers(reader, kind, question.selector.matchers, window);
  const request: MergeRequest = {
    selector: { kind, matchers },
    window,
    aggregation: question.aggregation,
    peakType: { type: type.sampleType, unit: type.sampleUnit },
  };
  const asked: Asked = { reader, question, request, warnings, allowance };
  // Labels of samples are known to rows only, and names of functions are all that these two show.
  const isByFunction = question.format === 'flamegraph' || question.format === 'top';
  return isByFunction && sampleMatchers.length === 0 ? answerTree(asked) : answerRows(asked, sampleMatchers);
}

interface Asked {
  readonly reader: ProfileReader;
  readonly question: MergeQuestion;
  readonly request: MergeRequest;
  readonly warnings: readonly string[];
  readonly allowance: Pick<Allowance, 'check'>;
}

function answerTree(asked: Asked): Answer {
  const { reader, question, request, warnings } = asked;
  const flat = question.format === 'top';
  const answer = reader.callTree({
    ...request,
    type: request.peakType,
    types: [request.peakType],
    maxNodes: flat ? Infinity : question.maxNodes,
    flat,
  });
  const { tree, coverage, temporality, sampleTypes, periodType } = answer;
  if (!tree) assertTypeIsThere(question, sampleTypes, periodType);
  const merged: Merged = { coverage, temporality, isZero: !tree || isZeroTree(tree) };
  if (!tree || isEmpty(merged, question)) return emptyAnswer(asked, merged);
  const notes = notesOf(merged, question, warnings);
  return flat ? topAnswer(tree, question, coverage, notes) : flameGraphAnswer(tree, question, coverage, notes);
}

function answerRows(asked: Asked, sampleMatchers: readonly Matcher[]): Answer {
  const { reader, question, request } = asked;
  // go tool pprof shows all types of a kind; every other format has one.
  const answer = reader.merge(question.format === 'pprof' ? request : { ...request, types: [request.peakType] });
  const column = columnOf(answer.profile.sampleTypes, question.selector.type);
  const merged: Merged = {
    coverage: answer.coverage,
    temporality: column === undefined ? undefined : answer.temporalities[column],
    isZero: column === undefined || isZeroColumn(answer.profile, column),
  };
  if (column === undefined) assertTypeIsStored(asked);
  if (column === undefined || isEmpty(merged, question)) return emptyAnswer(asked, merged);
  const profile = selectRows(answer.profile, sampleMatchers);
  if (sampleMatchers.length > 0 && isZeroColumn(profile, column)) {
    return emptyAnswer(asked, merged, noRowsHint(sampleMatchers, sampleLabelNames(answer.profile)));
  }
  return formatted({ ...answer, profile }, column, asked, notesOf(merged, question, asked.warnings));
}

function formatted(answer: MergeAnswer, column: number, { question, allowance }: Asked, notes: ViewNotes): Answer {
  const { profile, coverage } = answer;
  switch (question.format) {
    case 'pprof':
      return pprofAnswer(
        { ...profile, header: mergeHeader(answer, question) },
        {
          workload: workloadOf(question),
          type: shortTypeName(question.selector.type),
          timeMs: coverage.window.fromMs,
        },
        allowance,
      );
    case 'flamegraph':
      return flameGraphAnswer(callTreeOf(profile, column), question, coverage, notes);
    case 'top':
      return topAnswer(callTreeOf(profile, column), question, coverage, notes);
    case 'collapsed':
      return collapsedAnswer(profile, column);
    default:
      return assertNever(question.format);
  }
}

/** What decides whether there is an answer. */
interface Merged {
  readonly coverage: Coverage;
  readonly temporality: Temporality | undefined;
  /** Nothing but zeros was counted. */
  readonly isZero: boolean;
}

/** Throws `bad_query` where there are profiles, and none has the type. */
function assertTypeIsThere(
  { selector: { type } }: MergeQuestion,
  sampleTypes: readonly ValueType[],
  periodType: ValueType | undefined,
): void {
  if (sampleTypes.length === 0 || columnOf(sampleTypes, type) !== undefined) return;
  throw noSuchType(type, typeNames(kindOfProfileType(type), sampleTypes, periodType));
}

/** The same, where only the one type was read. */
function assertTypeIsStored({ reader, question, request }: Asked): void {
  const { sampleTypes, header } = reader.merge(request).profile;
  assertTypeIsThere(question, sampleTypes, header.periodType);
}

/** The workload, where one is asked for. */
function workloadOf({ selector }: MergeQuestion): string | undefined {
  return selector.matchers.find(({ name, operator }) => name === 'workload' && operator === '=')?.value;
}

function notesOf(
  { temporality, coverage }: Merged,
  { aggregation }: MergeQuestion,
  warnings: readonly string[],
): ViewNotes {
  if (temporality === 'gauge') return { aggregation, warnings };
  const { profiledSeconds, processSeconds } = coverage;
  const profiledShare = processSeconds === 0 ? undefined : Math.min(1, profiledSeconds / processSeconds);
  return { aggregation: 'sum', profiledShare, warnings };
}

/** Sums: nothing was stamped in the window. Gauges: nothing stood in it, or for `last` at its end. */
function isEmpty({ coverage, temporality, isZero }: Merged, { aggregation }: MergeQuestion): boolean {
  if (temporality !== 'gauge') return coverage.profiles === 0;
  return coverage.observedSeconds === 0 || (aggregation === 'last' && isZero);
}

function isZeroColumn({ values }: Profile, column: number): boolean {
  return values[column]?.every((value) => Number(value) === 0) ?? true;
}

function isZeroTree({ self, total, foldedAway }: CallTree): boolean {
  return foldedAway === 0 && [self, total].every((amounts) => amounts.every((amount) => Number(amount) === 0));
}

function emptyAnswer(asked: Asked, { coverage }: Merged, because?: string): Answer {
  const { reader, question, request, warnings } = asked;
  const { type } = question.selector;
  // For `last`: something stood in the window, though not at its end.
  const hasEnded = question.aggregation === 'last' && coverage.observedSeconds > 0;
  const hint =
    because ?? (hasEnded ? endedHint(coverage.window.toMs) : emptyHint(reader, request.selector, request.window));
  const meta = metaOf(coverage, { aggregation: null, foldedShare: 0, warnings, hint });
  if (question.format === 'flamegraph') return emptyFlameGraph(type.sampleUnit, meta);
  if (question.format === 'top') return emptyTop(type.sampleUnit, meta);
  throw new FlameherdError('empty_window', `nothing to merge for ${shortTypeName(type)}: ${hint}`, { hint });
}
