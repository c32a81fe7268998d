import { workerData } from 'node:worker_threads';
import type { Answer, Question } from '../../src/query/engine.ts';
import { moveAnswer } from '../../src/query/move-answer.ts';
import type { QueryWorkerData } from '../../src/query/worker-data.ts';

/**
 * A query thread without a store. What it does is written in the question: a merge of `{act="spin"}` never ends, of
 * `{act="hoard"}` takes all memory, of `{act="fail"}` is a fault; all else is answered by the data directory's name.
 */
export function ask(question: Question): Answer {
  if (question.kind === 'merge') act(question.selector.matchers[0]?.value ?? '');
  return moveAnswer({
    kind: 'answer',
    contentType: 'text/plain',
    body: Buffer.from((workerData as QueryWorkerData).dataDir),
  });
}

function act(what: string): void {
  const hoard: unknown[] = [];
  if (what === 'fail') throw new Error('a broken invariant');
  if (what === 'spin') for (;;);
  if (what === 'hoard') for (;;) hoard.push(Array.from({ length: 1000 }, (_, i) => [i]));
}
