import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { test } from 'node:test';
import { array, asyncProperty, assert as check, nat } from 'fast-check';
import { compactStore } from '../../../../src/store/sqlite/compaction/compactor.ts';
import type { CompactionStep } from '../../../../src/store/sqlite/compaction/run.ts';
import { quietMs } from '../../../../src/store/sqlite/heads/sealing.ts';
import { logicalContent, markStale, profilesInChunks } from '../../../support/store-chunks.ts';
import { compactAll } from '../../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../../support/store-dirs.ts';
import { at, minute } from '../../../support/store-questions.ts';
import { goroutineTypes, heapTypes, recordOf } from '../../../support/store-records.ts';

const endMs = at(100 * 60);

/**
 * A store in which everything waits: an hour compacted and rolled up with late profiles beside it, two more hours, one of
 * them past midnight, and a process of which it became known late that it was over.
 */
async function waitingStore(): Promise<{ readonly dataDir: string; readonly profiles: number }> {
  const dataDir = storeDir();
  const writer = writerOn(dataDir, { now: () => at(0), maxPartitionSize: 6 });
  const one = (process: string, minutes: number, kind: 'goroutine' | 'heap' = 'goroutine') =>
    recordOf({
      process,
      kind,
      stampMs: at(minutes) + 500,
      intervalMs: 5 * minute,
      types: kind === 'heap' ? heapTypes : goroutineTypes,
      samples: { 'main;a': [minutes, 3], [`main;n${minutes % 4}`]: [1, 2] },
    });
  const first = [5, 20, 40, 57].flatMap((minutes) => [one('a', minutes), one('a', minutes, 'heap'), one('b', minutes)]);
  writer.append(first);
  await compactAll(writer, dataDir, at(100));
  const late = [one('c', 30), one('b', 58)];
  const more = [62, 90, 117, 130, 179].flatMap((minutes) => [one('a', minutes), one('c', minutes, 'heap')]);
  writer.append([...late, ...more]);
  writer.endProcess('a', at(41));
  for (const series of [1, 2]) markStale(dataDir, series, at(0));
  for (const series of [1, 2]) markStale(dataDir, series, at(60));
  writer.seal(endMs - quietMs);
  writer.seal(endMs);
  await writer[Symbol.asyncDispose]();
  return { dataDir, profiles: first.length + late.length + more.length };
}

/** Compacts a copy of a store, stopped after each of some counts of steps, until nothing is left to do. */
async function compactedWithStops(from: string, stops: readonly number[]) {
  const dataDir = storeDir();
  cpSync(from, dataDir, { recursive: true });
  const steps: CompactionStep[] = [];
  for (const stop of [...stops, Infinity]) {
    const controller = new AbortController();
    let count = 0;
    const report = await compactStore({
      dataDir,
      nowMs: endMs,
      synchronous: 'normal',
      maxBytes: 1e13,
      share: 1,
      signal: controller.signal,
      onStep: (step) => {
        steps.push(step);
        if (++count === stop) controller.abort();
      },
    });
    assert.deepEqual(report.failures, []);
    assert.equal(report.isUnfinished, count >= stop);
  }
  return { content: logicalContent(dataDir), steps };
}

test('a run that is cut off after any step is made good by the next one, and nothing counts twice', async () => {
  const { dataDir, profiles } = await waitingStore();
  const { content: whole, steps } = await compactedWithStops(dataDir, []);
  assert.equal(whole.profiles.length, profiles);
  assert.deepEqual(whole.stale, []);
  assert.ok(whole.hours.every(({ rolled }) => rolled === 1) && whole.days.every(({ rolled }) => rolled === 1));
  assert.equal(new Set(steps).size, 9, 'every kind of step is taken');
  for (let stop = 1; stop <= steps.length; stop++) {
    const { content } = await compactedWithStops(dataDir, [stop]);
    assert.deepEqual(content, whole, `after step ${stop}, ${steps[stop - 1]}`);
  }
});

test('however often it is cut off, the end is the same', async () => {
  const { dataDir } = await waitingStore();
  const { content: whole } = await compactedWithStops(dataDir, []);
  await check(
    asyncProperty(array(nat(12), { maxLength: 8 }), async (stops) => {
      const { content } = await compactedWithStops(
        dataDir,
        stops.map((stop) => stop + 1),
      );
      assert.deepEqual(content, whole);
    }),
    { numRuns: 8 },
  );
});

test('what is cut off in the middle of a head counts as if nothing had happened', async () => {
  const { dataDir } = await waitingStore();
  const before = profilesInChunks(dataDir);
  const copy = storeDir();
  cpSync(dataDir, copy, { recursive: true });
  const controller = new AbortController();
  await compactStore({
    dataDir: copy,
    nowMs: endMs,
    synchronous: 'normal',
    maxBytes: 1e13,
    share: 1,
    signal: controller.signal,
    onStep: (step) => step === 'chunks synced' && controller.abort(),
  });
  assert.deepEqual(profilesInChunks(copy), before);
});
