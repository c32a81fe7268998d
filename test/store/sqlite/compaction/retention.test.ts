import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawnChunks, metaRows } from '../../../support/store-chunks.ts';
import { compactAll } from '../../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../../support/store-dirs.ts';
import { at, gauge, minute } from '../../../support/store-questions.ts';
import { recordOf } from '../../../support/store-records.ts';

const hour = 60 * minute;

/** Profiles before midnight, which is 120 minutes after the start, and after it; all compacted. */
async function overMidnight() {
  const dataDir = storeDir();
  const clock = { monotonicMs: 0 };
  const writer = writerOn(dataDir, {
    now: () => at(0),
    monotonicMs: () => clock.monotonicMs,
    retention: { maxAgeMs: 20 * hour, maxBytes: 1e13 },
  });
  writer.append([50, 119.5, 120.5, 140].map((minutes) => recordOf(gauge(at(minutes), 5))));
  await compactAll(writer, dataDir, at(10 * 60));
  const retain = (minutes: number) => {
    clock.monotonicMs = minutes * minute;
    return writer.retain(at(minutes)).removedFiles;
  };
  return { dataDir, retain, close: () => writer[Symbol.asyncDispose]() };
}

test('what is carried over midnight still counts when the day before is removed', async () => {
  const { dataDir, retain, close } = await overMidnight();
  const before = drawnChunks(dataDir);
  assert.equal(before[2], '1 +2h of +1h: 119m30 stands 30 s in [0, 30), carried');
  assert.deepEqual(retain(24 * 60), ['detail-20231114.db']);
  assert.deepEqual(drawnChunks(dataDir), before.slice(2));
  assert.deepEqual(
    metaRows(dataDir, `SELECT name FROM file WHERE kind = 'head' ORDER BY name`),
    [{ name: 'head-20231114T23.db' }, { name: 'head-20231115T00.db' }],
    'the head that carried is listed, the one before it is not',
  );
  assert.deepEqual(retain(25 * 60), [], 'and stays so');
  assert.deepEqual(drawnChunks(dataDir), before.slice(2));
  await close();
});

test('with the last detail file nothing is left of any head', async () => {
  const { dataDir, retain, close } = await overMidnight();
  retain(24 * 60);
  assert.deepEqual(retain(50 * 60), ['detail-20231115.db']);
  assert.deepEqual(metaRows(dataDir, `SELECT name FROM file WHERE kind IN ('head', 'detail')`), []);
  await close();
});
