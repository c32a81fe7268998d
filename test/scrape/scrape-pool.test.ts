import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Target } from '../../src/model/target.ts';
import { safetyCheck } from '../../src/scrape/safety.ts';
import { defaultScrapeLimits, ScrapePool, type ScrapePoolOptions } from '../../src/scrape/scrape-pool.ts';
import { TransportBook } from '../../src/scrape/transport-book.ts';
import { DirectTransport } from '../../src/scrape/transports/direct.ts';
import type { FetchReply } from '../../src/scrape/transports/transport.ts';
import { byPath, goBusy, startPprofServer } from '../support/pprof-server.ts';
import { mockClock, settle } from '../support/scrape-clock.ts';
import {
  bodyOf,
  collectingIngest,
  type FakeReply,
  FakeTransport,
  gzipMagic,
  localTarget,
  specOf,
  storedOutcome,
  targetOf,
} from '../support/scrape-targets.ts';

const start = 1_700_000_000_000;
const minute = 60_000;

function poolOf(t: TestContext, options: Partial<ScrapePoolOptions> = {}, reply: () => FakeReply = () => bodyOf()) {
  const clock = mockClock(t, start);
  const transport = new FakeTransport(reply);
  const { jobs, ingest } = collectingIngest();
  const pool = new ScrapePool({
    collectorId: 'collector',
    transports: new TransportBook({ transports: [transport] }),
    ingest,
    ...options,
  });
  t.after(() => pool.close());
  return { clock, pool, transport, jobs };
}

function pods(count: number, change: (i: number) => Partial<Target> = () => ({})): Target[] {
  return Array.from({ length: count }, (_, i) => targetOf(`pod-${i}`, ['heap'], change(i)));
}

test('a group replaces the group of its key; groups that are not named stay', async (t) => {
  const { pool } = poolOf(t);
  const named = (): string[] => pool.statuses().map(({ target }) => target.labels['pod'] ?? '');
  pool.sync([
    { key: 'a', targets: [targetOf('a1', ['heap']), targetOf('a2', ['heap'])] },
    { key: 'b', targets: [targetOf('b1', ['heap'])] },
  ]);
  pool.sync([{ key: 'a', targets: [targetOf('a2', ['heap']), targetOf('a3', ['heap'])] }]);
  assert.deepEqual(named().sort(), ['a2', 'a3', 'b1']);
  pool.sync([{ key: 'a', targets: [] }]);
  assert.deepEqual(named(), ['b1']);
});

test('new labels and intervals keep what is known of a source; a new process begins anew', async (t) => {
  const { pool, clock, transport, jobs } = poolOf(t);
  const target = targetOf('a', ['heap']);
  pool.sync([{ key: 'g', targets: [target] }]);
  await clock.pass(0);
  const relabelled = {
    ...target,
    labels: { ...target.labels, version: '2' },
    specs: [specOf('heap', { intervalMs: 30_000 })],
  };
  pool.sync([{ key: 'g', targets: [relabelled] }]);
  await clock.pass(0);
  assert.deepEqual([transport.asked.length, pool.statuses()[0]?.health], [1, 'up']);
  await clock.pass(minute);
  assert.equal(jobs.at(-1)?.labels['version'], '2');
  assert.equal(jobs.at(-1)?.intervalMs, 30_000);
  const restarted = {
    ...target,
    source: 'uid-a/containerd-2/6060',
    process: { ...target.process, id: 'uid-a/containerd-2' },
  };
  pool.sync([{ key: 'g', targets: [restarted] }]);
  assert.equal(pool.statuses()[0]?.health, 'unknown');
  await clock.pass(0);
  assert.equal(jobs.at(-1)?.process.id, 'uid-a/containerd-2');
});

test('what was odd about the last profile stands with its kind until the next', async (t) => {
  let warnings = ['labels are left out'];
  const { pool, clock } = poolOf(t, { ingest: async () => ({ ...storedOutcome, warnings }) });
  const shown = () => pool.statuses().flatMap(({ scrapes }) => scrapes.flatMap((scrape) => scrape.warnings));
  pool.sync([{ key: 'g', targets: pods(1) }]);
  await clock.pass(0);
  assert.deepEqual(shown(), ['labels are left out']);
  warnings = [];
  await clock.pass(2 * minute);
  assert.deepEqual(shown(), []);
});

test('a storm of updates of one target scrapes it no more often', async (t) => {
  const { pool, clock, transport } = poolOf(t);
  for (let i = 0; i < 240; i++) {
    pool.sync([{ key: 'g', targets: [targetOf('a', ['heap'], { warnings: [String(i)] })] }]);
    await clock.pass(500);
  }
  assert.ok(transport.asked.length >= 2 && transport.asked.length <= 3, String(transport.asked.length));
});

test('amid a thousand pods replaced in each of ten minutes, a pod that stays is scraped at its pinned moments', async (t) => {
  const { pool, clock, transport } = poolOf(t, { isKnown: () => true });
  const stays = targetOf('stays', ['heap']);
  for (let i = 0; i < 60; i++) {
    const fresh = Array.from({ length: 100 }, (_, pod) => targetOf(`g${i}-${pod}`, ['heap']));
    // A tenth of the thousand is replaced every six seconds.
    pool.sync([
      { key: `g${i % 10}`, targets: fresh },
      { key: 'stays', targets: [{ ...stays, warnings: [String(i)] }] },
    ]);
    await clock.pass(minute / 10);
  }
  const moments = transport.asked.filter(({ source }) => source === stays.source).map(({ atMs }) => atMs);
  const gaps = moments.slice(1).map((atMs, index) => atMs - (moments[index] ?? 0));
  assert.deepEqual([moments.length >= 5, new Set(gaps)], [true, new Set([minute])]);
  assert.equal(pool.statuses().length, 1001);
});

test('targets that are held, unresolved or candidates are listed and not scraped', async (t) => {
  const { pool, clock, transport } = poolOf(t);
  const kinds = ['held', 'unresolved', 'candidate'] as const;
  const targets = kinds.map((kind) => targetOf(kind, ['heap'], { state: { kind, reason: 'because' } }));
  pool.sync([{ key: 'g', targets }]);
  await clock.pass(2 * minute);
  assert.equal(transport.asked.length, 0);
  assert.deepEqual(
    pool.statuses().map(({ health }) => health),
    ['unknown', 'down', 'unknown'],
  );
});

test('the pool remembers which scrapes failed of late and why, also of sources that are gone', async (t) => {
  const refused: FakeReply = { kind: 'status', status: 503, snippet: 'starting', location: '', goPprof: false };
  const { pool, clock } = poolOf(t, {}, () => refused);
  const target = targetOf('a', ['heap', 'goroutine']);
  pool.sync([{ key: 'g', targets: [target] }]);
  assert.deepEqual(
    [...pool.asked('heap')].map(({ isAsked, failures }) => [isAsked, failures]),
    [[true, []]],
  );
  for (let passed = 0; passed < 3; passed++) await clock.pass(minute);
  const [asked] = [...pool.asked('heap')];
  assert.ok(asked && asked.failures.length >= 2);
  assert.deepEqual(
    [asked.processId, asked.intervalMs, asked.failuresFromMs, asked.failures.every(({ kind }) => kind === 'heap')],
    [target.process.id, target.specs[0]?.intervalMs, start, true],
  );
  assert.match(asked.failures[0]?.message ?? '', /^503 on .*: starting$/);
  pool.sync([{ key: 'g', targets: [] }]);
  await clock.pass(0);
  assert.deepEqual(
    [...pool.asked('heap')].map(({ isAsked, failures }) => [isAsked, failures.length]),
    [[false, asked.failures.length]],
  );
});

test('sources over the limit are held with the limit named, and take a place that becomes free', async (t) => {
  const { pool, clock, transport } = poolOf(t, { limits: { sources: 2 } });
  const [a, b, c] = pods(3);
  assert.ok(a && b && c);
  pool.sync([{ key: 'g', targets: [a, b, c] }]);
  await clock.pass(0);
  assert.equal(transport.asked.length, 2);
  assert.deepEqual(pool.statuses()[2]?.target.state, {
    kind: 'held',
    reason: 'over the limit of 2 sources (limits.targets)',
  });
  assert.equal(pool.snapshot().overCap, 1);
  pool.sync([{ key: 'g', targets: [b, c] }]);
  await clock.pass(0);
  assert.equal(transport.asked.at(-1)?.source, c.source);
});

test('the first scrapes of many new sources go through a token bucket', async (t) => {
  const { pool, clock, transport } = poolOf(t, { limits: { firstScrapes: { perSecond: 10, burst: 5 } } });
  pool.sync([{ key: 'g', targets: pods(30) }]);
  await clock.pass(0);
  assert.equal(transport.asked.length, 5);
  await clock.pass(1000);
  assert.equal(transport.asked.length, 15);
});

test('requests under way are bounded over all sources and per node', async (t) => {
  let underWay = 0;
  let most = 0;
  const slow = async (): Promise<FetchReply> => {
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    underWay--;
    return bodyOf();
  };
  const inFlight = { ...defaultScrapeLimits.inFlight, snapshots: 10, perNode: 3 };
  const { pool, clock, transport } = poolOf(t, { limits: { inFlight } }, slow);
  const spread = pods(40, (i) => ({ labels: { workload: 'w', node: `node-${i % 2}` } }));
  pool.sync([{ key: 'g', targets: spread }]);
  await clock.pass(10_000);
  assert.deepEqual([most, transport.asked.length], [6, 40]);
});

test('a pause stops at once and is shown; its end goes on with the pinned moments', async (t) => {
  let paused: string | undefined;
  const { pool, clock, transport } = poolOf(t, { pausedBecause: () => paused });
  pool.sync([{ key: 'g', targets: pods(1) }]);
  await clock.pass(0);
  paused = 'paused: shop/checkout';
  await clock.pass(5 * minute);
  assert.equal(transport.asked.length, 1);
  assert.deepEqual(pool.statuses()[0]?.target.state, { kind: 'held', reason: 'paused: shop/checkout' });
  paused = undefined;
  await clock.pass(minute);
  assert.equal(transport.asked.length, 2);
});

test('with a sample of two, two of six pods are profiled at a time and all have their turn', async (t) => {
  const { pool, clock, transport } = poolOf(t, { cpuReplicas: 2, isKnown: () => true });
  pool.sync([{ key: 'g', targets: Array.from({ length: 6 }, (_, i) => targetOf(`p${i}`, ['cpu'])) }]);
  await clock.pass(9 * minute);
  const perSource = Map.groupBy(transport.asked, ({ source }) => source);
  assert.equal(perSource.size, 6);
  for (const asked of perSource.values()) assert.equal(asked.length, 3);
});

test('a profile of a sampled pod stands until its next turn; snapshots come in every round', async (t) => {
  const { pool, clock, jobs } = poolOf(t, { cpuReplicas: 2, isKnown: () => true });
  pool.sync([{ key: 'g', targets: Array.from({ length: 5 }, (_, i) => targetOf(`p${i}`, ['cpu', 'heap'])) }]);
  await clock.pass(6 * minute);
  const intervals = (kind: string) => new Set(jobs.filter((job) => job.kind === kind).map((job) => job.intervalMs));
  assert.deepEqual([...intervals('cpu')], [3 * minute]);
  assert.deepEqual([...intervals('heap')], [minute]);
});

test('health is summed up per workload', async (t) => {
  const { pool, clock } = poolOf(t);
  pool.sync([{ key: 'g', targets: pods(3) }]);
  await clock.pass(0);
  const [workload] = pool.snapshot().groups;
  assert.deepEqual(workload?.targets, { up: 3, down: 0, unknown: 0 });
  assert.deepEqual(Object.keys(workload?.labels ?? {}).sort(), ['container', 'namespace', 'workload', 'workload_kind']);
});

test('a transport that is not enabled makes the target down by name', async (t) => {
  const { pool, clock } = poolOf(t);
  pool.sync([{ key: 'g', targets: [targetOf('a', ['heap'], { transport: 'pod-proxy' })] }]);
  await clock.pass(0);
  const [status] = pool.statuses();
  assert.equal(status?.scrapes[0]?.lastError, 'transport pod-proxy is not enabled here; enabled: direct');
  assert.deepEqual([status?.health, status?.transport], ['down', undefined]);
});

test('close waits for what is under way within its grace, and calls off the rest', async (t) => {
  const { pool, clock, jobs, transport } = poolOf(
    t,
    {},
    () => new Promise((resolve) => setTimeout(resolve, 3000, bodyOf())),
  );
  pool.sync([{ key: 'g', targets: pods(1) }]);
  await clock.pass(1000);
  const closed = pool.close(5000);
  await clock.pass(5000);
  await closed;
  assert.equal(jobs.length, 1);
  await clock.pass(5 * minute);
  assert.equal(transport.asked.length, 1);
});

test('close without grace ends a request that hangs', async (t) => {
  const { pool, clock, jobs } = poolOf(t, {}, () => new Promise(() => {}));
  pool.sync([{ key: 'g', targets: pods(1) }]);
  await clock.pass(0);
  await pool.close();
  assert.equal(jobs.length, 0);
});

test('a real server is scraped over HTTP: profiles arrive, a rival profiler is told', async () => {
  const bytes = Uint8Array.of(...gzipMagic, 1, 2, 3);
  await using server = await startPprofServer(
    byPath({ '/debug/pprof/heap': { kind: 'profile', bytes }, '/debug/pprof/profile': goBusy }),
  );
  const { jobs, ingest } = collectingIngest();
  const refuse = safetyCheck({ apiServers: [], serviceRanges: [], allowHostNetwork: false });
  await using pool = new ScrapePool({
    collectorId: 'c',
    transports: new TransportBook({ transports: [new DirectTransport({ refuse })] }),
    ingest,
  });
  pool.sync([{ key: 'static', targets: [localTarget(server.port, ['heap', 'cpu'])] }]);
  while (server.requests.length < 2 || pool.snapshot().inFlight > 0) await settle();
  const [status] = pool.statuses();
  assert.deepEqual(jobs[0]?.bytes, bytes);
  assert.deepEqual(
    status?.scrapes.map(({ health }) => health),
    ['up', 'down'],
  );
  assert.match(status?.scrapes[1]?.lastError ?? '', /500 on \/debug\/pprof\/profile\?seconds=10: .* already in use/);
  assert.equal(server.mostAtOnce, 1);
});
