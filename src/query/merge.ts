import { assertNever, FlameherdError } from '../model/errors.ts';
import { kindOfProfileType } from '../model/profile-type.ts';
import type { UnixMs } from '../model/units.ts';
import type { Profile } from '../profile/profile.ts';
import type { MergeAnswer, ProfileReader } from '../store/profile-store.ts';
import type { Answer, MergeQuestion } from './engine.ts';
import { emptyHint, endedHint, noRowsHint } from './hint.ts';
import { sampleLabelNames, selectRows, splitMatchers } from './label-matchers.ts';
import { mergeHeader } from './merge-header.ts';
import { type AnswerNotes, metaOf } from './meta.ts';
import { planWindow } from './plan.ts';
import { pprofAnswer } from './pprof-answer.ts';
import { columnOf, noSuchType, shortTypeName, typeNames } from './types-that-exist.ts';
import { collapsedAnswer, emptyFlameGraph, emptyTop, flameGraphAnswer, topAnswer } from './views.ts';

/**
 * One profile merged over the window and all selected processes, in the format that was asked for (API.md, "Answers").
 * Where there is nothing, JSON formats answer empty arrays and a hint, the others `empty_window` with the same sentence.
 */
export function answerMerge(reader: ProfileReader, question: MergeQuestion, nowMs: UnixMs): Answer {
  const { type } = question.selector;
  const kind = kindOfProfileType(type);
  const { window, warnings } = planWindow(question.window, nowMs);
  const { matchers, sampleMatchers } = splitMatchers(reader, kind, question.selector.matchers, window);
  const answer = reader.merge({
    selector: { kind, matchers },
    window,
    aggregation: question.aggregation,
    peakType: { type: type.sampleType, unit: type.sampleUnit },
  });
  const { sampleTypes, header } = answer.profile;
  const column = columnOf(sampleTypes, type);
  if (column === undefined && sampleTypes.length > 0) {
    throw noSuchType(type, typeNames(kind, sampleTypes, header.periodType));
  }
  if (column === undefined || isEmpty(answer, column, question)) {
    const hint = endedBefore(answer, question)
      ? endedHint(answer.coverage.window.toMs)
      : emptyHint(reader, { kind, matchers }, window);
    return emptyAnswer(question, answer, warnings, hint);
  }
  const profile = selectRows(answer.profile, sampleMatchers);
  if (sampleMatchers.length > 0 && isZero(profile, column)) {
    return emptyAnswer(question, answer, warnings, noRowsHint(sampleMatchers, sampleLabelNames(answer.profile)));
  }
  return formatted({ ...answer, profile }, column, question, warnings);
}

function formatted(answer: MergeAnswer, column: number, question: MergeQuestion, warnings: readonly string[]): Answer {
  const { profile } = answer;
  const { type } = question.selector;
  const notes = notesOf(answer, column, question, warnings);
  switch (question.format) {
    case 'pprof':
      return pprofAnswer(
        { ...profile, header: mergeHeader(answer, question) },
        { workload: workloadOf(question), type: shortTypeName(type), timeMs: answer.coverage.window.fromMs },
      );
    case 'flamegraph':
      return flameGraphAnswer(profile, column, question, answer.coverage, notes);
    case 'top':
      return topAnswer(profile, column, question, answer.coverage, notes);
    case 'collapsed':
      return collapsedAnswer(profile, column);
    default:
      return assertNever(question.format);
  }
}

/** The workload, where one is asked for. */
function workloadOf({ selector }: MergeQuestion): string | undefined {
  return selector.matchers.find(({ name, operator }) => name === 'workload' && operator === '=')?.value;
}

function notesOf(
  { temporalities, coverage }: MergeAnswer,
  column: number,
  { aggregation }: MergeQuestion,
  warnings: readonly string[],
): Omit<AnswerNotes, 'foldedShare'> {
  if (temporalities[column] === 'gauge') return { aggregation, warnings };
  const { profiledSeconds, processSeconds } = coverage;
  const profiledShare = processSeconds === 0 ? undefined : Math.min(1, profiledSeconds / processSeconds);
  return { aggregation: 'sum', profiledShare, warnings };
}

/** Sums: nothing was stamped in the window. Gauges: nothing stood in it, or for `last` at its end. */
function isEmpty(answer: MergeAnswer, column: number, question: MergeQuestion): boolean {
  const { coverage, profile, temporalities } = answer;
  if (temporalities[column] !== 'gauge') return coverage.profiles === 0;
  return coverage.observedSeconds === 0 || (question.aggregation === 'last' && isZero(profile, column));
}

/** For `last`: something stood in the window, though not at its end. */
function endedBefore({ coverage }: MergeAnswer, { aggregation }: MergeQuestion): boolean {
  return aggregation === 'last' && coverage.observedSeconds > 0;
}

function isZero({ values }: Profile, column: number): boolean {
  return values[column]?.every((value) => Number(value) === 0) ?? true;
}

function emptyAnswer(question: MergeQuestion, answer: MergeAnswer, warnings: readonly string[], hint: string): Answer {
  const { type } = question.selector;
  const meta = metaOf(answer.coverage, { aggregation: null, foldedShare: 0, warnings, hint });
  if (question.format === 'flamegraph') return emptyFlameGraph(type.sampleUnit, meta);
  if (question.format === 'top') return emptyTop(type.sampleUnit, meta);
  throw new FlameherdError('empty_window', `nothing to merge for ${shortTypeName(type)}: ${hint}`, { hint });
}
