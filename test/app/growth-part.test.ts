import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { dueBucket, type Growth, openGrowth } from '../../src/app/growth.ts';
import { configOf } from '../../src/config/load.ts';
import type { EventChange } from '../../src/growth/contract.ts';
import type { GrowthEvent } from '../../src/model/growth.ts';
import { day, minute, second } from '../../src/model/units.ts';
import { silentLogger } from '../../src/observe/logger.ts';
import type { Answer } from '../../src/query/engine.ts';
import { openSqliteGrowth } from '../../src/store/sqlite/growth/growth.ts';
import { openSqliteState } from '../../src/store/sqlite/state.ts';
import { told } from '../support/growth-evaluation.ts';
import { bucketMs, firstBucket, floorsOf, leaky, steady } from '../support/growth-floors.ts';
import { storeDir } from '../support/store-dirs.ts';

const at = (bucket: number): number => (firstBucket + bucket) * bucketMs + minute;

/** A collector's growth over a store of its own; `open` is what a restart makes of it. */
function scene(t: TestContext, config: object = {}) {
  const dataDir = storeDir();
  const store = openSqliteGrowth({ dataDir, synchronous: 'normal' });
  const state = openSqliteState({ dataDir, synchronous: 'normal' });
  const clock = { ms: at(0) };
  const calls: string[] = [];
  const lines: string[] = [];
  const changes: EventChange[] = [];
  let openNow: readonly GrowthEvent[] = [];
  const open = (): Growth => {
    const growth = openGrowth({
      config: configOf([{ data: dataDir, growth: config }]).config,
      state,
      ingest: { saveFloors: async () => void calls.push('saveFloors') },
      query: {
        ask: async (): Promise<Answer> => ({ kind: 'answer', contentType: 'x', body: Buffer.from('merged') }),
      },
      targets: () => [],
      tellers: {
        tell: (news, all) => {
          changes.push(...news);
          openNow = all;
          calls.push('tell');
        },
        numbers: () => ({ webhookFailures: 0, kubernetesEventsDropped: 0 }),
      },
      linkOf: ({ id }) => `http://flameherd/a/${id}`,
      functionName: () => undefined,
      logger: {
        ...silentLogger,
        info: (message) => void lines.push(`info ${message}`),
        warn: (message) => void lines.push(`warn ${message}`),
        error: (message) => void lines.push(`error ${message}`),
      },
      now: () => clock.ms,
    });
    t.after(() => growth[Symbol.asyncDispose]());
    return growth;
  };
  const threads = (): number => begun.length;
  const begun: unknown[] = [];
  const note = (worker: unknown): number => begun.push(worker);
  process.on('worker', note);
  t.after(() => process.off('worker', note));
  return { store, clock, calls, lines, changes, open, threads, openNow: () => openNow };
}

const tierOf = (growth: Growth, workload: string) =>
  growth.verdicts({ workload })[0]?.signals.find(({ signal }) => signal === 'heap')?.tier;

test('a bucket is judged a moment after its end: half a minute, or a twentieth of a short one', () => {
  const end = (firstBucket + 1) * bucketMs;
  assert.deepEqual(
    [dueBucket(end + 29 * second, bucketMs), dueBucket(end + 30 * second, bucketMs)],
    [firstBucket - 1, firstBucket],
  );
  assert.deepEqual([dueBucket(10_049, 1000), dueBucket(10_050, 1000)], [8, 9]);
});

test('nothing came: no thread begins, and it is known that all is judged', async (t) => {
  const { clock, calls, open, threads } = scene(t);
  const growth = open();
  clock.ms = at(5);
  await growth.run();
  await growth.run();
  assert.deepEqual(calls, ['saveFloors', 'tell']);
  assert.equal(threads(), 0);
  assert.deepEqual(growth.status, {
    enabled: true,
    bucketMs,
    evaluatedMs: (firstBucket + 5) * bucketMs,
    workloads: 0,
  });
});

test('what is found is told, counted, logged and kept with profiles; after a restart it stands at once', async (t) => {
  const { store, clock, lines, changes, open, openNow } = scene(t);
  store.saveFloors(bucketMs, 'live', floorsOf({ workload: 'leaky', from: 0, to: 60, functions: leaky }));
  store.saveFloors(bucketMs, 'live', floorsOf({ workload: 'quiet', from: 0, to: 60, functions: steady }));
  clock.ms = at(50);
  const growth = open();
  await growth.run();
  assert.deepEqual([tierOf(growth, 'leaky'), tierOf(growth, 'quiet')], ['suspected', undefined]);
  assert.deepEqual(told(changes), ['5.833333333333333h opened heap leaky']);
  assert.deepEqual(
    openNow().map(({ workload }) => workload.workload),
    ['leaky'],
  );
  const { evaluations, cpuMs, workloads, openEvents, failures } = growth.numbers();
  assert.deepEqual([evaluations, workloads, openEvents.heap, failures], [1, 2, 1, 0]);
  assert.ok(cpuMs > 0);
  assert.match(lines.join('\n'), /^info The live heap of shop\/leaky \(app\) is growing\./);
  // Closing waits for the profiles that are being made, or leaves them to the next start.
  await growth[Symbol.asyncDispose]();

  const again = open();
  assert.equal(tierOf(again, 'leaky'), 'suspected');
  assert.equal(again.status.evaluatedMs, (firstBucket + 50) * bucketMs);
  assert.equal(again.numbers().openEvents.heap, 1);
  clock.ms = at(51);
  await again.run();
  const id = changes[0]?.event.id ?? '';
  for (let tries = 0; again.event(id)?.profiles === undefined && tries < 200; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(Buffer.from(again.eventProfile(id, 'compare') ?? []).toString(), 'merged');
  assert.equal(changes.length, 1);
});

test('the past is judged again as it was judged then', async (t) => {
  const { store, clock, open } = scene(t);
  store.saveFloors(bucketMs, 'live', floorsOf({ workload: 'leaky', from: 0, to: 60, functions: leaky }));
  const growth = open();
  clock.ms = at(45);
  await growth.run();
  const then = growth.verdicts({});
  clock.ms = at(60);
  await growth.run();
  const { signal } = new AbortController();
  assert.deepEqual(await growth.verdictsAt({}, (firstBucket + 45) * bucketMs + 5, signal), then);
  const { events } = await growth.backtest({}, { fromMs: at(0), toMs: at(60) }, signal);
  assert.deepEqual(
    events.map(({ id }) => id),
    growth.events({ limit: 10 }).map(({ id }) => id),
  );
});

test('switched off there is no thread and no verdict, and what is old is still forgotten', async (t) => {
  const { store, clock, calls, open, threads } = scene(t, { enabled: false });
  store.saveFloors(bucketMs, 'live', floorsOf({ workload: 'leaky', from: 0, to: 60, functions: leaky }));
  const growth = open();
  clock.ms = at(50);
  await growth.run();
  assert.deepEqual([calls, threads(), growth.verdicts({})], [[], 0, []]);
  assert.deepEqual([growth.status.enabled, growth.status.workloads], [false, 0]);
  clock.ms = at(60) + 35 * day;
  await growth.prune();
  assert.deepEqual(store.workloads({ bucketMs, from: 0, to: firstBucket + 100 }), []);
});

test('a matcher that cannot be read keeps the collector from starting', (t) => {
  const { open } = scene(t, { deny: ['{namespace='] });
  assert.throws(open, { code: 'bad_config', message: /^growth\.deny: "\{namespace=": / });
});
