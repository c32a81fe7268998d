import { workerData } from 'node:worker_threads';
import { FlameherdError } from '../model/errors.ts';
import { keepHeapSmall } from '../observe/give-back.ts';
import { joinSelfProfile } from '../observe/self-profile-worker.ts';
import { openSqliteReader } from '../store/sqlite/reader.ts';
import type { Answer } from './engine.ts';
import { answerQuestion } from './engine-local.ts';
import { moveAnswer } from './move-answer.ts';
import { QuestionAllowance, QuestionCancelled } from './question-allowance.ts';
import { type CountedReader, countedReader } from './spent.ts';
import type { AskedQuestion, QueryWorkerData } from './worker-data.ts';

/**
 * The entry of a query thread: piscina calls `ask` with one question at a time. The thread opens the store with its first
 * question and keeps it open; the thread's end closes it.
 */
const { dataDir, maxCachedNodes, questionBytes, control } = workerData as QueryWorkerData;
const allowance = new QuestionAllowance(control, questionBytes);
let counted: CountedReader | undefined;
joinSelfProfile('query');
keepHeapSmall();

/** Expected failures are answers. The body is moved to the asking thread, not copied. */
export function ask({ number, question }: AskedQuestion): Answer {
  allowance.start(number);
  try {
    counted ??= countedReader(openSqliteReader({ dataDir, maxCachedNodes, allowance }));
    counted.take();
    const answer = answerQuestion(counted.reader, question, Date.now(), allowance);
    return moveAnswer({ ...answer, spent: counted.take() });
  } catch (error) {
    if (error instanceof FlameherdError) return { kind: 'error', error: error.toPlain() };
    if (error instanceof QuestionCancelled) return cancelled;
    throw error;
  }
}

/** Nobody reads it. */
const cancelled: Answer = { kind: 'error', error: { code: 'query_timeout', message: 'the question was cancelled' } };
