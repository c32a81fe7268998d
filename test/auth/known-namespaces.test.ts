import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { KnownNamespaces, maxNamespaces, namespaceSources } from '../../src/app/known-namespaces.ts';
import { silentLogger } from '../../src/observe/logger.ts';

function known(live: Iterable<string>, stored: () => Promise<Iterable<string>>) {
  const clock = { ms: 0 };
  let asked = 0;
  const sources = { live: () => live, stored: () => (asked++, stored()) };
  const namespaces = new KnownNamespaces(sources, () => clock.ms, silentLogger);
  return { clock, namespaces, asked: () => asked, names: async () => [...(await namespaces.all())].sort() };
}

test('what is live and what is stored count together, each once, and no namespace is none', async () => {
  const { namespaces, names } = known(['shop', 'bank', 'shop', ''], async () => ['old', 'shop', '']);
  assert.deepEqual(await names(), ['bank', 'old', 'shop']);
  assert.equal(namespaces.count, 3);
});

test('what is live counts within seconds, what is stored within half a minute, and nobody waits for it', async () => {
  const [live, stored] = [['shop'], ['old']];
  const { clock, names, asked } = known(live, async () => stored);
  await names();
  live.push('new');
  stored.push('uploaded');
  clock.ms += 4999;
  assert.deepEqual(await names(), ['old', 'shop']);
  clock.ms += 1;
  assert.deepEqual(await names(), ['new', 'old', 'shop']);
  assert.equal(asked(), 1);
  clock.ms += 25_000;
  assert.deepEqual(await names(), ['new', 'old', 'shop']);
  await setImmediate();
  assert.deepEqual(await names(), ['new', 'old', 'shop', 'uploaded']);
  assert.equal(asked(), 2);
});

test('after a quiet time the store is waited for, and asked once by all who come', async () => {
  const stored = ['old'];
  const { clock, names, asked } = known([], async () => stored);
  await names();
  stored[0] = 'newer';
  clock.ms += 300_000;
  assert.deepEqual(await Promise.all([names(), names()]), [['newer'], ['newer']]);
  assert.equal(asked(), 2);
});

test('a store that does not answer changes nothing; at first nobody can be told', async () => {
  let answer = async (): Promise<string[]> => Promise.reject(new Error('busy'));
  const { clock, names } = known(['shop'], () => answer());
  await assert.rejects(names(), { code: 'auth_unavailable', status: 503 });
  answer = async () => ['old'];
  assert.deepEqual(await names(), ['old', 'shop']);
  answer = async () => Promise.reject(new Error('busy'));
  clock.ms += 300_000;
  assert.deepEqual(await names(), ['old', 'shop']);
});

test('of more than a bound only so many count', async () => {
  const { namespaces } = known([], async () => Array.from({ length: maxNamespaces + 5 }, (_, i) => `n${i}`));
  assert.equal((await namespaces.all()).size, maxNamespaces);
});

test('namespaces come of targets, live workloads, pauses, findings and all that is stored', async () => {
  const of = (namespace: string) => ({ workload: { namespace } }) as never;
  const body = Buffer.from(JSON.stringify({ values: ['stored'] }));
  const asked: unknown[] = [];
  const sources = namespaceSources({
    pool: { targets: () => [{ labels: { namespace: 'target' } }, { labels: {} }] as never },
    numbers: { workloads: [of('live')] },
    pauses: {
      all: () => [
        { namespace: 'paused', workload: undefined },
        { namespace: undefined, workload: undefined },
      ],
    },
    growth: { events: () => [of('event')], verdicts: () => [of('judged')] },
    query: {
      ask: async (question) => {
        asked.push(question);
        return { kind: 'answer', contentType: 'application/json', body };
      },
    },
    now: () => 1000,
  });
  const namespaces = new KnownNamespaces(sources, () => 0, silentLogger);
  assert.deepEqual([...(await namespaces.all())].sort(), ['event', 'judged', 'live', 'paused', 'stored', 'target']);
  assert.deepEqual(asked, [
    {
      kind: 'label-values',
      name: 'namespace',
      matchers: [],
      window: { fromMs: 0, toMs: 601_000 },
      limit: maxNamespaces,
      cursor: undefined,
    },
  ]);
});
