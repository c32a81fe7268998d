import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { openSqliteGrowth } from '../../../src/store/sqlite/growth/growth.ts';
import { openSqliteReader } from '../../../src/store/sqlite/reader.ts';
import { openSqliteState } from '../../../src/store/sqlite/state.ts';
import { storeDir, writerOn } from '../../support/store-dirs.ts';
import { at, gauge, merged, minute } from '../../support/store-questions.ts';
import { recordOf, valuesByStack } from '../../support/store-records.ts';

const hour = 60 * minute;
const headFiles = (dataDir: string): string[] =>
  readdirSync(dataDir)
    .filter((name) => /^head-.*db$/.test(name))
    .sort();

test('a second writer on a data directory is told so, and may have it once the first has closed', async () => {
  const dataDir = storeDir();
  {
    await using first = writerOn(dataDir);
    assert.throws(() => writerOn(dataDir), {
      code: 'store_locked',
      message: `another flameherd is writing to ${dataDir}`,
      hint: 'stop it, or give this one a directory of its own with --data DIR',
    });
    first.append([recordOf(gauge(at(0), 1))]);
  }
  await using second = writerOn(dataDir);
  assert.equal(second.stats().series, 1);
});

test('a store of a newer flameherd is refused with both versions, by every door, and left as it is', async () => {
  const dataDir = storeDir();
  {
    await using writer = writerOn(dataDir);
    writer.append([recordOf(gauge(at(0), 1))]);
    await using _state = openSqliteState({ dataDir, synchronous: 'normal' });
  }
  for (const name of ['meta.db', 'state.db']) {
    const database = new Database(join(dataDir, name));
    database.pragma('user_version = 99');
    database.close();
  }
  const known = { meta: 3, state: 3 };
  const refusal = (schema: 'meta' | 'state') => ({
    code: 'store_too_new',
    message: `${schema}.db has ${schema} schema 99; this flameherd knows up to ${known[schema]}`,
  });
  assert.throws(() => writerOn(dataDir), refusal('meta'));
  assert.throws(() => writerOn(dataDir), refusal('meta'), 'and no lock is left behind');
  assert.throws(() => openSqliteReader({ dataDir }), refusal('meta'));
  assert.throws(() => openSqliteState({ dataDir, synchronous: 'full' }), refusal('state'));
  assert.throws(() => openSqliteGrowth({ dataDir, synchronous: 'full' }), refusal('state'));
});

test('a reader without a store says what to do', () => {
  assert.throws(() => openSqliteReader({ dataDir: storeDir() }), {
    code: 'not_ready',
    hint: 'start the collector once with this --data directory',
  });
});

test('hours past their age are removed whole, with their series and symbols; readers notice', async () => {
  const dataDir = storeDir();
  await using writer = writerOn(dataDir, { retention: { maxAgeMs: 2 * hour, maxBytes: 1e13 }, monotonicMs: () => 0 });
  writer.append([recordOf(gauge(at(5), 1, { process: 'old', labels: { workload: 'old' } }))]);
  writer.append([0, 61, 122, 183].map((minutes) => recordOf(gauge(at(minutes), 5))));
  await using reader = openSqliteReader({ dataDir });
  assert.equal(merged(reader, 0, 60).answer.coverage.profiles, 2);
  const before = headFiles(dataDir);
  assert.deepEqual(writer.retain(at(179)).removedFiles, [], 'the first hour ends within the last two');
  const report = writer.retain(at(181));
  assert.deepEqual(report.removedFiles, before.slice(0, 1));
  assert.equal(report.oldestMs, at(61));
  assert.ok(report.removedBytes > 0);
  assert.deepEqual(headFiles(dataDir), before.slice(1));
  assert.equal(merged(reader, 0, 60).answer.coverage.profiles, 0);
  assert.equal(merged(reader, 60, 300).answer.coverage.profiles, 3);
  assert.equal(writer.stats().oldestMs, at(61));
  assert.equal(writer.stats().series, 2, 'what is gone may still stand into the hour after it');
  writer.retain(at(241));
  const { series, partitions, files, oldestMs } = writer.stats();
  assert.deepEqual({ series, partitions, files, oldestMs }, { series: 1, partitions: 1, files: 2, oldestMs: at(122) });
  assert.equal(reader.stats().series, 1);
  const [again] = writer.append([recordOf(gauge(at(184), 1, { process: 'old', labels: { workload: 'old' } }))]);
  assert.equal(again?.kind, 'stored');
  assert.notEqual(again.id.split('-')[0], '1', 'a row id is never used twice');
});

test('the byte cap removes the oldest hours first, and never the one being written', async () => {
  const dataDir = storeDir();
  await using writer = writerOn(dataDir, { retention: { maxAgeMs: 1e13, maxBytes: 1 } });
  writer.append([0, 61, 122].map((minutes) => recordOf(gauge(at(minutes), 5))));
  assert.equal(writer.retain(at(125)).removedFiles.length, 2);
  assert.equal(headFiles(dataDir).length, 1);
  assert.deepEqual(writer.append([recordOf(gauge(at(123), 5))])[0]?.kind, 'stored');
});

test('a clock that jumps a year ahead removes nothing, and says why', async () => {
  const dataDir = storeDir();
  const options = { retention: { maxAgeMs: hour, maxBytes: 1e13 }, monotonicMs: () => 0 };
  {
    await using writer = writerOn(dataDir, options);
    writer.append([0, 61].map((minutes) => recordOf(gauge(at(minutes), 5))));
    assert.equal(writer.retain(at(62)).pausedBecause, undefined);
  }
  await using writer = writerOn(dataDir, options);
  const report = writer.retain(at(525_600));
  assert.deepEqual(report.removedFiles, []);
  assert.match(report.pausedBecause ?? '', /removal by age waits/);
});

test('below the floor of free disk nothing is stored; it goes on by itself', async () => {
  const dataDir = storeDir();
  let [free, clock] = [1000, 0];
  await using writer = writerOn(dataDir, { minFreeBytes: 500, freeBytes: () => free, monotonicMs: () => clock });
  const record = recordOf(gauge(at(0), 1));
  free = 499;
  clock = 2000;
  assert.throws(() => writer.append([record]), {
    code: 'storage_full',
    message: `499 bytes are free on the disk of ${dataDir}; at least 500 must stay free`,
  });
  assert.match(writer.stats().fullBecause ?? '', /499 bytes are free/);
  free = 500;
  clock = 4000;
  assert.equal(writer.append([record])[0]?.kind, 'stored');
  assert.equal(writer.stats().fullBecause, undefined);
});

test('a failure in the middle of an append leaves nothing half-done, and the next append is whole', async () => {
  const dataDir = storeDir();
  await using writer = writerOn(dataDir);
  const good = recordOf({ stampMs: at(0), samples: { 'main;a': [1, 1], 'main;b': [2, 2] } });
  const broken = {
    ...recordOf({ process: 'pod-2', stampMs: at(0), samples: { 'main;new': [1, 1] } }),
    stacks: {
      ...good.stacks,
      describe: () => {
        throw new Error('describe failed');
      },
    },
  };
  assert.throws(
    () => writer.append([good, { ...broken, stacks: { ...broken.stacks, hashHigh: Int32Array.of(1, 2) } }]),
    {
      message: 'describe failed',
    },
  );
  assert.equal(writer.stats().series, 0);
  assert.equal(writer.append([good])[0]?.kind, 'stored');
  await using reader = openSqliteReader({ dataDir });
  assert.deepEqual(merged(reader, 0, 1, { type: 'alloc_space' }).values, { 'main;a': 1, 'main;b': 2 });
});

test('a full partition starts a new epoch; answers span both, with each stack once', async () => {
  const dataDir = storeDir();
  const samplesAt = (index: number) => ({ 'main;always': [1, 0], [`main;f${index};g;h`]: [1, 0] }) as const;
  {
    await using writer = writerOn(dataDir, { maxPartitionSize: 20 });
    for (let index = 0; index < 30; index++)
      writer.append([recordOf({ stampMs: at(index), samples: samplesAt(index) })]);
    assert.ok(writer.stats().partitions > 3, `${writer.stats().partitions} partitions`);
    const increases = writer.increasesSince(recordOf({ stampMs: 0, samples: {} }).series, at(0));
    assert.equal(increases.hashHigh.length, 30);
    assert.equal(Math.max(...Array.from(increases.values[0] ?? [], Number)), 29);
  }
  await using reader = openSqliteReader({ dataDir });
  const { answer } = merged(reader, 0, 60);
  assert.equal(answer.profile.stacks.size, 31);
  assert.equal(valuesByStack(answer.profile, 'alloc_space')['main;always'], 30n);
});

test('a stack known under another hash keeps its row, as after a new hash seed', async () => {
  const dataDir = storeDir();
  await using writer = writerOn(dataDir);
  const first = recordOf({ stampMs: at(0), samples: { 'main;a': [1, 1], 'main;b': [1, 1] } });
  const second = recordOf({ stampMs: at(1), samples: { 'main;a': [2, 1], 'main;b': [3, 1] } });
  const twice = { ...second.stacks, describe: () => first.stacks.describe(0), hashHigh: Int32Array.of(7, 8) };
  writer.append([first, { ...second, stacks: twice }]);
  await using reader = openSqliteReader({ dataDir });
  const { answer } = merged(reader, 0, 2);
  assert.equal(answer.profile.stacks.size, 2);
  assert.deepEqual(valuesByStack(answer.profile, 'alloc_space'), { 'main;a': 6n, 'main;b': 1n });
});

test('an hour that is past its age goes even when nothing newer ever came', async () => {
  const dataDir = storeDir();
  let clock = 0;
  await using writer = writerOn(dataDir, { retention: { maxAgeMs: hour, maxBytes: 1e13 }, monotonicMs: () => clock });
  writer.append([recordOf(gauge(at(0), 1))]);
  writer.retain(at(1));
  clock = 3 * hour;
  assert.equal(writer.retain(at(1) + clock).removedFiles.length, 1);
  assert.deepEqual(headFiles(dataDir), []);
  assert.equal(writer.stats().series, 0);
  await using reader = openSqliteReader({ dataDir });
  assert.deepEqual(merged(reader, 0, 60).values, {});
});

test('a head file that was cut off while it was made is completed at the next start', async () => {
  const dataDir = storeDir();
  {
    await using writer = writerOn(dataDir);
    writer.append([recordOf(gauge(at(0), 1))]);
  }
  new Database(join(dataDir, 'head-20231114T23.db')).exec('PRAGMA journal_mode = WAL').close();
  await using writer = writerOn(dataDir);
  await using reader = openSqliteReader({ dataDir });
  assert.equal(merged(reader, 0, 120).answer.coverage.profiles, 1);
  assert.equal(writer.append([recordOf(gauge(at(61), 1))])[0]?.kind, 'stored');
  assert.equal(merged(reader, 0, 120).answer.coverage.profiles, 2);
});
