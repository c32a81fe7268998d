import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Target, TargetHealth } from '../../src/model/target.ts';
import { ScrapePool, type ScrapePoolOptions } from '../../src/scrape/scrape-pool.ts';
import { TransportBook } from '../../src/scrape/transport-book.ts';
import { FetchError, type FetchReply } from '../../src/scrape/transports/transport.ts';
import { mockClock, type TestClock } from '../support/scrape-clock.ts';
import {
  bodyOf,
  collectingIngest,
  type FakeReply,
  FakeTransport,
  specOf,
  statusOf,
  storedOutcome,
  targetOf,
} from '../support/scrape-targets.ts';

const start = 1_700_000_000_000;
const minute = 60_000;

interface Line {
  readonly clock: TestClock;
  readonly pool: ScrapePool;
  readonly transport: FakeTransport;
  readonly jobs: ReturnType<typeof collectingIngest>['jobs'];
  /** What was counted: `cpu`, `heap timeout`, `skipped paused`. */
  readonly counted: string[];
  sync(...targets: readonly Target[]): void;
  /** The last error of a kind, and its health. */
  told(kind: string): readonly [TargetHealth, string];
}

/** A pool in mocked time whose targets answer from a script. */
function lineOf(
  t: TestContext,
  reply: (path: string, target: Target) => FakeReply = () => bodyOf(),
  options: Partial<ScrapePoolOptions> = {},
): Line {
  const clock = mockClock(t, start);
  const transport = new FakeTransport((request, target) => reply(request.path, target));
  const { jobs, ingest } = collectingIngest();
  const counted: string[] = [];
  const pool = new ScrapePool({
    collectorId: 'collector',
    transports: new TransportBook({ transports: [transport] }),
    ingest,
    metrics: {
      scraped: (_, kind) => void counted.push(kind),
      failed: (_, kind, reason) => void counted.push(`${kind} ${reason}`),
      skipped: (cause) => void counted.push(`skipped ${cause}`),
    },
    ...options,
  });
  t.after(() => pool.close());
  return {
    clock,
    pool,
    transport,
    jobs,
    counted,
    sync: (...targets) => pool.sync([{ key: 'shop/checkout', targets }]),
    told: (kind) => {
      const status = pool.statuses()[0]?.scrapes.find((scrape) => scrape.kind === kind);
      assert.ok(status);
      return [status.health, status.lastError];
    },
  };
}

/** A CPU profile takes the seconds that were asked for. */
function slowly(reply: FetchReply, ms: number): Promise<FetchReply> {
  return new Promise((resolve) => setTimeout(() => resolve(reply), ms));
}

test('a new source is scraped at once, snapshots first, and then at its pinned moments only', async (t) => {
  const line = lineOf(t);
  line.sync(targetOf('a', ['cpu', 'heap']));
  await line.clock.pass(0);
  assert.deepEqual(
    line.transport.asked.map(({ path }) => path),
    ['/debug/pprof/heap', '/debug/pprof/profile?seconds=10'],
  );
  await line.clock.pass(5 * minute);
  const heaps = line.transport.asked
    .filter(({ path }) => path.endsWith('heap'))
    .map(({ atMs }) => atMs)
    .slice(1);
  assert.ok(heaps.length >= 3);
  for (const [i, atMs] of heaps.entries()) if (i > 0) assert.ok(Math.abs(atMs - (heaps[i - 1] ?? 0) - minute) <= 500);
});

test('a source that the store knows waits for its pinned moments', async (t) => {
  const line = lineOf(t, undefined, { isKnown: () => true });
  line.sync(targetOf('a', ['heap']));
  await line.clock.pass(0);
  assert.equal(line.transport.asked.length, 0);
  const due = line.pool.statuses()[0]?.scrapes[0]?.nextScrapeMs ?? 0;
  await line.clock.pass(minute);
  assert.ok(Math.abs((line.transport.asked[0]?.atMs ?? 0) - due) <= 500);
});

test('one request is in flight per source: while CPU is profiled the others wait', async (t) => {
  let underWay = 0;
  let most = 0;
  const line = lineOf(t, async (path) => {
    most = Math.max(most, ++underWay);
    const reply = await slowly(bodyOf(), path.includes('profile') ? 10_000 : 100);
    underWay--;
    return reply;
  });
  line.sync(
    targetOf(
      'a',
      ['cpu', 'heap', 'goroutine', 'mutex'].map((kind) => specOf(kind, { intervalMs: 15_000 })),
    ),
  );
  await line.clock.pass(2 * minute);
  assert.equal(most, 1);
  assert.ok(line.transport.asked.length > 20, String(line.transport.asked.length));
});

test('a profile of a window is stamped with its beginning, a snapshot with the moment it was answered', async (t) => {
  const line = lineOf(t, (path) => slowly(bodyOf(), path.includes('profile') ? 10_000 : 2_000));
  line.sync(targetOf('a', ['heap', 'cpu']));
  await line.clock.pass(15_000);
  const stamps = line.jobs.map(({ kind, stampMs }) => [kind, stampMs - start]);
  assert.deepEqual(stamps, [
    ['heap', 2_000],
    ['cpu', 2_000],
  ]);
});

test('a delta kind of godeltaprof begins where the one before it ended, and is asked without seconds', async (t) => {
  const line = lineOf(t, () => slowly(bodyOf(), 1000));
  line.sync(targetOf('a', ['delta_heap']));
  await line.clock.pass(3 * minute);
  const [first, second, third] = line.jobs.map(({ stampMs }) => stampMs);
  const asked = line.transport.asked.map(({ atMs }) => atMs);
  assert.equal(first, asked[0]);
  assert.equal(second, (asked[0] ?? 0) + 1000);
  assert.equal(third, (asked[1] ?? 0) + 1000);
  assert.equal(line.transport.asked[0]?.path, '/debug/pprof/delta_heap');
});

test('a job carries the labels, the process, and when its workload became known', async (t) => {
  const line = lineOf(t);
  const target = targetOf('a', ['heap']);
  line.sync(target);
  await line.clock.pass(minute);
  line.sync(target, targetOf('b', ['heap']));
  await line.clock.pass(0);
  const job = line.jobs.at(-1);
  assert.equal(job?.labels['pod'], 'b');
  assert.deepEqual([job?.firstKnownMs, job?.intervalMs, job?.origin], [start, minute, 'scrape']);
});

test('a profile is dropped when the process is no longer the one that was asked', async (t) => {
  let current = true;
  const line = lineOf(
    t,
    () => {
      current = false;
      return bodyOf();
    },
    { isCurrent: () => current },
  );
  line.sync(targetOf('a', ['heap']));
  await line.clock.pass(0);
  assert.deepEqual([line.jobs.length, line.counted], [0, ['heap replaced']]);
  await line.clock.pass(2 * minute);
  assert.equal(line.transport.asked.length, 1, 'a target that is not current is not asked at all');
});

test('a target that goes away while it is asked brings no profile', async (t) => {
  const line = lineOf(t, () => slowly(bodyOf(), 5_000));
  line.sync(targetOf('a', ['heap']));
  await line.clock.pass(1_000);
  line.sync();
  await line.clock.pass(10_000);
  assert.deepEqual([line.jobs.length, line.counted, line.pool.statuses().length], [0, ['skipped aborted'], 0]);
});

test('a failure is told and not retried before the next beat', async (t) => {
  const line = lineOf(t, () => new FetchError('refused', 'connect ECONNREFUSED'));
  line.sync(targetOf('a', ['heap']));
  await line.clock.pass(0);
  assert.deepEqual(line.told('heap'), ['down', 'connect ECONNREFUSED']);
  assert.equal(line.transport.asked.length, 1);
  await line.clock.pass(3 * minute);
  assert.ok(line.transport.asked.length >= 3 && line.transport.asked.length <= 4);
});

test('WriteTimeout makes later CPU profiles of the process shorter', async (t) => {
  const line = lineOf(t, (path) => {
    const seconds = Number(/seconds=(\d+)/.exec(path)?.[1]);
    return seconds >= 3 ? statusOf(400, "profile duration exceeds server's WriteTimeout") : bodyOf();
  });
  line.sync(targetOf('a', ['cpu']));
  await line.clock.pass(4 * minute);
  const asked = line.transport.asked.map(({ path }) => path.replace('/debug/pprof/profile?', ''));
  assert.deepEqual(asked.slice(0, 4), ['seconds=10', 'seconds=5', 'seconds=2', 'seconds=2']);
  assert.deepEqual(line.told('cpu'), ['up', '']);
});

test('a kind that the process lacks does not make the target down', async (t) => {
  const line = lineOf(t, (path) => (path.endsWith('mutex') ? statusOf(404, 'Unknown profile') : bodyOf()));
  line.sync(targetOf('a', ['heap', 'mutex']));
  await line.clock.pass(10 * minute);
  assert.equal(line.pool.statuses()[0]?.health, 'up');
  assert.equal(line.transport.asked.filter(({ path }) => path.endsWith('mutex')).length, 2);
});

test('when nothing of a target is a profile, it says what to do in each language', async (t) => {
  const line = lineOf(t, () => statusOf(404));
  line.sync(targetOf('a', ['heap', 'goroutine']));
  await line.clock.pass(2 * minute);
  const [health, error] = line.told('heap');
  assert.equal(health, 'down');
  assert.match(error, /404 on \/debug\/pprof\/heap/);
  for (const line of ['import _ "net/http/pprof"', 'Node.js:', 'Rust:', 'Python:', 'Java:', 'flameherd.dev/port']) {
    assert.ok(error.includes(line), line);
  }
});

test('what the decoder refuses makes the kind down with the reason; a full queue does not', async (t) => {
  const outcomes = [
    { kind: 'refused', error: { code: 'bad_profile', message: 'sample 3: location 9 is not there' } },
    { kind: 'dropped', queuedBytes: 1000 },
    storedOutcome,
  ] as const;
  let count = 0;
  const line = lineOf(t, undefined, { ingest: async () => outcomes[Math.min(count++, 2)] ?? storedOutcome });
  line.sync(targetOf('a', ['heap']));
  await line.clock.pass(0);
  assert.deepEqual(line.told('heap'), ['down', 'sample 3: location 9 is not there']);
  await line.clock.pass(3 * minute);
  assert.deepEqual(line.told('heap'), ['up', '']);
  assert.deepEqual(line.counted.slice(0, 3), ['heap parse', 'heap dropped', 'heap']);
});

test('a pod that shuts down gets one last heap and goroutine, the CPU profile under way is called off', async (t) => {
  const line = lineOf(t, (path) => (path.includes('profile?') ? slowly(bodyOf(), 10_000) : bodyOf()));
  const target = targetOf('a', ['cpu', 'heap', 'goroutine', 'mutex']);
  line.sync(target);
  await line.clock.pass(2_000);
  const before = line.transport.asked.length;
  line.sync({ ...target, terminating: true });
  await line.clock.pass(5 * minute);
  const last = line.transport.asked.slice(before).map(({ path }) => path);
  assert.deepEqual(last, ['/debug/pprof/heap', '/debug/pprof/goroutine']);
});

test('a last scrape that fails is no failure', async (t) => {
  let gone = false;
  const line = lineOf(t, () => (gone ? new FetchError('refused', 'gone') : bodyOf()));
  const target = targetOf('a', ['heap']);
  line.sync(target);
  await line.clock.pass(0);
  gone = true;
  line.sync({ ...target, terminating: true });
  await line.clock.pass(minute);
  assert.deepEqual([line.counted, line.told('heap')], [['heap'], ['up', '']]);
});

test('a clock that is set back an hour does not stop the scrapes', async (t) => {
  let shift = 0;
  const line = lineOf(t, undefined, { now: () => Date.now() + shift });
  line.sync(targetOf('a', ['heap']));
  await line.clock.pass(2 * minute);
  const before = line.jobs.length;
  shift = -60 * minute;
  await line.clock.pass(3 * minute);
  shift = 60 * minute;
  await line.clock.pass(3 * minute);
  const stamps = line.jobs.map(({ stampMs }) => stampMs);
  assert.ok(line.jobs.length >= before + 4, `${before} then ${line.jobs.length}`);
  assert.deepEqual(
    stamps,
    [...new Set(stamps)].sort((a, b) => a - b),
  );
});

test('a profile asked for out of turn waits for the request under way, is stored like any other, and is given back', async (t) => {
  const line = lineOf(t, (path) => (path.includes('seconds=') ? slowly(bodyOf(), 10_000) : bodyOf()));
  line.sync(targetOf('a', ['cpu']));
  await line.clock.pass(5000);
  const wish = line.pool.snap(targetOf('a', ['cpu']), specOf('heap'), AbortSignal.timeout(3_600_000));
  assert.equal(line.transport.asked.length, 1, 'one request is in flight per source');
  await line.clock.pass(6000);
  const outcome = await wish;
  assert.equal(outcome.kind, 'snapped');
  assert.deepEqual(outcome.kind === 'snapped' && [outcome.bytes.length > 0, outcome.transport], [true, 'direct']);
  assert.deepEqual(
    line.jobs.map(({ kind }) => kind),
    ['cpu', 'heap'],
  );
});

test('a snap asks for exactly the seconds it names, and moves no scheduled scrape', async (t) => {
  const line = lineOf(t);
  line.sync(targetOf('a', ['cpu', 'heap']));
  await line.clock.pass(2 * minute);
  const dueMs = () => line.pool.statuses()[0]?.scrapes.map(({ nextScrapeMs }) => nextScrapeMs);
  const before = dueMs();
  const wish = line.pool.snap(
    targetOf('a', ['cpu', 'heap']),
    { ...specOf('cpu'), seconds: 45 },
    AbortSignal.timeout(3_600_000),
  );
  await line.clock.pass(10);
  assert.equal((await wish).kind, 'snapped');
  assert.equal(line.transport.asked.at(-1)?.path, '/debug/pprof/profile?seconds=45');
  assert.deepEqual(dueMs(), before);
});

test('a snap that fails tells why and leaves the health of the target alone', async (t) => {
  const line = lineOf(t, (path) =>
    path.endsWith('/block') ? { kind: 'status', status: 404, snippet: 'no', location: '', goPprof: true } : bodyOf(),
  );
  line.sync(targetOf('a', ['heap']));
  await line.clock.pass(0);
  const wish = line.pool.snap(targetOf('a', ['heap']), specOf('block'), AbortSignal.timeout(3_600_000));
  await line.clock.pass(10);
  const outcome = await wish;
  assert.equal(outcome.kind === 'failed' && outcome.reason, 'unsupported');
  assert.equal(line.pool.statuses()[0]?.health, 'up');
});

test('a target that is not scraped can be snapped once, and nothing stays behind', async (t) => {
  const line = lineOf(t);
  const wish = line.pool.snap(targetOf('stranger', []), specOf('heap'), AbortSignal.timeout(3_600_000));
  await line.clock.pass(10);
  assert.equal((await wish).kind, 'snapped');
  assert.deepEqual(line.pool.statuses(), []);
  await line.clock.pass(5 * minute);
  assert.equal(line.transport.asked.length, 1);
});

test('a right that is granted while a snap waits for its place counts', async (t) => {
  let lacks = true;
  const transport = new FakeTransport((_, { labels }) =>
    labels['pod'] === 'busy' ? slowly(bodyOf(), 5000) : bodyOf(),
  );
  const missing = () => (lacks ? 'the right is missing' : undefined);
  const line = lineOf(t, undefined, {
    transports: new TransportBook({
      transports: [transport],
      missing: (_, { labels }) => (labels['pod'] === 'busy' ? undefined : missing()),
    }),
    limits: { inFlight: { windows: 1, snapshots: 1, perNode: 9, bytes: 1e9 } },
  });
  line.sync(targetOf('busy', ['heap']));
  await line.clock.pass(100);
  const wish = line.pool.snap(targetOf('stranger', []), specOf('heap'), AbortSignal.timeout(3_600_000));
  await line.clock.pass(100);
  lacks = false;
  await line.clock.pass(6000);
  const outcome = await wish;
  assert.equal(outcome.kind === 'snapped' && outcome.transportReason, "the pod's own address");
});

test('who hangs up while a snap waits gets nothing and asks nothing', async (t) => {
  const line = lineOf(t, (path) => (path.includes('seconds=') ? slowly(bodyOf(), 10_000) : bodyOf()));
  line.sync(targetOf('a', ['cpu']));
  await line.clock.pass(1000);
  const gone = new AbortController();
  const wish = line.pool.snap(targetOf('a', ['cpu']), specOf('heap'), gone.signal);
  gone.abort();
  await line.clock.pass(10_000);
  assert.equal((await wish).kind, 'failed');
  assert.deepEqual(
    line.jobs.map(({ kind }) => kind),
    ['cpu'],
  );
});

test('a loop that ends calls off what was asked of it', async (t) => {
  const line = lineOf(t, (path) => (path.includes('seconds=') ? slowly(bodyOf(), 10_000) : bodyOf()));
  line.sync(targetOf('a', ['cpu']));
  await line.clock.pass(1000);
  const wish = line.pool.snap(targetOf('a', ['cpu']), specOf('heap'), AbortSignal.timeout(3_600_000));
  line.sync();
  await line.clock.pass(10_000);
  assert.equal((await wish).kind, 'failed');
});
