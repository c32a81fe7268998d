import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer, ListQuestion, MergeQuestion, QueryEngine } from '../../src/query/engine.ts';
import { type QueryPoolOptions, startQueryPool } from '../../src/query/pool.ts';
import { aroundNoon, mergeQuestion } from '../support/query-ask.ts';

const list: ListQuestion = { kind: 'labels', matchers: [], window: aroundNoon, limit: 1, cursor: undefined };
const merge = (act: string): MergeQuestion => mergeQuestion(`cpu{act="${act}"}`);

function startPool(options: Partial<QueryPoolOptions> = {}): QueryEngine {
  return startQueryPool({
    dataDir: 'the data',
    workerUrl: new URL('../support/query-worker.ts', import.meta.url),
    onFault: (error) => assert.fail(error),
    ...options,
  });
}

function textOf(answer: Answer): string {
  return answer.kind === 'answer'
    ? new TextDecoder().decode(answer.body)
    : `${answer.error.code}: ${answer.error.message}`;
}

test('answers cross from the threads whole', async () => {
  await using pool = startPool();
  assert.equal(textOf(await pool.ask(list)), 'the data');
  assert.equal(textOf(await pool.ask(merge('answer'))), 'the data');
});

test('a merge that never ends holds up neither lists nor the next merge, and stops when its client goes', async () => {
  await using pool = startPool();
  const client = new AbortController();
  const endless = pool.ask(merge('spin'), client.signal);
  assert.equal(textOf(await pool.ask(merge('answer'))), 'the data');
  const another = pool.ask(merge('spin'), client.signal);
  assert.equal(textOf(await pool.ask(list)), 'the data');

  client.abort(new Error('the client went'));
  await assert.rejects(endless, { message: 'the client went' });
  await assert.rejects(another, { message: 'the client went' });
  assert.equal(textOf(await pool.ask(merge('answer'))), 'the data');
});

test('a question whose client has gone is not begun', async () => {
  await using pool = startPool();
  await assert.rejects(pool.ask(list, AbortSignal.abort(new Error('gone'))), { message: 'gone' });
});

test('one more than may wait is told to come back', async () => {
  await using pool = startPool({ threads: 1, maxQueued: 1 });
  const client = new AbortController();
  const running = pool.ask(merge('spin'), client.signal);
  const waiting = pool.ask(merge('spin'), client.signal);
  assert.equal(textOf(await pool.ask(merge('answer'))), 'busy: too many questions are waiting (1)');
  client.abort();
  await assert.rejects(running);
  await assert.rejects(waiting);
});

test('a question that takes too long is stopped', async () => {
  await using pool = startPool({ timeoutMs: 20 });
  assert.equal(textOf(await pool.ask(merge('spin'))), 'query_timeout: the question was stopped after 20ms');
});

test('a question that takes too much memory is stopped, and the next is answered', async () => {
  await using pool = startPool({ maxHeapBytes: 16 * 1024 ** 2 });
  assert.equal(
    textOf(await pool.ask(merge('hoard'))),
    'query_too_large: the question needs more than the 16MiB of memory that it may take',
  );
  assert.equal(textOf(await pool.ask(merge('answer'))), 'the data');
});

test('a fault of ours rejects', async () => {
  await using pool = startPool();
  await assert.rejects(pool.ask(merge('fail')), { message: 'a broken invariant' });
});
