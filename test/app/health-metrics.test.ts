import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppNumbers, ReflectorNumbers } from '../../src/app/metrics.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { type StoreStats, storeFileKinds } from '../../src/store/profile-store.ts';
import { registerAllMetrics } from '../support/all-metrics.ts';
import { type MetricsPage, parseMetrics } from '../support/metrics-page.ts';

async function pageOf(app: Partial<AppNumbers>): Promise<MetricsPage> {
  const registry = createMetrics();
  registerAllMetrics(registry, { app: { now: () => 100_000, ...app } });
  return parseMetrics((await registry.text()).body);
}

function clusterOf(...reflectors: readonly Partial<ReflectorNumbers>[]): Partial<AppNumbers> {
  const usual = {
    records: 0,
    lists: 0,
    watches: 0,
    events: 0,
    errors: {},
    lastEventMs: undefined,
    listedMs: undefined,
  };
  const all = reflectors.map((given) => ({ resource: 'pods', startedMs: 40_000, ...usual, ...given }));
  return { cluster: { discoverer: { optInsRemoved: 0 }, reflectors: () => all } };
}

const behind = async (app: Partial<AppNumbers>) => (await pageOf(app)).value('flameherd_discovery_behind_seconds');

test('discovery is behind by the watch of pods that was silent for longest', async () => {
  assert.equal(await behind({}), undefined, 'no cluster is watched');
  assert.equal(await behind(clusterOf({ lastEventMs: 90_000 })), 10);
  assert.equal(await behind(clusterOf({ lastEventMs: 90_000 }, { resource: 'cronjobs' })), 10, 'cronjobs are optional');
  const each = [
    { resource: 'shop/pods', lastEventMs: 99_000 },
    { resource: 'bank/pods', lastEventMs: 70_000 },
  ];
  assert.equal(await behind(clusterOf(...each)), 30);
  assert.equal(await behind(clusterOf({})), 60, 'nothing was heard since the start');
  assert.equal(await behind(clusterOf({ lastEventMs: 101_000 })), 0, 'never below 0');
});

test('when all objects were listed last is told by resource', async () => {
  const page = await pageOf(clusterOf({ listedMs: 50_000 }, { resource: 'services' }));
  const name = 'flameherd_kubernetes_last_list_timestamp_seconds';
  assert.deepEqual(
    [page.value(name, { resource: 'pods' }), page.value(name, { resource: 'services' })],
    [50, undefined],
  );
});

test('a store says how large it may be, and why nothing is stored', async () => {
  const none = { files: 0, bytes: 0 };
  const stats: StoreStats = {
    bytes: 0,
    files: 0,
    series: 0,
    partitions: 0,
    oldestMs: undefined,
    newestMs: undefined,
    fullBecause: undefined,
    byKind: Object.fromEntries(storeFileKinds.map((kind) => [kind, none])) as StoreStats['byKind'],
    compactionDueMs: undefined,
    damagedHoursMs: [],
  };
  const reasons = async (fullReason: StoreStats['fullReason']) => {
    const store = { ...stats, fullReason };
    const page = await pageOf({ numbers: { ingest: undefined, store }, storeLimitBytes: () => 20_000 });
    assert.equal(page.value('flameherd_store_limit_bytes'), 20_000);
    return ['full', 'read_only'].map((reason) => page.value('flameherd_store_full', { reason }));
  };
  assert.deepEqual(
    [await reasons(undefined), await reasons('full'), await reasons('read_only')],
    [
      [0, 0],
      [1, 0],
      [0, 1],
    ],
  );
  assert.deepEqual((await pageOf({})).samples('flameherd_store_full'), [], 'not known yet');
});
