import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { KubernetesDiscoverer, type KubernetesDiscovererOptions } from '../../src/discovery/kubernetes-discoverer.ts';
import type { DiscoveryRules } from '../../src/discovery/rules.ts';
import type { TargetGroup } from '../../src/model/target.ts';
import { containerOf, defaultDiscoveryRules, objectOf, ours, podOf } from '../support/discovery-records.ts';
import { FakeCluster } from '../support/discovery-view.ts';

const debounceMs = 250;
const key = 'kubernetes/shop/Deployment/checkout';

interface Running {
  readonly cluster: FakeCluster;
  readonly discoverer: KubernetesDiscoverer;
  /** What was sent since the last look, a line a group: `kubernetes/…: checkout-1 active, checkout-2 held`. */
  readonly sent: () => Promise<string[]>;
  readonly ended: string[];
  readonly warned: string[];
}

/** A discoverer over this cluster, with the clock at a standstill but for what `sent` lets pass. */
async function running(
  t: TestContext,
  cluster: FakeCluster,
  rules: Partial<DiscoveryRules> = {},
  options: Partial<KubernetesDiscovererOptions> = {},
): Promise<Running> {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const ended: string[] = [];
  const warned: string[] = [];
  const groups: TargetGroup[] = [];
  const stop = new AbortController();
  const discoverer = new KubernetesDiscoverer({
    view: cluster,
    rules: { ...defaultDiscoveryRules, ...rules },
    now: () => 7_000,
    onProcessEnd: (id, endedMs) => ended.push(`${id} ${endedMs}`),
    warn: (message) => warned.push(message),
    ...options,
  });
  const done = discoverer.run((sent) => groups.push(...sent), stop.signal);
  t.after(async () => {
    stop.abort();
    await done;
  });
  const sent = async () => {
    await settled();
    t.mock.timers.tick(debounceMs);
    await settled();
    return groups.splice(0).map(drawGroup);
  };
  return { cluster, discoverer, sent, ended, warned };
}

async function settled(): Promise<void> {
  for (let turns = 0; turns < 5; turns++) await turn();
}

function drawGroup({ key, targets }: TargetGroup): string {
  return `${key}: ${targets.map(({ labels, state }) => `${labels['pod']} ${state.kind}`).join(', ') || 'gone'}`;
}

function checkout(annotations: Record<string, string> = { scrape: 'true' }, generation = 1) {
  return objectOf('checkout', { annotations: ours(annotations), generation });
}

/** Two pods of an opted-in Deployment, and one that nobody opted in. */
function shop(): FakeCluster {
  const cluster = new FakeCluster();
  cluster.putNamespace(objectOf('shop', { namespace: '' }));
  cluster.putWorkload('Deployment', checkout());
  cluster.putPod(podOf({ name: 'checkout-1' }));
  cluster.putPod(podOf({ name: 'checkout-2', createdMs: 900 }));
  cluster.putPod(podOf({ name: 'toolbox', owner: undefined }));
  return cluster;
}

test('the first send holds the groups of all workloads that have targets, keyed by namespace, kind and workload', async (t) => {
  const { sent } = await running(t, shop());
  assert.deepEqual(await sent(), [`${key}: checkout-1 active, checkout-2 active`]);
});

test('a cluster without targets sends an empty first list, so that all is known to be known', async () => {
  const lists: (readonly TargetGroup[])[] = [];
  const stop = new AbortController();
  const options = { view: new FakeCluster(), rules: defaultDiscoveryRules, now: () => 0, onProcessEnd: () => {} };
  const done = new KubernetesDiscoverer(options).run((groups) => lists.push(groups), stop.signal);
  await settled();
  stop.abort();
  await done;
  assert.deepEqual(lists, [[]]);
});

test('annotating a Deployment gives targets at once, with no roll-out', async (t) => {
  const cluster = shop();
  cluster.putWorkload('Deployment', checkout({}));
  const { sent } = await running(t, cluster);
  assert.deepEqual(await sent(), []);
  cluster.putWorkload('Deployment', checkout());
  assert.deepEqual(await sent(), [`${key}: checkout-1 active, checkout-2 active`]);
  cluster.putWorkload('Deployment', checkout({ scrape: 'false' }));
  assert.deepEqual(await sent(), [`${key}: gone`]);
});

test('an opt-in on a Namespace reaches all its pods', async (t) => {
  const cluster = shop();
  const { sent } = await running(t, cluster);
  await sent();
  cluster.putNamespace(objectOf('shop', { namespace: '', annotations: ours({ scrape: 'yes' }) }));
  assert.deepEqual(await sent(), ['kubernetes/shop/Pod/toolbox: toolbox active']);
});

test('only groups that changed are sent', async (t) => {
  const { cluster, sent } = await running(t, shop());
  await sent();
  cluster.putPod(podOf({ name: 'checkout-1' }));
  cluster.putPod(podOf({ name: 'toolbox', owner: undefined, createdMs: 3 }));
  assert.deepEqual(await sent(), []);
});

test('changes are gathered for the debounce before they are sent', async (t) => {
  const { cluster, sent } = await running(t, shop());
  await sent();
  for (const name of ['checkout-3', 'checkout-4']) cluster.putPod(podOf({ name }));
  await settled();
  t.mock.timers.tick(debounceMs - 1);
  await settled();
  cluster.removePod('uid-checkout-3');
  assert.deepEqual(await sent(), [`${key}: checkout-1 active, checkout-2 active, checkout-4 active`]);
});

test('a change that comes while targets are being sent is not lost', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const cluster = shop();
  const lines: string[] = [];
  const stop = new AbortController();
  const options = { view: cluster, rules: defaultDiscoveryRules, now: () => 0, onProcessEnd: () => {} };
  const done = new KubernetesDiscoverer(options).run((groups) => {
    if (lines.length === 0) cluster.removePod('uid-checkout-1');
    lines.push(...groups.map(drawGroup));
  }, stop.signal);
  await settled();
  t.mock.timers.tick(debounceMs);
  await settled();
  stop.abort();
  await done;
  assert.deepEqual(lines, [`${key}: checkout-1 active, checkout-2 active`, `${key}: checkout-2 active`]);
});

test('a pod that is gone is removed with the next send, and the last pod takes its group away', async (t) => {
  const { cluster, sent } = await running(t, shop());
  await sent();
  cluster.removePod('uid-checkout-1');
  assert.deepEqual(await sent(), [`${key}: checkout-2 active`]);
  cluster.removePod('uid-checkout-2');
  assert.deepEqual(await sent(), [`${key}: gone`]);
});

test('a pod whose owner is being asked waits, and has targets once the answer is there', async (t) => {
  const cluster = new FakeCluster();
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'import', uid: 'uid-import' };
  const pod = podOf({ name: 'import-1', owner, annotations: ours({ scrape: 'true' }) });
  cluster.owners.set('Job/import', { kind: 'pending' });
  cluster.putPod(pod);
  const { sent } = await running(t, cluster);
  assert.deepEqual(await sent(), []);
  cluster.owners.set('Job/import', { kind: 'found', owner: undefined });
  cluster.putPod(pod);
  assert.deepEqual(await sent(), ['kubernetes/shop/Job/import: import-1 active']);
});

test('a finished container ends its process at the moment it finished', async (t) => {
  const { cluster, sent, ended } = await running(t, shop());
  await sent();
  cluster.putPod(
    podOf({
      name: 'checkout-1',
      containers: [containerOf('app', ['http 8080'], { running: false, finishedMs: 5_000 })],
    }),
  );
  assert.deepEqual(ended, ['uid-checkout-1/containerd://app-1 5000']);
  await sent();
  cluster.removePod('uid-checkout-1');
  assert.equal(ended.length, 1);
});

test('a container that was replaced between two looks ended when the next one started', async (t) => {
  const { cluster, sent, ended } = await running(t, shop());
  await sent();
  const restarted = containerOf('app', ['http 8080'], { containerId: 'containerd://app-2', startedMs: 6_000 });
  cluster.putPod(podOf({ name: 'checkout-1', containers: [restarted] }));
  assert.deepEqual(ended, ['uid-checkout-1/containerd://app-1 6000']);
  assert.deepEqual(await sent(), [`${key}: checkout-1 active, checkout-2 active`]);
  cluster.removePod('uid-checkout-1');
  assert.deepEqual(ended.slice(1), ['uid-checkout-1/containerd://app-2 7000']);
});

test('a deleted pod ends its processes now, and pods that were no targets end nothing', async (t) => {
  const { cluster, sent, ended } = await running(t, shop());
  await sent();
  cluster.removePod('uid-checkout-2');
  cluster.removePod('uid-toolbox');
  assert.deepEqual(ended, ['uid-checkout-2/containerd://app-1 7000']);
});

test('over limits.targets the newest pods wait as held, and move up when there is room', async (t) => {
  const limits = { ...defaultDiscoveryRules.limits, targets: 1 };
  const { cluster, sent } = await running(t, shop(), { limits });
  assert.deepEqual(await sent(), [`${key}: checkout-1 active, checkout-2 held`]);
  cluster.removePod('uid-checkout-1');
  assert.deepEqual(await sent(), [`${key}: checkout-2 active`]);
});

test('a pause holds a namespace or one workload at once, and ends when it is lifted', async (t) => {
  const { discoverer, sent } = await running(t, shop());
  await sent();
  discoverer.setPaused([{ namespace: 'shop', workload: 'other' }]);
  assert.deepEqual(await sent(), []);
  discoverer.setPaused([{ namespace: 'shop', workload: 'checkout' }]);
  assert.deepEqual(await sent(), [`${key}: checkout-1 held, checkout-2 held`]);
  discoverer.setPaused([{ namespace: 'shop', workload: undefined }]);
  discoverer.setPaused([]);
  assert.deepEqual(await sent(), [`${key}: checkout-1 active, checkout-2 active`]);
});

test('new rules hold for the targets that are there', async (t) => {
  const { discoverer, sent } = await running(t, shop());
  await sent();
  discoverer.setRules({ ...defaultDiscoveryRules, namespaces: { include: ['bank'], exclude: [] } });
  assert.deepEqual(await sent(), [`${key}: gone`]);
});

test('a warning is told once for a workload, not once for each pod', async (t) => {
  const cluster = shop();
  const annotations = ours({ prot: '1' });
  cluster.putPod(podOf({ name: 'checkout-1', annotations }));
  cluster.putPod(podOf({ name: 'checkout-2', annotations }));
  const { sent, warned } = await running(t, cluster);
  await sent();
  assert.deepEqual(warned, ['flameherd.dev/prot on pod checkout-1 is unknown: did you mean flameherd.dev/port?']);
});

test('probing is done once, and its answer makes the target', async (t) => {
  const cluster = shop();
  const two = [containerOf('app', ['http 8080', 'admin 9090'])];
  cluster.putPod(podOf({ name: 'checkout-1', containers: two }));
  cluster.putPod(podOf({ name: 'checkout-2', containers: two }));
  const asked: number[] = [];
  const body = new TextEncoder().encode(`/debug/pprof <a href="heap">heap</a> <a href="goroutine">goroutine</a>`);
  const { sent } = await running(
    t,
    cluster,
    {},
    {
      probe: ({ port }) => {
        asked.push(port);
        return Promise.resolve({ status: port === 9090 ? 200 : 404, body });
      },
    },
  );
  const groups = await sent();
  assert.deepEqual(asked, [8080, 9090]);
  assert.equal(groups.at(-1), `${key}: checkout-1 active, checkout-2 active`);
});

test('an opt-in that vanishes together with a new generation is counted, told once, and explained', async (t) => {
  const { cluster, discoverer, sent, warned } = await running(t, shop());
  await sent();
  cluster.putWorkload('Deployment', checkout({}, 2));
  assert.deepEqual(await sent(), [`${key}: gone`]);
  assert.equal(discoverer.optInsRemoved, 1);
  assert.deepEqual(warned, [
    'Deployment shop/checkout is no longer opted in: a rollout undo or an apply removed flameherd.dev/scrape; keep the key in the manifest',
  ]);
  const { because } = await discoverer.explain({ namespace: 'shop', workloadKind: 'Deployment', workload: 'checkout' });
  assert.match(because, /rollout undo or an apply removed the annotation at 1970-01-01T00:00:07.000Z$/);
  cluster.putWorkload('Deployment', checkout({ scrape: 'true' }, 2));
  await sent();
  const after = await discoverer.explain({ namespace: 'shop', workloadKind: 'Deployment', workload: 'checkout' });
  assert.equal(after.verdict, 'scraped');
  assert.ok(!after.rules.some(({ rule }) => rule === 'opt-in removed'));
});
