import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlameherdError } from '../../src/model/errors.ts';
import type { Answer, ListQuestion, MergeQuestion } from '../../src/query/engine.ts';
import { type QueryPool, type QueryPoolOptions, startQueryPool } from '../../src/query/pool.ts';
import { aroundNoon, mergeQuestion } from '../support/query-ask.ts';

const list: ListQuestion = { kind: 'labels', matchers: [], window: aroundNoon, limit: 1, cursor: undefined };
/** A question about everything, and what the thread is to do about it. */
const wide = (act: string): MergeQuestion => mergeQuestion(`cpu{act="${act}"}`);
/** The same about one workload. */
const small = (act: string): MergeQuestion => mergeQuestion(`cpu{workload="checkout",act="${act}"}`);

function startPool(options: Partial<QueryPoolOptions> = {}): QueryPool {
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

/** Why a question was not answered. */
async function reasonOf(asked: Promise<Answer>): Promise<string> {
  return asked.then(textOf, (error: Error) => error.message);
}

test('answers cross from the threads whole', async () => {
  await using pool = startPool();
  for (const question of [list, small('answer'), wide('answer')]) {
    assert.equal(textOf(await pool.ask(question)), 'the data');
  }
});

test('while a huge question runs, small ones and lists are answered', async () => {
  await using pool = startPool();
  const client = new AbortController();
  const huge = pool.ask(wide('spin'), client.signal);
  const waiting = pool.ask(wide('answer'));
  const answers = await Promise.all(Array.from({ length: 50 }, () => pool.ask(small('answer'))));
  assert.deepEqual(new Set(answers.map(textOf)), new Set(['the data']));
  assert.equal(textOf(await pool.ask(list)), 'the data');
  assert.deepEqual(pool.numbers().lanes, {
    lists: { running: 0, waiting: 0 },
    small: { running: 0, waiting: 0 },
    wide: { running: 1, waiting: 1 },
  });
  client.abort(new Error('the client went'));
  await assert.rejects(huge, { message: 'the client went' });
  assert.equal(textOf(await waiting), 'the data');
});

test('a question that seemed small and takes long does not make the next one wait', async () => {
  await using pool = startPool({ longMs: 30 });
  const client = new AbortController();
  const all = [wide('work'), small('work'), small('work')].map((question) => pool.ask(question, client.signal));
  assert.equal(textOf(await pool.ask(small('answer'))), 'the data');
  assert.equal(textOf(await pool.ask(list)), 'the data');
  client.abort(new Error('gone'));
  assert.deepEqual(new Set(await Promise.all(all.map(reasonOf))), new Set(['gone']));
});

test('a question that stops when told to leaves its thread as it was', async () => {
  await using pool = startPool({ stopMs: 60_000 });
  assert.equal(textOf(await pool.ask(wide('count'))), '1');
  const client = new AbortController();
  const stopped = pool.ask(wide('work'), client.signal);
  client.abort(new Error('gone'));
  await assert.rejects(stopped, { message: 'gone' });
  assert.equal(textOf(await pool.ask(wide('count'))), '3');
  assert.equal(pool.numbers().threadsEnded, 0);
  assert.equal(pool.numbers().ended.cancelled, 1);
});

test('a question that does not stop takes its thread with it, and another begins', async () => {
  await using pool = startPool({ stopMs: 20 });
  assert.equal(textOf(await pool.ask(wide('count'))), '1');
  const client = new AbortController();
  const stuck = pool.ask(wide('spin'), client.signal);
  client.abort(new Error('gone'));
  await assert.rejects(stuck, { message: 'gone' });
  assert.equal(textOf(await pool.ask(wide('count'))), '1');
  assert.equal(pool.numbers().threadsEnded, 1);
});

test('a question whose client has gone is not begun', async () => {
  await using pool = startPool({ stopMs: 60_000 });
  assert.equal(textOf(await pool.ask(wide('count'))), '1');
  await assert.rejects(pool.ask(list, AbortSignal.abort(new Error('gone'))), { message: 'gone' });
  const [running, waiting] = [new AbortController(), new AbortController()];
  const before = pool.ask(wide('work'), running.signal);
  const behind = pool.ask(wide('count'), waiting.signal);
  waiting.abort(new Error('gone as well'));
  await assert.rejects(behind, { message: 'gone as well' });
  running.abort(new Error('gone'));
  await assert.rejects(before, { message: 'gone' });
  assert.equal(textOf(await pool.ask(wide('count'))), '3');
});

test('one more than may wait is told to come back, in its lane only', async () => {
  await using pool = startPool({ maxQueued: 1 });
  const client = new AbortController();
  const running = pool.ask(wide('work'), client.signal);
  const waiting = pool.ask(wide('work'), client.signal);
  assert.equal(textOf(await pool.ask(wide('answer'))), 'busy: too many questions are waiting (1)');
  assert.equal(textOf(await pool.ask(small('answer'))), 'the data');
  assert.equal(pool.numbers().ended.busy, 1);
  client.abort(new Error('gone'));
  assert.deepEqual(await Promise.all([running, waiting].map(reasonOf)), ['gone', 'gone']);
});

test('a question that takes too long is stopped', async () => {
  await using pool = startPool({ timeoutMs: 20 });
  for (const act of ['spin', 'work']) {
    assert.equal(textOf(await pool.ask(wide(act))), 'query_timeout: the question was stopped after 20ms');
  }
  assert.equal(pool.numbers().ended.timeout, 2);
});

test('a question that is stopped because it took too long counts as that, whoever looked at the clock', async () => {
  await using pool = startPool();
  const tooLong = new FlameherdError('query_timeout', 'the query took longer than 1m');
  const reasons = [tooLong, new Error('gone')].map((reason) => {
    const asking = new AbortController();
    const asked = reasonOf(pool.ask(wide('work'), asking.signal));
    asking.abort(reason);
    return asked;
  });
  assert.deepEqual(await Promise.all(reasons), [tooLong.message, 'gone']);
  const { timeout, cancelled } = pool.numbers().ended;
  assert.deepEqual({ timeout, cancelled }, { timeout: 1, cancelled: 1 });
});

test('a question that outgrows its thread is stopped, and the next is answered', async () => {
  await using pool = startPool({ maxHeapBytes: 16 * 1024 ** 2 });
  assert.equal(
    textOf(await pool.ask(wide('hoard'))),
    'query_too_large: the question needs more than the 16MiB of memory that it may take',
  );
  assert.equal(textOf(await pool.ask(wide('answer'))), 'the data');
  assert.equal(pool.numbers().ended.too_large, 1);
});

test('a question whose thread cannot begin is a fault that says why, and so is the next', async () => {
  await using pool = startPool({ workerUrl: new URL('no-such-worker.ts', import.meta.url) });
  for (const question of [wide('answer'), wide('answer'), list]) {
    await assert.rejects(pool.ask(question), { code: 'internal', message: /could not begin: .*no-such-worker\.ts/ });
  }
  assert.equal(pool.numbers().threadsEnded, 0);
});

test('a fault of ours rejects', async () => {
  await using pool = startPool();
  await assert.rejects(pool.ask(wide('fail')), { message: 'a broken invariant' });
});
