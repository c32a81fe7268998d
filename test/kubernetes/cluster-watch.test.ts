import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterView } from '../../src/discovery/cluster-view.ts';
import type { ClusterBatch } from '../../src/kubernetes/change-batch.ts';
import { openKubernetes } from '../../src/kubernetes/client.ts';
import { ClusterWatch, type ClusterWatchOptions } from '../../src/kubernetes/cluster-watch.ts';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server.ts';
import { fastTiming, until } from '../support/kubernetes-harness.ts';
import { namespaceObject, ownedBy, podObject, workloadObject } from '../support/kubernetes-objects.ts';

interface Watching extends AsyncDisposable {
  readonly watch: ClusterWatch;
  readonly batches: ClusterBatch[];
}

async function watchCluster(server: FakeApiServer, options: Partial<ClusterWatchOptions> = {}): Promise<Watching> {
  const client = await openKubernetes({ kubeconfig: server.kubeconfig() });
  const watch = new ClusterWatch({ client, debounceMs: 10, timing: fastTiming, ...options });
  const batches: ClusterBatch[] = [];
  watch.start();
  await watch.ready(AbortSignal.timeout(10_000));
  watch.onChange((batch) => batches.push(batch));
  return {
    watch,
    batches,
    async [Symbol.asyncDispose]() {
      await watch.stop();
      await client.close();
    },
  };
}

test('it is the view that discovery asks for: pods, namespaces and workloads by name', async () => {
  await using server = await startFakeApiServer();
  server.put(namespaceObject('shop', { annotations: { 'flameherd.dev/scrape': 'true' } }));
  server.put(workloadObject('Deployment', 'shop', 'checkout', { annotations: { 'flameherd.dev/port': '6060' } }));
  server.put(workloadObject('CronJob', 'shop', 'nightly'));
  server.put(podObject('shop', 'checkout-1'));
  server.put(podObject('shop', 'done', { phase: 'Succeeded' }));
  await using cluster = await watchCluster(server);
  const view: ClusterView = cluster.watch;
  assert.deepEqual(
    [...view.pods()].map(({ name }) => name),
    ['checkout-1'],
  );
  assert.equal(view.pod('shop', 'checkout-1')?.ip, '10.1.2.3');
  assert.deepEqual([...view.namespaces()], ['shop']);
  assert.equal(view.namespace('shop')?.annotations['flameherd.dev/scrape'], 'true');
  assert.equal(view.workload('Deployment', 'shop', 'checkout')?.annotations['flameherd.dev/port'], '6060');
  assert.deepEqual(
    [...view.workloads('CronJob')].map(({ name }) => name),
    ['nightly'],
  );
  assert.deepEqual(view.problems(), []);
});

test('an annotation on a Deployment is told as a change of that workload alone, many of them as one', async () => {
  await using server = await startFakeApiServer();
  server.put(workloadObject('Deployment', 'shop', 'checkout'));
  server.put(podObject('shop', 'checkout-1'));
  await using cluster = await watchCluster(server);
  for (let i = 0; i < 50; i++) server.annotate('Deployment', 'shop', 'checkout', { 'flameherd.dev/interval': `${i}s` });
  await until('the last one is known', () => {
    return cluster.watch.workload('Deployment', 'shop', 'checkout')?.annotations['flameherd.dev/interval'] === '49s';
  });
  await until('it was told', () => cluster.batches.length > 0);
  assert.deepEqual(cluster.batches[0]?.workloads, [{ kind: 'Deployment', namespace: 'shop', name: 'checkout' }]);
  assert.deepEqual(cluster.batches[0]?.pods, []);
});

test('a pod that runs to its end leaves like one that is deleted', async () => {
  await using server = await startFakeApiServer();
  server.put(podObject('shop', 'job-1'));
  await using cluster = await watchCluster(server);
  server.put(podObject('shop', 'job-1', { phase: 'Succeeded' }));
  await until('it was told', () => cluster.batches.length > 0);
  assert.deepEqual(
    cluster.batches[0]?.removedPods.map(({ name }) => name),
    ['job-1'],
  );
  assert.equal(cluster.watch.pod('shop', 'job-1'), undefined);
});

test('the owner of a Job is asked for once, and its pods are told when the answer is there', async () => {
  await using server = await startFakeApiServer();
  const nightly = server.put(workloadObject('CronJob', 'shop', 'nightly'));
  const job = server.put(workloadObject('Job', 'shop', 'nightly-29399760', { ownerReferences: ownedBy(nightly) }));
  for (const name of ['a', 'b']) server.put(podObject('shop', name, { ownerReferences: ownedBy(job) }));
  await using cluster = await watchCluster(server);
  const [owner] = [...cluster.watch.pods()].flatMap((pod) => pod.owner ?? []);
  assert.ok(owner);
  assert.deepEqual(cluster.watch.ownerOf('shop', owner), { kind: 'pending' });
  assert.deepEqual(cluster.watch.ownerOf('shop', owner), { kind: 'pending' });
  await until('the pods were told', () => cluster.batches.length > 0);
  assert.deepEqual(
    cluster.batches[0]?.pods.map(({ name }) => name),
    ['a', 'b'],
  );
  const answer = cluster.watch.ownerOf('shop', owner);
  assert.equal(answer.kind === 'found' && answer.owner?.name, 'nightly');
  assert.equal(cluster.watch.stats().ownerGets, 1);
});

test('an owner that is gone, forbidden or of a foreign kind is unknown, with a reason', async () => {
  await using server = await startFakeApiServer();
  server.authorize = ({ plural }) => plural !== 'replicasets';
  await using cluster = await watchCluster(server);
  const ask = (apiVersion: string, kind: string) =>
    cluster.watch.ownerOf('shop', { apiVersion, kind, name: 'x', uid: `uid-${kind}` });
  const reason = async (apiVersion: string, kind: string) => {
    await until('it was answered', () => ask(apiVersion, kind).kind !== 'pending');
    const answer = ask(apiVersion, kind);
    return answer.kind === 'unknown' ? answer.reason : answer.kind;
  };
  assert.match(await reason('batch/v1', 'Job'), /not found/);
  assert.match(await reason('apps/v1', 'ReplicaSet'), /forbidden/);
  assert.match(
    await reason('argoproj.io/v1alpha1', 'Rollout'),
    /does not look at objects of argoproj.io\/v1alpha1 Rollout/,
  );
  assert.equal(await reason('apps/v1', 'Deployment'), 'found');
  assert.match(cluster.watch.problems()[0]?.hint ?? '', /resources: \["replicasets"\]\n {2}verbs: \["get"\]/);
});

test('every right is optional: what may not be listed is off, and says so', async () => {
  await using server = await startFakeApiServer();
  server.put(podObject('shop', 'a'));
  server.authorize = ({ plural }) => plural === 'pods';
  await using cluster = await watchCluster(server);
  assert.equal([...cluster.watch.pods()].length, 1);
  assert.equal(cluster.watch.watches('Deployment'), false);
  assert.deepEqual(
    cluster.watch.problems().map(({ what }) => what.split(' ')[0]),
    ['deployments', 'statefulsets', 'daemonsets', 'cronjobs', 'namespaces', 'services'],
  );
});

test('with namespaces, only those are asked for, and the Namespace itself by GET', async () => {
  await using server = await startFakeApiServer();
  server.authorize = ({ namespace, plural, verb }) =>
    ['shop', 'bank'].includes(namespace) || (plural === 'namespaces' && verb === 'get');
  server.put(namespaceObject('shop', { annotations: { 'flameherd.dev/scrape': 'true' } }));
  server.put(namespaceObject('bank'));
  for (const namespace of ['shop', 'bank', 'secret']) server.put(podObject(namespace, 'a'));
  await using cluster = await watchCluster(server, { namespaces: ['shop', 'bank'] });
  assert.deepEqual(
    [...cluster.watch.pods()].map(({ namespace }) => namespace),
    ['shop', 'bank'],
  );
  assert.equal(cluster.watch.pod('bank', 'a')?.namespace, 'bank');
  assert.equal(cluster.watch.namespace('shop')?.annotations['flameherd.dev/scrape'], 'true');
  assert.deepEqual(cluster.watch.problems(), []);
});

test('explain can fetch an object with all of its annotations', async () => {
  await using server = await startFakeApiServer();
  server.put(workloadObject('ReplicaSet', 'shop', 'rs', { annotations: { 'flamehard.dev/scrape': 'true' } }));
  await using cluster = await watchCluster(server);
  const ask = (kind: string) => cluster.watch.fetchObject('shop', { apiVersion: 'apps/v1', kind, name: 'rs', uid: '' });
  assert.deepEqual(await ask('ReplicaSet'), { labels: {}, annotations: { 'flamehard.dev/scrape': 'true' } });
  assert.equal(await ask('Deployment'), undefined);
  assert.equal(await ask('Rollout'), undefined);
});

test('a listener that throws hurts nobody, and none is called after a stop', async () => {
  await using server = await startFakeApiServer();
  await using cluster = await watchCluster(server);
  cluster.watch.onChange(() => {
    throw new Error('a fault of the consumer');
  });
  server.put(podObject('shop', 'a'));
  await until('it threw', () => cluster.watch.stats().listenerErrors === 1);
  assert.equal(cluster.batches.length, 1);
  await cluster.watch.stop();
  await until('no watch is open', () => server.openWatches === 0);
  server.put(podObject('shop', 'b'));
  assert.equal(cluster.batches.length, 1);
});

test('waiting to be ready ends when it is aborted', async () => {
  await using server = await startFakeApiServer();
  server.fail({ on: 'watch', times: 1e9, fault: { kind: 'hang' } });
  const client = await openKubernetes({ kubeconfig: server.kubeconfig() });
  const watch = new ClusterWatch({ client });
  watch.start();
  await assert.rejects(watch.ready(AbortSignal.timeout(30)), { name: 'TimeoutError' });
  await watch.stop();
  await client.close();
});

test('fifty namespaces are the most', () => {
  const namespaces = Array.from({ length: 51 }, (_, i) => `n${i}`);
  const client = {} as ConstructorParameters<typeof ClusterWatch>[0]['client'];
  assert.throws(() => new ClusterWatch({ client, namespaces }), {
    message: '51 namespaces to watch: 1 to 50 are allowed',
  });
});
