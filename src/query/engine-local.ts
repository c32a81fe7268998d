import { assertNever, FlameherdError } from '../model/errors.ts';
import type { UnixMs } from '../model/units.ts';
import { unlimited } from '../store/allowance.ts';
import type { ProfileReader } from '../store/profile-store.ts';
import { readerWithin } from '../store/reader-within.ts';
import { answerDiff } from './diff/answer-diff.ts';
import type { Answer, Question } from './engine.ts';
import { jsonAnswer, writeJson } from './json.ts';
import { answerList, answerProfiles } from './lists.ts';
import { answerMerge } from './merge.ts';
import { QuestionTooLarge } from './question-allowance.ts';
import { answerRange } from './range.ts';
import { answerRollouts } from './rollouts/answer.ts';
import { answerScrapes } from './scrapes/answer.ts';
import { answerProfile } from './single-profile.ts';
import { tooLargeError } from './too-large.ts';
import type { WorkAllowance } from './work-allowance.ts';

/**
 * Answers a question; expected failures are answers too. `allowance`: that of the reader, for the work after reading. What is
 * outside of the namespaces of the question is put out of sight here, once for all that an answer is made of.
 */
export function answerQuestion(
  reader: ProfileReader,
  question: Question,
  nowMs: UnixMs,
  allowance: WorkAllowance = unlimited,
): Answer {
  const { namespaces } = question;
  const seen = namespaces === undefined ? reader : readerWithin(reader, namespaces);
  const answered = answerOrError(seen, question, nowMs, allowance);
  const damage = reader.takeDamage();
  return damage.length === 0 ? answered : { ...answered, damage };
}

function answerOrError(reader: ProfileReader, question: Question, nowMs: UnixMs, allowance: WorkAllowance): Answer {
  try {
    return answer(reader, question, nowMs, allowance);
  } catch (error) {
    if (error instanceof QuestionTooLarge) {
      return { kind: 'error', error: tooLargeError(reader, question, error, nowMs).toPlain() };
    }
    if (error instanceof FlameherdError) return { kind: 'error', error: error.toPlain() };
    throw error;
  }
}

function answer(reader: ProfileReader, question: Question, nowMs: UnixMs, allowance: WorkAllowance): Answer {
  switch (question.kind) {
    case 'merge':
      return answerMerge(reader, question, nowMs, allowance);
    case 'diff':
      return answerDiff(reader, question, nowMs, allowance);
    case 'range':
      return answerRange(reader, question, nowMs, allowance);
    case 'profile-types':
    case 'labels':
    case 'label-values':
    case 'series':
      return answerList(reader, question, nowMs);
    case 'profiles':
      return answerProfiles(reader, question, nowMs);
    case 'scrapes':
      return answerScrapes(reader, question, nowMs);
    case 'profile':
      return answerProfile(reader, question.id, allowance);
    case 'rollouts':
      return answerRollouts(reader, question, nowMs);
    case 'store-stats':
      return jsonAnswer(writeJson({ ...reader.stats() }));
    default:
      return assertNever(question);
  }
}
