import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import { createSelfProfiler } from '../../src/observe/self-profile.ts';

const never = new AbortController().signal;

/** A profile as a test reads it: `thread function;…;root` → values, the leaf first. */
interface Told {
  readonly types: readonly string[];
  readonly period: string;
  readonly durationMs: number;
  readonly files: ReadonlySet<string>;
  readonly comments: readonly string[];
  /** The sum of a column over samples of a thread that have a function anywhere in their stack. */
  sum(type: string, thread: string, name: string): number;
}

function read(bytes: Uint8Array): Told {
  const profile = Profile.decode(gunzipSync(bytes));
  const { strings } = profile.stringTable;
  const text = (index: number | bigint): string => strings[Number(index)] ?? '';
  const functions = new Map(profile.function.map(({ id, name }) => [Number(id), text(name)]));
  const names = new Map(
    profile.location.map(({ id, line }) => [Number(id), functions.get(Number(line[0]?.functionId)) ?? '']),
  );
  const types = profile.sampleType.map(({ type, unit }) => `${text(type)}/${text(unit)}`);
  return {
    types,
    period: `${text(profile.periodType?.type ?? 0)}/${text(profile.periodType?.unit ?? 0)} ${profile.period}`,
    durationMs: Number(profile.durationNanos) / 1e6,
    files: new Set(profile.function.map(({ filename }) => text(filename))),
    comments: profile.comment.map(text),
    sum: (type, thread, name) =>
      profile.sample
        .filter(({ label }) => label.some(({ key, str }) => text(key) === 'thread' && text(str) === thread))
        .filter(({ locationId }) => locationId.some((id) => names.get(Number(id)) === name))
        .reduce((sum, { value }) => sum + Number(value[types.indexOf(type)] ?? 0), 0),
  };
}

/** A worker that computes and holds memory; it has joined when this resolves. */
async function busyWorker(t: TestContext, name: string): Promise<Worker> {
  const worker = new Worker(new URL('../support/self-profile-busy-worker.ts', import.meta.url), { workerData: name });
  t.after(() => worker.terminate());
  await once(worker, 'message');
  return worker;
}

function computeInMain(): number {
  const end = performance.now() + 15;
  let sum = 0;
  while (performance.now() < end) sum += Math.sqrt(sum + 1);
  return sum;
}

test('a CPU profile holds the CPU of the main thread and of every worker, under the name of each', async (t) => {
  await busyWorker(t, 'ingest');
  using profiler = createSelfProfiler();
  await busyWorker(t, 'query');
  const busy = setInterval(computeInMain, 30);
  t.after(() => clearInterval(busy));
  const told = read(await profiler.cpu(1, never));
  assert.deepEqual(told.types, ['samples/count', 'wall/nanoseconds', 'cpu/nanoseconds']);
  assert.equal(told.period, 'cpu/nanoseconds 5000000');
  assert.ok(told.durationMs >= 999 && told.comments.length === 0);
  assert.ok(told.sum('cpu/nanoseconds', 'main', 'computeInMain') > 0);
  for (const thread of ['ingest', 'query']) {
    assert.ok(told.sum('cpu/nanoseconds', thread, 'computeInWorker') > 0, thread);
    assert.equal(told.sum('cpu/nanoseconds', thread, 'computeInMain'), 0);
    assert.equal(told.sum('samples/count', thread, '(between samples)'), 0);
  }
  assert.ok(told.files.has('test/observe/self-profile.test.ts'), [...told.files].join(' '));
});

test('a heap profile says what each thread holds', async (t) => {
  using profiler = createSelfProfiler();
  await busyWorker(t, 'ingest');
  let held = 0;
  for (let round = 0; round < 50 && held === 0; round++) {
    const told = read(await profiler.heap());
    assert.deepEqual([told.types, told.period], [['inuse_objects/count', 'inuse_space/bytes'], 'space/bytes 524288']);
    held = told.sum('inuse_space/bytes', 'ingest', 'holdInWorker');
  }
  assert.ok(held > 100_000, String(held));
});

test("a second CPU profile at the same time is refused in Go's words, and the first is whole", async () => {
  using profiler = createSelfProfiler();
  const first = profiler.cpu(0.2, never);
  await assert.rejects(profiler.cpu(0.2, never), {
    code: 'busy',
    message: 'Could not enable CPU profiling: cpu profiling already in use',
  });
  assert.ok((await first).length > 0);
  assert.ok((await profiler.cpu(0.1, never)).length > 0);
});

test('an abort ends a CPU profile in all threads, and the next one begins afresh', async (t) => {
  using profiler = createSelfProfiler();
  await busyWorker(t, 'ingest');
  const stop = new AbortController();
  const aborted = profiler.cpu(60, stop.signal);
  stop.abort(new Error('the client went away'));
  await assert.rejects(aborted, /the client went away/);
  const told = read(await profiler.cpu(0.5, never));
  assert.ok(told.sum('cpu/nanoseconds', 'ingest', 'computeInWorker') > 0);
  assert.ok(told.durationMs < 60_000);
});

test('a worker that was terminated is named once, and then left out', async (t) => {
  using profiler = createSelfProfiler();
  const worker = await busyWorker(t, 'query');
  await profiler.heap();
  await worker.terminate();
  const first = read(await profiler.heap());
  assert.deepEqual(first.comments, ['thread query did not answer and is left out']);
  assert.equal(first.sum('inuse_space/bytes', 'query', 'holdInWorker'), 0);
  assert.deepEqual(read(await profiler.heap()).comments, []);
});
