import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FloorRetention, floorShare, leastKeptMs } from '../../src/app/floor-retention.ts';
import { day, hour } from '../../src/model/units.ts';
import { openSqliteGrowth } from '../../src/store/sqlite/growth/growth.ts';
import { storeDir } from '../support/store-dirs.ts';

const bucketMs = hour;
const now = 20_000 * day;
const workload = { namespace: 'shop', workloadKind: 'Deployment', workload: 'cart', container: 'app' };
const ids = Array.from({ length: 40 }, (_, at) => `p${at}`);

/** 30 days of floors, which no two are alike. */
function filled() {
  const store = openSqliteGrowth({ dataDir: storeDir(), synchronous: 'normal' });
  for (let bucket = (now - 30 * day) / bucketMs; bucket < now / bucketMs; bucket++) {
    store.saveFloors(
      bucketMs,
      'live',
      ids.map((id, at) => {
        const process = { id, slot: id, pod: id, revision: 'r', startedMs: 0 };
        const noise = (bucket * 7919 * (at + 3)) % 1e9;
        const allocations = { allocBytes: (noise * 31) % 1e9, allocMs: hour };
        const heap = { bytes: noise, objects: (noise * 17) % 1e9, period: 524_288, weight: 600_000, ...allocations };
        return { workload, process, bucket, heap, goroutines: (noise * 13) % 1e9, functions: [] };
      }),
    );
  }
  while (store.prune(0, 0));
  return store;
}

function kept(store: ReturnType<typeof filled>, maxBytes: number) {
  const warnings: string[] = [];
  const logger = { warn: (message: string) => void warnings.push(message) } as never;
  const retention = new FloorRetention({
    retentionMs: 35 * day,
    maxBytes,
    usedBytes: () => store.usedBytes(),
    prune: (...ages) => store.prune(...ages),
    rest: async () => false,
    logger,
    now: () => now,
  });
  const oldest = () => [...store.floors({ bucketMs, from: 0, to: 1e9 })][0]?.bucket ?? Number.POSITIVE_INFINITY;
  return { retention, warnings, ageMs: () => now - oldest() * bucketMs };
}

test('floors stay for their retention as long as they take no more than their share', async () => {
  await using store = filled();
  const { retention, warnings, ageMs } = kept(store, store.usedBytes() / floorShare + 1e6);
  await retention.run();
  assert.deepEqual([retention.keptMs, ageMs(), warnings], [35 * day, 30 * day, []]);
});

test('the oldest floors go until the rest is their share, which is told once, and the young stay in any case', async () => {
  await using store = filled();
  const most = 0.7 * store.usedBytes();
  const some = kept(store, most / floorShare);
  await some.retention.run();
  assert.ok(store.usedBytes() <= most, `${store.usedBytes()} of ${most}`);
  const ageMs = some.ageMs();
  assert.ok(ageMs > leastKeptMs && ageMs < 30 * day, `${ageMs / day} days`);
  await some.retention.run();
  assert.equal(some.warnings.length, 1);
  const none = kept(store, 1);
  await none.retention.run();
  assert.equal(none.retention.keptMs, leastKeptMs);
  assert.ok(none.ageMs() >= leastKeptMs && none.ageMs() < ageMs, `${none.ageMs() / day} days`);
});

test('what is configured is kept again, a day with each run, when half of the room is free', async () => {
  let used = 100;
  const ages: number[] = [];
  const retention = new FloorRetention({
    retentionMs: 20 * day,
    maxBytes: 100 / floorShare,
    usedBytes: () => used,
    prune: (olderThanMs, eventsOlderThanMs) => {
      ages.push((now - olderThanMs) / day);
      assert.equal(eventsOlderThanMs, now - 20 * day, 'events are small and stay');
      used -= 10;
      return false;
    },
    rest: async () => false,
    logger: { warn: () => undefined } as never,
    now: () => now,
  });
  used = 140;
  await retention.run();
  assert.deepEqual(ages, [20, 19, 18, 17]);
  for (const [held, days] of [
    [70, 17],
    [49, 18],
    [40, 19],
    [30, 20],
    [20, 20],
  ] as const) {
    used = held;
    await retention.run();
    assert.equal(retention.keptMs, days * day, `${held}`);
  }
});
