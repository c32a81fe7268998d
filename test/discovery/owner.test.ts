import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workloadOf } from '../../src/discovery/owner.ts';
import type { OwnerRecord, PodRecord } from '../../src/kubernetes/records.ts';
import { objectOf, podOf } from '../support/discovery-records.ts';
import { FakeCluster } from '../support/discovery-view.ts';

const owner = (apiVersion: string, kind: string, name: string): OwnerRecord => ({
  apiVersion,
  kind,
  name,
  uid: `uid-${name}`,
});
const found = (above: OwnerRecord | undefined) => ({ kind: 'found', owner: above }) as const;
const forbidden = { kind: 'unknown', reason: 'forbidden' } as const;

/** `Deployment checkout`, with `*` when its annotations are at hand; or `pending`. */
function draw(pod: PodRecord, cluster: FakeCluster): string {
  const ownership = workloadOf(pod, cluster);
  if (ownership.kind === 'pending') return 'pending';
  const { kind, name, object } = ownership.workload;
  return `${kind} ${name}${object ? '*' : ''}`;
}

test("a Deployment is the ReplicaSet's name minus its pod-template-hash, checked against the cache, without a GET", () => {
  const cluster = new FakeCluster();
  cluster.putWorkload('Deployment', objectOf('checkout'));
  assert.equal(draw(podOf(), cluster), 'Deployment checkout*');
  assert.deepEqual(cluster.asked, []);
});

test('a ReplicaSet whose Deployment is not in the cache is asked for its owner', () => {
  const cluster = new FakeCluster();
  assert.equal(draw(podOf(), cluster), 'ReplicaSet checkout-5d4f');
  cluster.owners.set('ReplicaSet/checkout-5d4f', found(owner('apps/v1', 'Deployment', 'checkout')));
  assert.equal(draw(podOf(), cluster), 'Deployment checkout');
  assert.deepEqual(cluster.asked, ['ReplicaSet/checkout-5d4f', 'ReplicaSet/checkout-5d4f']);
});

test('a ReplicaSet whose name does not end in the hash is no Deployment by name', () => {
  const cluster = new FakeCluster();
  cluster.putWorkload('Deployment', objectOf('checkout'));
  const pod = podOf({ owner: owner('apps/v1', 'ReplicaSet', 'checkout-other') });
  assert.equal(draw(pod, cluster), 'ReplicaSet checkout-other');
});

test('a ReplicaSet that is gone or may not be asked is known by the name that Deployments give, so that a Deployment being deleted keeps its name', () => {
  const cluster = new FakeCluster();
  cluster.owners.set('ReplicaSet/checkout-5d4f', forbidden);
  assert.equal(draw(podOf(), cluster), 'Deployment checkout');
});

for (const kind of ['StatefulSet', 'DaemonSet'] as const) {
  test(`a pod of a ${kind} belongs to it by name`, () => {
    const cluster = new FakeCluster();
    cluster.putWorkload(kind, objectOf('db'));
    assert.equal(draw(podOf({ owner: owner('apps/v1', kind, 'db') }), cluster), `${kind} db*`);
  });
}

test('a StatefulSet of another API group is a kind of its own: its namesake is not asked', () => {
  const cluster = new FakeCluster();
  cluster.putWorkload('StatefulSet', objectOf('db'));
  assert.equal(draw(podOf({ owner: owner('apps.kruise.io/v1', 'StatefulSet', 'db') }), cluster), 'StatefulSet db');
});

test('a Job is asked for its CronJob, and stands for itself when there is none', () => {
  const cluster = new FakeCluster();
  cluster.putWorkload('CronJob', objectOf('backup'));
  const pod = podOf({ owner: owner('batch/v1', 'Job', 'backup-29300000') });
  assert.equal(draw(pod, cluster), 'Job backup-29300000');
  cluster.owners.set('Job/backup-29300000', found(owner('batch/v1', 'CronJob', 'backup')));
  assert.equal(draw(pod, cluster), 'CronJob backup*');
});

test('a Job that may not be asked is known by the name that CronJobs give, if there is such a CronJob', () => {
  const cluster = new FakeCluster();
  const pod = podOf({ owner: owner('batch/v1', 'Job', 'backup-29300000') });
  cluster.owners.set('Job/backup-29300000', forbidden);
  assert.equal(draw(pod, cluster), 'Job backup-29300000');
  cluster.putWorkload('CronJob', objectOf('backup'));
  assert.equal(draw(pod, cluster), 'CronJob backup*');
});

test('a pod waits while its owner is being asked', () => {
  const cluster = new FakeCluster();
  cluster.owners.set('Job/import', { kind: 'pending' });
  assert.equal(draw(podOf({ owner: owner('batch/v1', 'Job', 'import') }), cluster), 'pending');
});

test("unknown owner kinds: the workload is the top owner's kind and name", () => {
  const cluster = new FakeCluster();
  cluster.owners.set('ReplicaSet/checkout-5d4f', found(owner('argoproj.io/v1alpha1', 'Rollout', 'checkout')));
  cluster.owners.set('Rollout/checkout', found(owner('example.com/v1', 'App', 'shop')));
  assert.equal(draw(podOf(), cluster), 'App shop');
});

test('a ring of owners ends', () => {
  const cluster = new FakeCluster();
  cluster.owners.set('A/x', found(owner('example.com/v1', 'B', 'x')));
  cluster.owners.set('B/x', found(owner('example.com/v1', 'A', 'x')));
  assert.match(draw(podOf({ owner: owner('example.com/v1', 'A', 'x') }), cluster), /^[AB] x$/);
});

test('a bare pod is a workload of its own', () => {
  assert.equal(draw(podOf({ owner: undefined, name: 'toolbox' }), new FakeCluster()), 'Pod toolbox*');
});
