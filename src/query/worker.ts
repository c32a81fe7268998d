import { workerData } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { FlameherdError } from '../model/errors.ts';
import type { ProfileReader } from '../store/profile-store.ts';
import { openSqliteReader } from '../store/sqlite/reader.ts';
import type { Answer, Question } from './engine.ts';
import { answerQuestion } from './engine-local.ts';
import type { QueryWorkerData } from './worker-data.ts';

/**
 * The entry of a query thread: piscina calls `ask` with one question at a time. The thread opens the store with its first
 * question and keeps it open; the thread's end closes it.
 */
let reader: ProfileReader | undefined;

/** Expected failures are answers. The body is moved to the asking thread, not copied. */
export function ask(question: Question): Answer {
  try {
    reader ??= openReader(workerData as QueryWorkerData);
  } catch (error) {
    if (error instanceof FlameherdError) return { kind: 'error', error: error.toPlain() };
    throw error;
  }
  return moved(answerQuestion(reader, question, Date.now()));
}

function openReader({ dataDir, maxCachedNodes }: QueryWorkerData): ProfileReader {
  return openSqliteReader({ dataDir, ...(maxCachedNodes === undefined ? {} : { maxCachedNodes }) });
}

/** piscina unwraps what it moves, so the other side sees the answer as it is. */
function moved(answer: Answer): Answer {
  if (answer.kind === 'error') return answer;
  // A small Buffer shares its memory with others: moving that would take theirs along.
  const isWhole = answer.body.byteLength === answer.body.buffer.byteLength;
  const whole: Answer = isWhole ? answer : { ...answer, body: new Uint8Array(answer.body) };
  return move({ [transferableSymbol]: [whole.body.buffer], [valueSymbol]: whole }) as unknown as Answer;
}
