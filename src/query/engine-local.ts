import { assertNever, FlameherdError } from '../model/errors.ts';
import type { UnixMs } from '../model/units.ts';
import type { ProfileReader } from '../store/profile-store.ts';
import type { Answer, QueryEngine, Question } from './engine.ts';
import { jsonAnswer, writeJson } from './json.ts';
import { answerList, answerProfiles } from './lists.ts';
import { answerMerge } from './merge.ts';
import { answerRange } from './range.ts';
import { answerProfile } from './single-profile.ts';

export interface LocalEngineOptions {
  readonly now: () => UnixMs;
}

/**
 * Answers in this thread, one question at a time; `signal` is looked at before the work begins, for nothing can stop it later.
 * Owns the reader. What is no expected failure rejects.
 */
export function createQueryEngine(reader: ProfileReader, options: LocalEngineOptions): QueryEngine {
  return {
    async ask(question, signal) {
      signal?.throwIfAborted();
      return answerQuestion(reader, question, options.now());
    },
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}

/** Answers a question; expected failures are answers too. */
export function answerQuestion(reader: ProfileReader, question: Question, nowMs: UnixMs): Answer {
  try {
    return answer(reader, question, nowMs);
  } catch (error) {
    if (error instanceof FlameherdError) return { kind: 'error', error: error.toPlain() };
    throw error;
  }
}

function answer(reader: ProfileReader, question: Question, nowMs: UnixMs): Answer {
  switch (question.kind) {
    case 'merge':
      return answerMerge(reader, question, nowMs);
    case 'range':
      return answerRange(reader, question, nowMs);
    case 'profile-types':
    case 'labels':
    case 'label-values':
    case 'series':
      return answerList(reader, question, nowMs);
    case 'profiles':
      return answerProfiles(reader, question, nowMs);
    case 'profile':
      return answerProfile(reader, question.id);
    case 'store-stats':
      return jsonAnswer(writeJson({ ...reader.stats() }));
    default:
      return assertNever(question);
  }
}
