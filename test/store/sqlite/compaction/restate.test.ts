import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { ProfileRecord } from '../../../../src/store/profile-store.ts';
import { compactStore } from '../../../../src/store/sqlite/compaction/compactor.ts';
import type { CompactionStep } from '../../../../src/store/sqlite/compaction/run.ts';
import { openDatabase } from '../../../../src/store/sqlite/files/database.ts';
import { drawnChunks, logicalContent, markStale, metaRows, seenChunks, sumsOf } from '../../../support/store-chunks.ts';
import { compactAll } from '../../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../../support/store-dirs.ts';
import type { LateProfile } from '../../../support/store-late-profile-worker.ts';
import { at, gauge, minute } from '../../../support/store-questions.ts';
import { recordOf } from '../../../support/store-records.ts';

const endMs = at(100 * 60);
const slow = { intervalMs: 60 * minute };

/** A store whose records are compacted. */
async function compacted(records: readonly ProfileRecord[]) {
  const dataDir = storeDir();
  const writer = writerOn(dataDir, { now: () => at(0) });
  writer.append(records);
  await compactAll(writer, dataDir, endMs);
  return { dataDir, writer, close: () => writer[Symbol.asyncDispose]() };
}

const run = (dataDir: string, onStep: (step: CompactionStep) => void = () => {}) =>
  compactStore({ dataDir, nowMs: endMs, synchronous: 'normal', maxBytes: 1e13, share: 1, onStep });

const marks = (dataDir: string) =>
  metaRows<{ series: number; hour: number }>(dataDir, 'SELECT series, hour FROM stale');

test('when a process turns out to have ended, its chunks are added up anew and what it carried goes', async () => {
  const { dataDir, writer, close } = await compacted([recordOf(gauge(at(30), 5, slow))]);
  assert.deepEqual(drawnChunks(dataDir), [
    '1 +0h of +0h: 30m00 stands 1800 s in [1800, 3600)',
    '1 +1h of +0h: 30m00 stands 1800 s in [0, 1800), carried',
  ]);
  writer.endProcess('pod-1', at(40));
  for (const hour of [0, 60]) markStale(dataDir, 1, at(hour));
  await compactAll(writer, dataDir, endMs);
  assert.deepEqual(drawnChunks(dataDir), ['1 +0h of +0h: 30m00 stands 600 s in [1800, 2400)']);
  assert.deepEqual(
    seenChunks(dataDir, (chunk) => sumsOf(chunk, 1)),
    [{ 0: '3000' }],
  );
  const { hours, days, rolls } = logicalContent(dataDir);
  assert.deepEqual(
    [...hours, ...days].map(({ rolled }) => rolled),
    [1, 1, 1],
  );
  assert.deepEqual(
    rolls[0]?.map(({ processes }) => processes.map(({ totals }) => totals)),
    [[[0n, 3000n]]],
  );
  await close();
});

test('a late next profile lets the one before it stand for longer, into hours that get a carried chunk', async () => {
  const { dataDir, writer, close } = await compacted([recordOf(gauge(at(59), 5))]);
  assert.deepEqual(drawnChunks(dataDir), ['1 +0h of +0h: 59m00 stands 60 s in [3540, 3600)']);
  writer.append([recordOf(gauge(at(90), 7))]);
  for (const hour of [0, 60]) markStale(dataDir, 1, at(hour));
  await run(dataDir);
  assert.deepEqual(drawnChunks(dataDir), [
    '1 +0h of +0h: 59m00 stands 60 s in [3540, 3600)',
    '1 +1h of +0h: 59m00 stands 90 s in [0, 90), carried',
  ]);
  assert.deepEqual(
    seenChunks(dataDir, (chunk) => sumsOf(chunk, 1)),
    [{ 0: '300' }, { 0: '450' }],
  );
  assert.deepEqual(marks(dataDir), []);
  await compactAll(writer, dataDir, endMs + minute);
  assert.deepEqual(drawnChunks(dataDir).at(-1), '1 +1h of +1h: 90m00 stands 60 s in [1800, 1860)');
  await close();
});

test('a process that is alive after all gets its time back', async () => {
  const dataDir = storeDir();
  const writer = writerOn(dataDir, { now: () => at(0) });
  writer.append([recordOf(gauge(at(30), 5, slow))]);
  writer.endProcess('pod-1', at(31));
  await compactAll(writer, dataDir, endMs);
  assert.deepEqual(drawnChunks(dataDir), ['1 +0h of +0h: 30m00 stands 60 s in [1800, 1860)']);
  writer.append([recordOf(gauge(at(100), 6, slow))]);
  for (const hour of [0, 60]) markStale(dataDir, 1, at(hour));
  await run(dataDir);
  assert.deepEqual(drawnChunks(dataDir), [
    '1 +0h of +0h: 30m00 stands 1800 s in [1800, 3600)',
    '1 +1h of +0h: 30m00 stands 2400 s in [0, 2400), carried',
  ]);
  await writer[Symbol.asyncDispose]();
});

test('a mark that is made while the sums are restated stays for the next run', async () => {
  const { dataDir, writer, close } = await compacted([recordOf(gauge(at(30), 5, slow))]);
  markStale(dataDir, 1, at(0));
  let made = 0;
  await run(dataDir, (step) => {
    // The end comes when the run has looked already.
    if (step !== 'sums restated' || made++ > 0) return;
    writer.endProcess('pod-1', at(40));
    for (const hour of [0, 60]) markStale(dataDir, 1, at(hour));
  });
  assert.ok(marks(dataDir).length >= 2, 'the marks are there');
  assert.equal(drawnChunks(dataDir).length, 2, 'and the chunks are as they were');
  assert.deepEqual(metaRows(dataDir, 'SELECT DISTINCT rolled FROM hour'), [{ rolled: 0 }], 'no roll-up counts');
  await run(dataDir);
  assert.deepEqual(marks(dataDir), []);
  assert.deepEqual(drawnChunks(dataDir), ['1 +0h of +0h: 30m00 stands 600 s in [1800, 2400)']);
  assert.deepEqual(metaRows(dataDir, 'SELECT DISTINCT rolled FROM hour'), [{ rolled: 1 }]);
  await close();
});

test('a mark whose profile is still being committed is not taken for done before the profile is there', async () => {
  const dataDir = storeDir();
  const writer = writerOn(dataDir, { now: () => at(0) });
  writer.append([recordOf(gauge(at(59), 5))]);
  await compactAll(writer, dataDir, at(70));
  // Another process keeps the head of the next hour open.
  writer.append([recordOf(gauge(at(80), 5, { process: 'other' }))]);
  const late: LateProfile = {
    dataDir,
    head: 'head-20231114T23.db',
    series: 1,
    stampMs: at(90),
    staleMs: [at(0), at(60)],
  };
  const appending = new Worker(new URL('../../../support/store-late-profile-worker.ts', import.meta.url), {
    workerData: late,
  });
  const ended = once(appending, 'exit');
  await once(appending, 'message');
  const report = await compactStore({ dataDir, nowMs: at(91), synchronous: 'normal', maxBytes: 1e13, share: 1 });
  assert.deepEqual([report.failures, report.restated], [[], 2]);
  assert.deepEqual(drawnChunks(dataDir), [
    '1 +0h of +0h: 59m00 stands 60 s in [3540, 3600)',
    '1 +1h of +0h: 59m00 stands 90 s in [0, 90), carried',
  ]);
  await ended;
  await writer[Symbol.asyncDispose]();
});

test('an hour to which something happens while it is rolled up does not count until it is rolled up again', async () => {
  const { dataDir, writer, close } = await compacted([recordOf(gauge(at(30), 5, slow))]);
  markStale(dataDir, 1, at(0));
  let made = 0;
  const report = await run(dataDir, (step) => {
    if (step !== 'roll-ups written' || made++ > 0) return;
    writer.endProcess('pod-1', at(40));
    for (const hour of [0, 60]) markStale(dataDir, 1, at(hour));
  });
  assert.deepEqual([report.rolledHours, report.rolledDays, report.hoursToRoll], [0, 0, 2]);
  await run(dataDir);
  const { rolls, hours } = logicalContent(dataDir);
  assert.deepEqual(
    hours.map(({ rolled }) => rolled),
    [1, 1],
  );
  assert.deepEqual(
    rolls[0]?.map(({ processes }) => processes.map(({ totals }) => totals)),
    [[[0n, 3000n]]],
  );
  await close();
});

test('a carried chunk is restated by itself where the hour that its snapshot was taken in is gone', async () => {
  const { dataDir, writer, close } = await compacted([recordOf(gauge(at(115), 5, slow))]);
  assert.deepEqual(drawnChunks(dataDir), [
    '1 +1h of +1h: 115m00 stands 300 s in [3300, 3600)',
    '1 +2h of +1h: 115m00 stands 3300 s in [0, 3300), carried',
  ]);
  const [day] = metaRows<{ name: string }>(dataDir, `SELECT name FROM file WHERE kind = 'detail' ORDER BY from_ms`);
  const meta = openDatabase(join(dataDir, 'meta.db'), 'meta', 'normal');
  meta.prepare('DELETE FROM file WHERE name = ?').run(day?.name);
  meta.close();
  rmSync(join(dataDir, day?.name ?? ''));
  writer.endProcess('pod-1', at(130));
  for (const hour of [60, 120]) markStale(dataDir, 1, at(hour));
  await run(dataDir);
  assert.deepEqual(drawnChunks(dataDir), ['1 +2h of +1h: 115m00 stands 600 s in [0, 600), carried']);
  assert.deepEqual(
    seenChunks(dataDir, (chunk) => sumsOf(chunk, 1)),
    [{ 0: '3000' }],
  );
  await close();
});

test('damage in the chunks of one series is told with its hour and does not hold up the others', async () => {
  const { dataDir, writer, close } = await compacted([
    recordOf(gauge(at(30), 5, { ...slow, process: 'a' })),
    recordOf(gauge(at(90), 5, { ...slow, process: 'b' })),
  ]);
  const [file] = metaRows<{ name: string }>(dataDir, `SELECT name FROM file WHERE kind = 'detail'`);
  const detail = openDatabase(join(dataDir, file?.name ?? ''), 'detail', 'normal');
  detail.exec(`UPDATE chunk SET entries = zeroblob(length(entries)) WHERE series = 1 AND carried = 0`);
  detail.close();
  for (const process of ['a', 'b']) writer.endProcess(process, at(95));
  for (const series of [1, 2]) for (const hour of [0, 60, 120]) markStale(dataDir, series, at(hour));
  const report = await run(dataDir);
  const [failure] = report.failures;
  assert.equal(failure?.damagedHourMs, at(0));
  assert.match(failure?.doing ?? '', /series 1/);
  assert.deepEqual(new Set(marks(dataDir).map(({ series }) => series)), new Set([1]), 'its marks stay');
  writer.quarantine(at(0), failure?.message ?? '');
  assert.deepEqual((await run(dataDir)).failures, []);
  assert.deepEqual(
    seenChunks(dataDir, ({ entries }) => [...entries.standingSeconds], [2]),
    [[300]],
    'of the other series all is right',
  );
  await close();
});
