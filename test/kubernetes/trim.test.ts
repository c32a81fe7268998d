import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Interner } from '../../src/kubernetes/interner.ts';
import { trimMetadata, trimOwned, trimPod } from '../../src/kubernetes/trim.ts';

const digest = 'ab'.repeat(32);

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    uid: 'uid-1',
    namespace: 'shop',
    name: 'checkout-7d9f8b6c5d-x2x4z',
    generation: 3,
    creationTimestamp: '2026-11-20T10:00:00Z',
    deletionTimestamp: '2026-11-20T11:00:00Z',
    managedFields: [{ manager: 'kubelet' }],
    labels: {
      app: 'checkout',
      'app.kubernetes.io/version': '1.2',
      'pod-template-hash': '7d9f8b6c5d',
      'flameherd.dev/scrape': 'true',
      team: 'payments',
      irrelevant: 'x',
    },
    annotations: {
      'flameherd.dev/scrape': 'true',
      'profiles.grafana.com/cpu.scrape': 'true',
      'kubectl.kubernetes.io/default-container': 'app',
      'kubectl.kubernetes.io/last-applied-configuration': '{…}',
    },
    ownerReferences: [
      { apiVersion: 'v1', kind: 'Node', name: 'no', uid: 'n' },
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: 'checkout-7d9f8b6c5d',
        uid: 'rs',
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  },
  spec: {
    nodeName: 'node-1',
    hostNetwork: true,
    serviceAccountName: 'checkout',
    containers: [
      {
        name: 'app',
        image: 'shop/checkout:1.2',
        ports: [{ containerPort: 6060 }, { name: 'dns', containerPort: 53, protocol: 'UDP' }],
      },
      { name: 'crashing', image: 'shop/crash:1' },
    ],
    initContainers: [
      { name: 'setup', image: 'busybox' },
      { name: 'proxy', image: 'proxy:1', restartPolicy: 'Always' },
    ],
    ephemeralContainers: [
      {
        name: 'debugger',
        image: 'debug:1',
        env: [
          { name: 'SECRET', value: 'not kept' },
          { name: 'FLAMEHERD_BY', value: 'node-1/c0ffee' },
        ],
      },
    ],
  },
  status: {
    phase: 'Running',
    podIP: '10.1.2.3',
    podIPs: [{ ip: '10.1.2.3' }, { ip: 'fd00::3' }],
    containerStatuses: [
      {
        name: 'crashing',
        imageID: `docker-pullable://shop/crash@sha256:${digest}`,
        containerID: 'containerd://dead',
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { startedAt: '2026-11-20T10:00:05Z', finishedAt: '2026-11-20T10:00:06Z' } },
      },
      {
        name: 'app',
        imageID: `sha256:${digest}`,
        containerID: 'containerd://c1',
        state: { running: { startedAt: '2026-11-20T10:00:04Z' } },
      },
    ],
  },
};

test('of a pod everything that decides is kept, and nothing else', () => {
  const none = {
    imageDigest: '',
    containerId: '',
    running: false,
    startedMs: undefined,
    finishedMs: undefined,
    waiting: '',
    memoryLimit: undefined,
    ports: [],
  };
  assert.deepEqual(trimPod(pod, { podLabels: new Set(['team']) }), {
    uid: 'uid-1',
    namespace: 'shop',
    name: 'checkout-7d9f8b6c5d-x2x4z',
    labels: {
      app: 'checkout',
      'app.kubernetes.io/version': '1.2',
      'pod-template-hash': '7d9f8b6c5d',
      'flameherd.dev/scrape': 'true',
      team: 'payments',
    },
    annotations: {
      'flameherd.dev/scrape': 'true',
      'profiles.grafana.com/cpu.scrape': 'true',
      'kubectl.kubernetes.io/default-container': 'app',
    },
    generation: 3,
    owner: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'checkout-7d9f8b6c5d', uid: 'rs' },
    node: 'node-1',
    phase: 'Running',
    ip: '10.1.2.3',
    ips: ['10.1.2.3', 'fd00::3'],
    hostNetwork: true,
    serviceAccount: 'checkout',
    createdMs: Date.parse('2026-11-20T10:00:00Z'),
    deletionMs: Date.parse('2026-11-20T11:00:00Z'),
    containers: [
      {
        ...none,
        name: 'app',
        role: 'container',
        image: 'shop/checkout:1.2',
        imageDigest: digest,
        containerId: 'containerd://c1',
        running: true,
        startedMs: Date.parse('2026-11-20T10:00:04Z'),
        ports: [
          { name: '', number: 6060, protocol: 'TCP' },
          { name: 'dns', number: 53, protocol: 'UDP' },
        ],
      },
      {
        ...none,
        name: 'crashing',
        role: 'container',
        image: 'shop/crash:1',
        imageDigest: digest,
        containerId: 'containerd://dead',
        startedMs: Date.parse('2026-11-20T10:00:05Z'),
        finishedMs: Date.parse('2026-11-20T10:00:06Z'),
        waiting: 'CrashLoopBackOff',
      },
      { ...none, name: 'setup', role: 'init', image: 'busybox' },
      { ...none, name: 'proxy', role: 'sidecar', image: 'proxy:1' },
      { ...none, name: 'debugger', role: 'ephemeral', image: 'debug:1', addedBy: 'node-1/c0ffee' },
    ],
  });
});

test('a pod of which the server tells next to nothing is still a record', () => {
  const bare = trimPod({ metadata: { uid: 'u', name: 'n' } });
  assert.deepEqual(
    [bare?.ip, bare?.ips, bare?.containers, bare?.owner, bare?.deletionMs],
    ['', [], [], undefined, undefined],
  );
  assert.equal(trimPod({ metadata: { name: 'no-uid' } }), undefined);
});

/** A pod with one container, whose limits stand where `limits` are said. */
function limitOf(limits: {
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly podSpec?: unknown;
  readonly podStatus?: unknown;
}): number | undefined {
  const of = (memory: unknown) => (memory === undefined ? {} : { resources: { limits: { cpu: '1', memory } } });
  const record = trimPod({
    metadata: { uid: 'u', name: 'n' },
    spec: { ...of(limits.podSpec), containers: [{ name: 'app', ...of(limits.spec) }] },
    status: { ...of(limits.podStatus), containerStatuses: [{ name: 'app', ...of(limits.status) }] },
  });
  return record?.containers[0]?.memoryLimit;
}

test("a container's memory limit is what the kubelet says, else its own, else that of its pod", () => {
  const mib = 1024 ** 2;
  assert.equal(limitOf({ spec: '512Mi' }), 512 * mib);
  assert.equal(limitOf({ spec: '512Mi', status: '256Mi', podSpec: '1Gi' }), 256 * mib, 'resized in place');
  assert.equal(limitOf({ podSpec: '1Gi' }), 1024 * mib);
  assert.equal(limitOf({ podSpec: '1Gi', podStatus: '768Mi' }), 768 * mib);
  assert.equal(limitOf({ spec: '128974848000m', podSpec: '1Gi' }), 128_974_848);
  assert.equal(limitOf({ spec: 536_870_912 }), 512 * mib, 'a number, as some write it');
});

test('no limit, a limit of 0 and a text that is no quantity are no limit', () => {
  for (const spec of [undefined, '0', 'much', {}, null, ''])
    assert.equal(limitOf({ spec }), undefined, JSON.stringify(spec));
});

test('metadata keeps the annotations, and an owned object its controller', () => {
  const job = { metadata: { ...pod.metadata, deletionTimestamp: undefined } };
  assert.equal(trimMetadata(job)?.annotations['flameherd.dev/scrape'], 'true');
  assert.equal(trimOwned(job)?.owner?.name, 'checkout-7d9f8b6c5d');
});

test('one annotation cannot make a record large', () => {
  const annotations = { 'flameherd.dev/scrape': 'x'.repeat(200_000) };
  assert.equal(
    trimMetadata({ metadata: { uid: 'u', name: 'n', annotations } })?.annotations['flameherd.dev/scrape']?.length,
    1024,
  );
});

test('pods of one workload share their labels, annotations, owner and ports', () => {
  const interner = new Interner();
  const one = trimPod(structuredClone(pod), { interner });
  const two = trimPod(
    { ...structuredClone(pod), metadata: { ...structuredClone(pod.metadata), uid: 'uid-2' } },
    { interner },
  );
  assert.equal(one?.labels, two?.labels);
  assert.equal(one?.annotations, two?.annotations);
  assert.equal(one?.owner, two?.owner);
  assert.equal(one?.containers[0]?.ports, two?.containers[0]?.ports);
});
