import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type IngestOptions, type IngestThread, startIngest } from '../../src/ingest/client.ts';
import { defaultPipelineLimits } from '../../src/ingest/defaults.ts';
import { defaultGrowthIngestSettings } from '../../src/ingest/growth/settings.ts';
import { defaultDecodeLimits } from '../../src/pprof/decode-limits.ts';
import { encodeProfile } from '../../src/pprof/encode.ts';
import { openSqliteGrowth } from '../../src/store/sqlite/growth/growth.ts';
import { jobOf } from '../support/ingest-pipeline.ts';
import { profileFromText } from '../support/profile-from-text.ts';
import { storeDir } from '../support/store-dirs.ts';

const types = [
  { type: 'alloc_space', unit: 'bytes' },
  { type: 'inuse_space', unit: 'bytes' },
];

const heap = (text: string): Uint8Array => encodeProfile(profileFromText(text, { types }));

function start(dataDir: string, more: Partial<IngestOptions> = {}): Promise<IngestThread> {
  return startIngest({
    dataDir,
    minFreeBytes: 0,
    synchronous: 'normal',
    retention: { maxAgeMs: 1e13, maxBytes: 1e13 },
    decode: defaultDecodeLimits,
    limits: defaultPipelineLimits,
    growth: defaultGrowthIngestSettings,
    queueBytes: 1_000_000,
    onError: (error) => assert.fail(error),
    ...more,
  });
}

test('profiles are acknowledged after their commit and survive a restart of the thread', async () => {
  const dir = storeDir();
  const now = 1_800_000_000_000;
  await using first = await start(dir);
  const outcomes = await Promise.all(
    [1, 2, 3].map((value) => first.submit(jobOf({ bytes: heap(`main;a ${value} 7`), stampMs: now + 60_000 * value }))),
  );
  assert.deepEqual(
    outcomes.map((outcome) => outcome.kind === 'stored' && outcome.samples),
    [1, 1, 1],
  );
  const { stored, seeds, queuedJobs } = await first.stats();
  assert.deepEqual({ stored, seeds, queuedJobs }, { stored: 3, seeds: 1, queuedJobs: 0 });
  await first[Symbol.asyncDispose]();

  await using second = await start(dir);
  const again = await second.submit(jobOf({ bytes: heap('main;a 3 7'), stampMs: now + 180_000 }));
  assert.ok(again.kind === 'stored' && again.duplicate);
  await second.submit(jobOf({ bytes: heap('main;a 9 7'), stampMs: now + 240_000 }));
  const after = await second.stats();
  assert.deepEqual([after.seeds, after.resets], [0, 0]);
  assert.equal((await second.storeStats()).series, 1);
  await second.checkpoint();
  assert.deepEqual((await second.retain(now + 300_000)).removedFiles, []);
});

test('hours are sealed, freed and named as damaged by the thread that writes them', async () => {
  await using thread = await start(storeDir());
  const hour = 3_600_000;
  const startMs = 400_000 * hour;
  await thread.submit(jobOf({ bytes: heap('main;a 1 7'), stampMs: startMs }));
  // Profiles of an hour long past: more may follow, so that it takes five quiet minutes.
  assert.equal(await thread.seal(startMs + 2 * hour), false);
  assert.equal(await thread.seal(startMs + 2 * hour + 300_000), true);
  await thread.dropCompacted();
  await thread.quarantine(startMs, 'a page is damaged');
  const { damagedHoursMs, byKind } = await thread.storeStats();
  assert.deepEqual([damagedHoursMs, byKind.head.files], [[startMs], 1]);
});

test('closing stores what still waits, and takes nothing more', async () => {
  const thread = await start(storeDir(), { lingerMs: 60_000 });
  const waiting = thread.submit(jobOf({ bytes: heap('main;a 1 1'), stampMs: 1_800_000_000_000 }));
  await thread[Symbol.asyncDispose]();
  assert.equal((await waiting).kind, 'stored');
  const late = thread.submit(jobOf({ bytes: heap('main;a 1 1'), stampMs: 1_800_000_000_001 }));
  await assert.rejects(late, { code: 'not_ready' });
});

test('over its bytes the queue drops the newest of the source that holds most', async () => {
  const bytes = heap('main;a 1 1');
  await using thread = await start(storeDir(), { lingerMs: 60_000, queueBytes: 2 * bytes.length });
  const submit = (source: string, stampMs: number) =>
    thread.submit(jobOf({ source, process: { id: source, slot: source, startedMs: undefined }, bytes, stampMs }));
  const greedy = [submit('a', 1_800_000_000_000), submit('a', 1_800_000_060_000)];
  const modest = submit('b', 1_800_000_000_000);
  assert.equal((await greedy[1])?.kind, 'dropped');
  const { dropped, queuedJobs } = await thread.stats();
  assert.deepEqual({ dropped, queuedJobs }, { dropped: 1, queuedJobs: 2 });
  await thread[Symbol.asyncDispose]();
  assert.deepEqual([(await greedy[0])?.kind, (await modest).kind], ['stored', 'stored']);
});

test('a data directory that is in use is refused with its reason', async () => {
  const dir = storeDir();
  await using _owner = await start(dir);
  await assert.rejects(start(dir), { code: 'store_locked' });
});

test('a fault of the thread rejects what waits and is told once', async () => {
  const { promise: told, resolve } = Promise.withResolvers<Error>();
  const thread = await start(storeDir(), { onError: resolve });
  // Not a job at all: nobody outside can send this, so it stands for a fault of ours.
  const broken = thread.submit({ ...jobOf({ bytes: heap('main 1 1'), stampMs: 1 }), labels: null as never });
  await assert.rejects(broken);
  assert.ok((await told) instanceof Error);
  await assert.rejects(thread.stats());
  await thread[Symbol.asyncDispose]();
});

test('what is live is told by workload, and floors are in the store when the call answers', async () => {
  const dir = storeDir();
  await using thread = await start(dir);
  assert.deepEqual(await thread.liveNumbers(), [], 'nothing is known before the first profile, and nothing is 0');
  assert.equal(await thread.saveFloors(), undefined);
  const stampMs = Date.now();
  await thread.submit(jobOf({ bytes: heap('main.main;shop.leak;runtime.mallocgc 9 70\nmain.main 1 5'), stampMs }));

  const [numbers] = await thread.liveNumbers();
  assert.deepEqual(numbers?.workload.workload, 'cart');
  assert.deepEqual(numbers.heap, { bytes: 75, objects: 0, largestBytes: 75 });
  assert.deepEqual(
    numbers.functions.map(({ name, inuseBytes }) => [name, inuseBytes]),
    [
      ['shop.leak', 70],
      ['main.main', 5],
      ['(other)', 0],
    ],
  );
  assert.equal((await thread.liveNumbers())[0], numbers, 'what did not change is the same object');

  const bucketMs = defaultGrowthIngestSettings.bucketMs;
  assert.equal(await thread.saveFloors(), Math.floor(stampMs / bucketMs));
  await using store = openSqliteGrowth({ dataDir: dir, synchronous: 'normal' });
  const floors = [...store.floors({ bucketMs, from: 0, to: Number.MAX_SAFE_INTEGER })];
  assert.deepEqual(
    floors.map(({ process, heap, functions }) => [process.id, heap?.bytes, functions.map(({ name }) => name).sort()]),
    [['pod-1/app', 75, ['main.main', 'shop.leak']]],
  );
});
