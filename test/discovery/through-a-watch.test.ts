import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KubernetesDiscoverer } from '../../src/discovery/kubernetes-discoverer.ts';
import { openKubernetes } from '../../src/kubernetes/client.ts';
import { ClusterWatch } from '../../src/kubernetes/cluster-watch.ts';
import type { Target } from '../../src/model/target.ts';
import { defaultDiscoveryRules } from '../support/discovery-records.ts';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server.ts';
import { fastTiming, until } from '../support/kubernetes-harness.ts';
import { namespaceObject, ownedBy, podObject, workloadObject } from '../support/kubernetes-objects.ts';

interface Discovering extends AsyncDisposable {
  readonly discoverer: KubernetesDiscoverer;
  readonly ended: string[];
  /** `checkout-1 active`, sorted. */
  readonly pods: () => string;
  readonly sends: () => number;
}

/** The whole way from an API server to targets. */
async function discovering(server: FakeApiServer): Promise<Discovering> {
  const client = await openKubernetes({ kubeconfig: server.kubeconfig() });
  const view = new ClusterWatch({ client, debounceMs: 5, timing: fastTiming });
  const ended: string[] = [];
  const groups = new Map<string, readonly Target[]>();
  let sends = 0;
  const discoverer = new KubernetesDiscoverer({
    view,
    rules: defaultDiscoveryRules,
    now: () => 7,
    onProcessEnd: (id) => ended.push(id),
    debounceMs: 5,
  });
  view.start();
  const stop = new AbortController();
  const done = discoverer.run((changed) => {
    sends++;
    for (const { key, targets } of changed) groups.set(key, targets);
  }, stop.signal);
  await until('the first send', () => sends > 0);
  const lines = () => [...groups.values()].flat().map(({ labels, state }) => `${labels['pod']} ${state.kind}`);
  return {
    discoverer,
    ended,
    pods: () => lines().sort().join(', '),
    sends: () => sends,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await view.stop();
      await client.close();
      await done;
    },
  };
}

/** A Deployment with two pods, as its controller makes them. */
function putCheckout(server: FakeApiServer): void {
  server.put(namespaceObject('shop'));
  const deployment = server.put(workloadObject('Deployment', 'shop', 'checkout'));
  const replicaSet = server.put(
    workloadObject('ReplicaSet', 'shop', 'checkout-5d4f', { ownerReferences: ownedBy(deployment) }),
  );
  for (const name of ['checkout-1', 'checkout-2']) {
    const labels = { 'pod-template-hash': '5d4f' };
    server.put(podObject('shop', name, { labels, ownerReferences: ownedBy(replicaSet) }));
  }
}

test('annotate a Deployment: its pods become targets; delete a pod: it is gone, and its process has ended', async () => {
  await using server = await startFakeApiServer();
  putCheckout(server);
  await using running = await discovering(server);
  assert.equal(running.pods(), '');
  server.annotate('Deployment', 'shop', 'checkout', { 'flameherd.dev/scrape': 'true' });
  await until('both pods are targets', () => running.pods() === 'checkout-1 active, checkout-2 active');
  server.delete('Pod', 'shop', 'checkout-1');
  await until('one is gone', () => running.pods() === 'checkout-2 active');
  assert.equal(running.ended.length, 1);
  assert.match(running.ended[0] ?? '', /containerd:\/\/checkout-1$/);
});

test('the last pod of a workload that is not watched may go, of whatever kind', async () => {
  await using server = await startFakeApiServer();
  const annotations = { 'flameherd.dev/scrape': 'true' };
  server.put(namespaceObject('shop'));
  const job = server.put(workloadObject('Job', 'shop', 'import'));
  const rollout = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'web', uid: 'u-web', controller: true };
  server.put(podObject('shop', 'alone', { annotations }));
  server.put(podObject('shop', 'import-x', { annotations, ownerReferences: ownedBy(job) }));
  server.put(podObject('shop', 'web-x', { annotations, ownerReferences: [rollout] }));
  await using running = await discovering(server);
  await until('all are targets', () => running.pods() === 'alone active, import-x active, web-x active');
  for (const name of ['alone', 'import-x', 'web-x']) server.delete('Pod', 'shop', name);
  await until('all are gone', () => running.pods() === '');
  assert.equal(running.ended.length, 3);
});

test('while the API server is away nothing is removed, and problems say so', async () => {
  await using server = await startFakeApiServer();
  putCheckout(server);
  server.annotate('Namespace', '', 'shop', { 'flameherd.dev/scrape': 'true' });
  await using running = await discovering(server);
  assert.equal(running.pods(), 'checkout-1 active, checkout-2 active');
  const sends = running.sends();
  await server.down();
  await until('it is noticed', () => running.discoverer.problems().length > 0);
  assert.equal(running.pods(), 'checkout-1 active, checkout-2 active');
  assert.equal(running.sends(), sends);
  await server.listen();
  await until('it is back', () => running.discoverer.problems().length === 0);
  assert.equal(running.pods(), 'checkout-1 active, checkout-2 active');
  assert.equal(running.sends(), sends);
});

test('annotations that change hundreds of times are gathered, and the last one counts', async () => {
  await using server = await startFakeApiServer();
  putCheckout(server);
  server.annotate('Deployment', 'shop', 'checkout', { 'flameherd.dev/scrape': 'true' });
  await using running = await discovering(server);
  await until('both pods are targets', () => running.pods() === 'checkout-1 active, checkout-2 active');
  const sends = running.sends();
  for (let i = 0; i < 500; i++) {
    server.annotate('Pod', 'shop', 'checkout-1', { 'flameherd.dev/interval': `${10 + (i % 7)}m` });
    server.annotate('Deployment', 'shop', 'checkout', { 'flameherd.dev/scrape': i % 2 === 0 ? 'false' : 'true' });
  }
  server.annotate('Deployment', 'shop', 'checkout', { 'flameherd.dev/scrape': 'false' });
  await until('the last word counts', () => running.pods() === '');
  const told = running.sends() - sends;
  assert.ok(told <= 50, `1001 changes were told ${told} times`);
});

test('explain finds a misspelt key that the caches dropped', async () => {
  await using server = await startFakeApiServer();
  putCheckout(server);
  server.annotate('Deployment', 'shop', 'checkout', { 'flameherd.io/scrape': 'true' });
  await using running = await discovering(server);
  const told = await running.discoverer.explain({
    namespace: 'shop',
    workloadKind: 'Deployment',
    workload: 'checkout',
  });
  assert.equal(told.verdict, 'not scraped');
  assert.deepEqual(told.nearMisses, [
    'annotation flameherd.io/scrape="true" on Deployment checkout: did you mean flameherd.dev/scrape?',
  ]);
});
