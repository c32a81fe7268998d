import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { compactStore } from '../../../../src/store/sqlite/compaction/compactor.ts';
import { hourOf } from '../../../../src/store/sqlite/files/data-dir.ts';
import { openDatabase } from '../../../../src/store/sqlite/files/database.ts';
import { rollFileOf } from '../../../../src/store/sqlite/rollups/roll-name.ts';
import { compactAll } from '../../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../../support/store-dirs.ts';
import { at, gauge } from '../../../support/store-questions.ts';
import { recordOf } from '../../../support/store-records.ts';

test('a damaged roll-up of an hour fails its day, by name, and does not condemn the detail of the hour', async () => {
  const dataDir = storeDir();
  const writer = writerOn(dataDir, { now: () => at(0) });
  writer.append([recordOf(gauge(at(10), 5))]);
  await compactAll(writer, dataDir, at(90));
  const { name } = rollFileOf('1h', hourOf(at(10)));
  const rolls = openDatabase(join(dataDir, name), 'roll', 'normal');
  rolls.exec('UPDATE roll SET head = zeroblob(length(head))');
  rolls.close();
  const { failures } = await compactStore({
    dataDir,
    nowMs: at(26 * 60),
    synchronous: 'normal',
    maxBytes: 1e13,
    share: 1,
  });
  assert.equal(failures.length, 1);
  assert.match(failures[0]?.message ?? '', new RegExp(`^${name}: a roll-up of heap`));
  assert.match(failures[0]?.doing ?? '', /day/);
  assert.equal(failures[0]?.damagedHourMs, undefined);
  await writer[Symbol.asyncDispose]();
});
