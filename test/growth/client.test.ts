import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { type GrowthThreadOptions, type GrowthThreads, openGrowthThreads } from '../../src/growth/client.ts';
import type { EventChange } from '../../src/growth/contract.ts';
import type { GrowthVerdict } from '../../src/model/growth.ts';
import { openSqliteGrowth } from '../../src/store/sqlite/growth/growth.ts';
import { plain, told, usual } from '../support/growth-evaluation.ts';
import { bucketMs, firstBucket, floorsOf, leaky, steady } from '../support/growth-floors.ts';
import { storeDir } from '../support/store-dirs.ts';

const buckets = 60;
const usualChoices = { deny: [], live: [] };

function storeWith(workloads: number) {
  const dataDir = storeDir();
  const store = openSqliteGrowth({ dataDir, synchronous: 'normal' });
  for (let index = 0; index < workloads; index++) {
    const functions = index === 0 ? leaky : steady;
    store.saveFloors(bucketMs, 'live', floorsOf({ workload: `w${index}`, from: 0, to: buckets, functions }));
  }
  return { dataDir, store };
}

function threadsOn(dataDir: string, more: Partial<GrowthThreadOptions> = {}) {
  const verdicts: GrowthVerdict[] = [];
  const changes: EventChange[] = [];
  const threads = openGrowthThreads({
    dataDir,
    synchronous: 'normal',
    detector: usual,

    bounds: { workloads: 1000, series: 100_000 },
    onError: (error) => assert.fail(error),
    onJudged: (judged) => {
      verdicts.push(...judged.verdicts);
      changes.push(...judged.changes);
    },
    ...more,
  });
  return { threads, verdicts, changes };
}

async function judgeAll(threads: GrowthThreads, throughBucket = firstBucket + buckets - 1): Promise<void> {
  while ((await threads.evaluate({ throughBucket, choices: usualChoices })).isUnfinished);
}

const all = { fromMs: firstBucket * bucketMs, toMs: (firstBucket + buckets) * bucketMs };
const forever = new AbortController().signal;

/** The threads that begin while a test runs. */
function watchThreads(t: TestContext): readonly Worker[] {
  const begun: Worker[] = [];
  const note = (worker: Worker): number => begun.push(worker);
  process.on('worker', note);
  t.after(() => process.off('worker', note));
  return begun;
}

test('an evaluation tells verdicts and changes, then what it took', async () => {
  const { dataDir } = storeWith(3);
  const { threads, verdicts, changes } = threadsOn(dataDir);
  await using _ = threads;
  assert.equal(threads.isRunning, false);
  const answer = await threads.evaluate({ throughBucket: firstBucket + buckets - 1, choices: usualChoices });
  assert.deepEqual([answer.isUnfinished, answer.workloads, answer.series, answer.failures], [false, 3, 9, []]);
  assert.ok(answer.cpuMs > 0);
  assert.deepEqual(
    verdicts.map(({ workload }) => workload.workload).toSorted((a, b) => (a < b ? -1 : 1)),
    ['w0', 'w1', 'w2'],
  );
  assert.deepEqual(told(changes), ['5.833333333333333h opened heap w0']);
  assert.equal(threads.isRunning, true);
});

test('closing ends an evaluation between two commits; another collector goes on there', async () => {
  const { dataDir, store } = storeWith(150);
  const first = threadsOn(dataDir);
  const judging = first.threads.evaluate({ throughBucket: firstBucket + buckets - 1, choices: usualChoices });
  await first.threads[Symbol.asyncDispose]();
  assert.equal((await judging).isUnfinished, true);
  const second = threadsOn(dataDir);
  await using _ = second.threads;
  await judgeAll(second.threads);
  assert.equal(store.evaluations(bucketMs).length, 150);
  assert.deepEqual(told([...first.changes, ...second.changes]), ['5.833333333333333h opened heap w0']);
  await assert.rejects(first.threads.evaluate({ throughBucket: 1, choices: usualChoices }), { code: 'not_ready' });
});

test('a back-test has a thread of its own, which ends when nobody asks', async (t) => {
  const { dataDir } = storeWith(2);
  const begun = watchThreads(t);
  const { threads, changes } = threadsOn(dataDir, { idleMs: 1 });
  await using _ = threads;
  const { events, verdicts } = await threads.replay({ filter: {}, window: all, choices: usualChoices }, forever);
  assert.deepEqual(
    events.map(({ workload }) => workload.workload),
    ['w0'],
  );
  assert.equal(verdicts.length, 2);
  assert.equal(threads.isRunning, false);
  assert.ok(begun[0]);
  await once(begun[0], 'exit');
  const again = await threads.replay({ filter: { workload: 'w1' }, window: all, choices: usualChoices }, forever);
  assert.deepEqual(
    again.verdicts.map(({ workload }) => workload.workload),
    ['w1'],
  );
  // It saves nothing and tells nobody.
  assert.deepEqual(changes, []);
});

test('a back-test that nobody waits for ends, and the next one has its turn', async () => {
  const { dataDir } = storeWith(100);
  const { threads } = threadsOn(dataDir);
  await using _ = threads;
  const given = new AbortController();
  const first = threads.replay({ filter: {}, window: all, choices: usualChoices }, given.signal);
  const second = threads.replay({ filter: {}, window: all, choices: usualChoices }, given.signal);
  const third = threads.replay({ filter: { workload: 'w0' }, window: all, choices: usualChoices }, forever);
  given.abort(new Error('the client went away'));
  await assert.rejects(first, /the client went away/);
  await assert.rejects(second, /the client went away/);
  assert.equal((await third).verdicts.length, 1);
  await assert.rejects(threads.replay({ filter: {}, window: all, choices: usualChoices }, given.signal), /went away/);
});

test('too many workloads, and too many who ask, are refused', async () => {
  const { dataDir } = storeWith(101);
  const { threads } = threadsOn(dataDir);
  await using _ = threads;
  await assert.rejects(threads.replay({ filter: {}, window: all, choices: usualChoices }, forever), {
    code: 'query_too_large',
    message: '101 workloads are asked for: 100 may be judged again at a time',
  });
  const given = new AbortController();
  const asked = Array.from({ length: 9 }, () =>
    threads.replay({ filter: { workload: 'w1' }, window: all, choices: usualChoices }, given.signal).then(
      () => 'answered',
      (error: { code: string }) => error.code,
    ),
  );
  const answers = await Promise.all(asked);
  assert.deepEqual(answers, [...Array.from({ length: 8 }, () => 'answered'), 'busy']);
});

test('profiles and forgetting go through the thread, after what was asked before', async () => {
  const { dataDir, store } = storeWith(1);
  const { threads, changes } = threadsOn(dataDir);
  await using _ = threads;
  await judgeAll(threads);
  const event = changes[0]?.event.id ?? '';
  const compare = { fromMs: 1, toMs: 2 };
  await threads.saveProfiles({
    event,
    windows: { base: undefined, compare },
    profiles: { compare: Buffer.from('pb') },
  });
  assert.deepEqual(plain(store.event(event)?.profiles), { compare });
  assert.equal(Buffer.from(store.eventProfile(event, 'compare') ?? []).toString(), 'pb');
  while (await threads.prune((firstBucket + buckets + 1) * bucketMs, 0));
  assert.deepEqual(store.workloads({ bucketMs, from: 0, to: firstBucket + buckets }), []);
  await assert.rejects(threads.saveProfiles({ event: 'none', windows: { base: undefined, compare }, profiles: {} }), {
    code: 'not_found',
  });
});

test('when the thread dies the evaluation fails, and the next one begins another', async () => {
  const { dataDir } = storeWith(1);
  const workerUrl = new URL('../support/compaction-worker-fault.ts', import.meta.url);
  const { threads } = threadsOn(dataDir, { workerUrl });
  await using _ = threads;
  await assert.rejects(
    threads.evaluate({ throughBucket: 1, choices: usualChoices }),
    /a fault that the test put there/,
  );
  assert.equal(threads.isRunning, false);
  await assert.rejects(
    threads.evaluate({ throughBucket: 1, choices: usualChoices }),
    /a fault that the test put there/,
  );
});
