import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDatabase } from '../../../src/store/sqlite/files/database.ts';
import { openSqliteGrowth } from '../../../src/store/sqlite/growth/growth.ts';
import { openSqliteState } from '../../../src/store/sqlite/state.ts';
import { storeDir } from '../../support/store-dirs.ts';

const options = { synchronous: 'normal', patienceMs: 20 } as const;
const workload = { namespace: 'shop', workloadKind: 'Deployment', workload: 'cart', container: 'app' };
const process = { id: 'p1', slot: 'shop/p1/app', pod: 'p1', revision: 'r1', startedMs: undefined };
const floors = [{ workload, process, bucket: 7, goroutines: 3, functions: [] }];

test('what another thread holds up for too long is refused as expected, and can be written after', async () => {
  const dataDir = storeDir();
  await using state = openSqliteState({ dataDir, ...options });
  await using growth = openSqliteGrowth({ dataDir, ...options });
  const other = openDatabase(join(dataDir, 'state.db'), 'state', 'normal');
  other.exec('BEGIN IMMEDIATE');
  assert.throws(() => growth.saveFloors(600_000, 'live', floors), { name: 'FlameherdError', code: 'store_locked' });
  assert.throws(() => growth.prune(0, 0), { name: 'FlameherdError', code: 'store_locked' });
  assert.throws(() => state.set('a', '1'), { name: 'FlameherdError', code: 'store_locked' });
  assert.throws(() => state.pruneCheckpoints(0), { name: 'FlameherdError', code: 'store_locked' });
  assert.deepEqual([state.get('a'), growth.stats().openFloors], [undefined, 0], 'reading waits for nobody');
  other.exec('ROLLBACK');
  other.close();
  growth.saveFloors(600_000, 'live', floors);
  state.set('a', '1');
  assert.deepEqual([state.get('a'), growth.stats().openFloors], ['1', 1]);
});
