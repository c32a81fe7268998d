import { workerData } from 'node:worker_threads';
import { FlameherdError } from '../model/errors.ts';
import { joinSelfProfile } from '../observe/self-profile-worker.ts';
import type { ProfileReader } from '../store/profile-store.ts';
import { openSqliteReader } from '../store/sqlite/reader.ts';
import type { Answer, Question } from './engine.ts';
import { answerQuestion } from './engine-local.ts';
import { moveAnswer } from './move-answer.ts';
import type { QueryWorkerData } from './worker-data.ts';

/**
 * The entry of a query thread: piscina calls `ask` with one question at a time. The thread opens the store with its first
 * question and keeps it open; the thread's end closes it.
 */
let reader: ProfileReader | undefined;
joinSelfProfile('query');

/** Expected failures are answers. The body is moved to the asking thread, not copied. */
export function ask(question: Question): Answer {
  try {
    reader ??= openReader(workerData as QueryWorkerData);
  } catch (error) {
    if (error instanceof FlameherdError) return { kind: 'error', error: error.toPlain() };
    throw error;
  }
  return moveAnswer(answerQuestion(reader, question, Date.now()));
}

function openReader({ dataDir, maxCachedNodes }: QueryWorkerData): ProfileReader {
  return openSqliteReader({ dataDir, ...(maxCachedNodes === undefined ? {} : { maxCachedNodes }) });
}
