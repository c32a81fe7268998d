import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSqliteGrowth } from '../../../../src/store/sqlite/growth/growth.ts';
import { eventOf } from '../../../support/growth-events.ts';
import { workloadNamed } from '../../../support/growth-floors.ts';
import { storeDir } from '../../../support/store-dirs.ts';

test('profiles of events are bounded over all workloads: those of the oldest events go, the one at hand stays', async () => {
  await using store = openSqliteGrowth({ dataDir: storeDir(), synchronous: 'normal', eventProfileBytes: 1000 });
  const windows = { base: undefined, compare: { fromMs: 0, toMs: 1 } };
  const save = (id: string, bytes: number) => store.saveEventProfiles(id, windows, { compare: new Uint8Array(bytes) });
  const held = () => ['a', 'b', 'c', 'd'].filter((id) => store.eventProfile(id, 'compare') !== undefined);
  const events = ['a', 'b', 'c', 'd'].map((id, at) =>
    eventOf({ id, openedMs: at, workload: workloadNamed({ workload: `w${at}` }) }),
  );
  store.saveEvaluations([], events);
  for (const id of ['b', 'c', 'd']) save(id, 300);
  assert.deepEqual(held(), ['b', 'c', 'd']);
  save('a', 300);
  assert.deepEqual(held(), ['a', 'c', 'd'], 'it was asked for just now');
  save('d', 500);
  assert.deepEqual(held(), ['c', 'd']);
  save('c', 5000);
  assert.deepEqual(held(), ['c'], 'one is kept, however large');
  assert.deepEqual(store.event('d')?.profiles, windows, 'so that they are not made again, to be dropped again');
});
