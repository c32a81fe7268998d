import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { type CompactionThread, startCompaction } from '../../src/compaction/client.ts';
import { quietMs } from '../../src/store/sqlite/heads/sealing.ts';
import { drawnChunks, profilesInChunks } from '../support/store-chunks.ts';
import { storeDir, writerOn } from '../support/store-dirs.ts';
import { at, gauge, minute } from '../support/store-questions.ts';
import { recordOf } from '../support/store-records.ts';

const endMs = at(100 * 60);

/** A store with sealed hours, of which some profiles of many processes wait. */
async function sealedStore(hours: number, processes: number): Promise<string> {
  const dataDir = storeDir();
  const writer = writerOn(dataDir, { now: () => at(0) });
  for (let minutes = 0; minutes < hours * 60; minutes += 10) {
    const records = Array.from({ length: processes }, (_, index) =>
      recordOf(gauge(at(minutes) + index, 5, { process: `p${index}`, intervalMs: 10 * minute })),
    );
    writer.append(records);
  }
  writer.seal(endMs - quietMs);
  writer.seal(endMs);
  await writer[Symbol.asyncDispose]();
  return dataDir;
}

function threadOn(dataDir: string, more: Partial<Parameters<typeof startCompaction>[0]> = {}): CompactionThread {
  const onError = (error: Error): void => assert.fail(error);
  return startCompaction({ dataDir, synchronous: 'normal', maxBytes: 1e13, share: 1, onError, ...more });
}

test('a run is made in the thread, and the thread can be asked again', async () => {
  const dataDir = await sealedStore(2, 3);
  await using thread = threadOn(dataDir);
  const report = await thread.run(endMs);
  assert.deepEqual(
    report.hours.map(({ profiles }) => profiles),
    [18, 18],
  );
  assert.deepEqual([report.rolledHours, report.failures, report.isUnfinished], [2, [], false]);
  assert.equal(profilesInChunks(dataDir).length, 36);
  const again = await thread.run(endMs);
  assert.deepEqual([again.hours, again.rolledHours], [[], 0]);
});

test('closing ends a run that rests after its step; what it has begun does not count', async () => {
  const dataDir = await sealedStore(1, 200);
  // It would rest a thousand times as long as it works.
  const thread = threadOn(dataDir, { share: 0.001 });
  const running = thread.run(endMs);
  await thread.close();
  const report = await running;
  assert.deepEqual([report.isUnfinished, report.hours], [true, []]);
  assert.deepEqual(drawnChunks(dataDir), []);
  await assert.rejects(thread.run(endMs), /closed/);
});

test('a thread that nothing was asked of is closed at once', async () => {
  await threadOn(storeDir()).close();
});

test('a run that cannot begin says why, and the thread can be asked again', async () => {
  const dataDir = storeDir();
  await using thread = threadOn(`${dataDir}/nothing`);
  await assert.rejects(thread.run(endMs), /directory does not exist/);
  await assert.rejects(thread.run(endMs), /directory does not exist/);
});

test('when the thread dies its run fails, and the next run begins another', async () => {
  const dataDir = await sealedStore(1, 1);
  const workerUrl = new URL('../support/compaction-worker-fault.ts', import.meta.url);
  await using thread = threadOn(dataDir, { workerUrl });
  await assert.rejects(thread.run(endMs), /a fault that the test put there/);
  await assert.rejects(thread.run(endMs), /a fault that the test put there/);
});

test('when no thread can be begun the run fails, and so does the next, for the same reason', async () => {
  // What the system does when it has no thread to give cannot be brought about here; a worker that is no file is refused as early.
  await using thread = threadOn(storeDir(), { workerUrl: new URL('http://127.0.0.1/worker.ts') });
  await assert.rejects(thread.run(endMs), { code: 'ERR_INVALID_URL_SCHEME' });
  await assert.rejects(thread.run(endMs), { code: 'ERR_INVALID_URL_SCHEME' });
});

test('one run at a time', async () => {
  const dataDir = await sealedStore(1, 1);
  await using thread = threadOn(dataDir);
  const running = thread.run(endMs);
  await assert.rejects(thread.run(endMs), /running already/);
  assert.equal((await running).hours.length, 1);
});

test('a thread without a run ends, and the next run begins another', async (t) => {
  const dataDir = await sealedStore(1, 1);
  const threads: Worker[] = [];
  const count = (worker: Worker): number => threads.push(worker);
  process.on('worker', count);
  t.after(() => process.off('worker', count));
  await using thread = threadOn(dataDir, { idleMs: 1 });
  assert.equal((await thread.run(endMs)).hours.length, 1);
  const [first] = threads;
  assert.ok(first);
  await once(first, 'exit');
  assert.deepEqual((await thread.run(endMs)).failures, []);
  assert.equal(threads.length, 2);
});
