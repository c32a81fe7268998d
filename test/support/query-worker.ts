import { workerData } from 'node:worker_threads';
import type { Answer } from '../../src/query/engine.ts';
import { moveAnswer } from '../../src/query/move-answer.ts';
import { QuestionAllowance, QuestionCancelled } from '../../src/query/question-allowance.ts';
import type { AskedQuestion, QueryWorkerData } from '../../src/query/worker-data.ts';

const { dataDir, control, questionBytes } = workerData as QueryWorkerData;
const allowance = new QuestionAllowance(control, questionBytes);
/** Questions that this thread has begun, as told by `{act="count"}`. */
let begun = 0;

/**
 * A query thread without a store. What it does is written in the question: a merge of `{act="spin"}` never ends, of
 * `{act="work"}` never ends by itself but stops when told to, of `{act="hoard"}` takes all memory, of `{act="fail"}` is a
 * fault, of `{act="count"}` is answered by how many questions the thread was asked; all else by the data directory's name.
 */
export function ask({ number, question }: AskedQuestion): Answer {
  allowance.start(number);
  begun++;
  const what = question.kind === 'merge' ? (question.selector.matchers.at(-1)?.value ?? '') : '';
  try {
    act(what);
  } catch (error) {
    if (!(error instanceof QuestionCancelled)) throw error;
  }
  const text = what === 'count' ? String(begun) : dataDir;
  return moveAnswer({ kind: 'answer', contentType: 'text/plain', body: Buffer.from(text) });
}

function act(what: string): void {
  const hoard: unknown[] = [];
  if (what === 'fail') throw new Error('a broken invariant');
  if (what === 'spin') for (;;);
  if (what === 'work') for (;;) allowance.check();
  if (what === 'hoard') for (;;) hoard.push(Array.from({ length: 1000 }, (_, i) => [i]));
}
