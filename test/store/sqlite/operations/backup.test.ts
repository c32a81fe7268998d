import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { openSqliteGrowth } from '../../../../src/store/sqlite/growth/growth.ts';
import { backupStore } from '../../../../src/store/sqlite/operations/backup.ts';
import { openSqliteReader } from '../../../../src/store/sqlite/reader.ts';
import { openSqliteState } from '../../../../src/store/sqlite/state.ts';
import { compactAll } from '../../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../../support/store-dirs.ts';
import { at } from '../../../support/store-questions.ts';
import { recordOf, valuesByStack } from '../../../support/store-records.ts';

const hour = 3_600_000;

/** One unit on one stack in each: the sum over all time is their number. */
function batch(number: number) {
  return ['a', 'b'].map((process) =>
    recordOf({
      process,
      stampMs: at(7 * number),
      samples: { 'main;always': [1, 0], [`main;n${number % 50}`]: [1, 0] },
    }),
  );
}

async function countOf(dataDir: string): Promise<{ readonly profiles: number; readonly sum: bigint }> {
  await using reader = openSqliteReader({ dataDir });
  const { profile, coverage } = reader.merge({
    selector: { kind: 'heap', matchers: [] },
    window: { fromMs: at(0), toMs: at(1e6) },
    aggregation: 'avg',
    peakType: { type: 'inuse_space', unit: 'bytes' },
  });
  return { profiles: coverage.profiles, sum: valuesByStack(profile, 'alloc_space')['main;always'] ?? 0n };
}

test('a backup of a store that is being written and compacted holds all that was acknowledged before, once', async () => {
  const dataDir = storeDir();
  const to = join(storeDir(), 'copy');
  await using writer = writerOn(dataDir);
  await using _state = openSqliteState({ dataDir, synchronous: 'normal' });
  await using growth = openSqliteGrowth({ dataDir, synchronous: 'normal' });
  const workload = { namespace: 'shop', workloadKind: 'Deployment', workload: 'cart', container: 'app' };
  const process = { id: 'p', slot: 's', pod: 'p', revision: 'v1', startedMs: 1 };
  const floors = [{ workload, process, bucket: 7, heap: undefined, goroutines: 5, functions: [] }];
  growth.saveFloors(600_000, 'live', floors);
  let appended = 0;
  const append = (count: number) => {
    for (let end = appended + count; appended < end; appended++) writer.append(batch(appended));
  };
  append(60);
  const before = 2 * appended;
  const copy = { isDone: false };
  const copying = backupStore(dataDir, to).finally(() => (copy.isDone = true));
  for (let turn = 0; turn < 40 && !copy.isDone; turn++) {
    append(3);
    if (turn % 4 === 1) await compactAll(writer, dataDir, at(7 * appended));
    await setImmediate();
  }
  const report = await copying;
  const { profiles, sum } = await countOf(to);
  assert.ok(profiles >= before, `${profiles} of ${before}`);
  assert.equal(sum, BigInt(profiles));
  assert.ok(report.files.includes('state.db'));
  for (const name of report.files) {
    const database = new Database(join(to, name), { readonly: true });
    assert.equal(database.pragma('integrity_check', { simple: true }), 'ok', name);
    database.close();
  }

  await using restoredGrowth = openSqliteGrowth({ dataDir: to, synchronous: 'normal' });
  assert.deepEqual([...restoredGrowth.floors({ bucketMs: 600_000, from: 0, to: 100 })], floors);
  await using restored = writerOn(to);
  restored.append(batch(1000));
  await compactAll(restored, to, at(7 * 1000) + 10 * hour);
  assert.equal((await countOf(to)).profiles, profiles + 2);
});

test('a backup takes no folder that is there, and what was cut off is never taken for a copy', async () => {
  const dataDir = storeDir();
  const parent = storeDir();
  const to = join(parent, 'copy');
  await assert.rejects(backupStore(dataDir, to), { code: 'not_ready' });
  await using writer = writerOn(dataDir);
  writer.append(batch(1));
  mkdirSync(`${to}.partial`);
  writeFileSync(join(`${to}.partial`, 'meta.db'), 'cut off');
  assert.ok(!existsSync(to));
  await backupStore(dataDir, to);
  assert.deepEqual(readdirSync(parent), ['copy']);
  await assert.rejects(backupStore(dataDir, to), {
    code: 'bad_parameter',
    message: `${to} exists; a backup makes a folder of its own`,
  });
});
