import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openKubernetes } from '../../src/kubernetes/client.ts';
import { ClusterWatch } from '../../src/kubernetes/cluster-watch.ts';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server.ts';
import { fastTiming, until } from '../support/kubernetes-harness.ts';
import type { KubeObject } from '../support/kubernetes-object-store.ts';
import { podObject } from '../support/kubernetes-objects.ts';

const optIn = { 'flameherd.dev/scrape': 'true' };

function serviceObject(name: string, annotations: Readonly<Record<string, string>> = optIn): KubeObject {
  const ports = [{ name: 'web', port: 80, protocol: 'TCP' }];
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'shop', annotations }, spec: { ports } };
}

interface Endpoint {
  readonly addresses?: readonly string[];
  readonly conditions?: Readonly<Record<string, boolean>>;
  readonly targetRef?: object;
}

interface SliceShape {
  readonly name?: string;
  readonly namespace?: string;
  readonly addressType?: string;
  readonly endpoints: readonly Endpoint[];
  readonly port?: number;
}

function sliceOf(service: string, shape: SliceShape): KubeObject {
  const { name = `${service}-x`, namespace = 'shop', addressType = 'IPv4', endpoints, port = 8080 } = shape;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace, labels: { 'kubernetes.io/service-name': service } },
    addressType,
    endpoints,
    ports: [{ name: 'web', port, protocol: 'TCP' }],
  };
}

/** The endpoint that the cluster itself would write for the pod `checkout-1`. */
const ofPod = {
  addresses: ['10.1.2.3'],
  targetRef: { kind: 'Pod', namespace: 'shop', name: 'checkout-1', uid: 'u-1' },
};

async function watching(server: FakeApiServer) {
  const client = await openKubernetes({ kubeconfig: server.kubeconfig() });
  const watch = new ClusterWatch({ client, debounceMs: 5, timing: fastTiming });
  const changed: string[] = [];
  watch.start();
  await watch.ready(AbortSignal.timeout(10_000));
  watch.onChange(({ pods }) => changed.push(...pods.map(({ name }) => name)));
  const services = (name = 'checkout-1') => {
    const pod = watch.pod('shop', name);
    return pod
      ? watch.servicesOf(pod).map(({ service, ports }) => `${service.name} ${ports.map(({ number }) => number).join()}`)
      : [];
  };
  return {
    watch,
    changed,
    services,
    async [Symbol.asyncDispose]() {
      await watch.stop();
      await client.close();
    },
  };
}

test('a pod stands behind the annotated Services whose slices name it by UID and address', async () => {
  await using server = await startFakeApiServer();
  server.put(podObject('shop', 'checkout-1', { uid: 'u-1' }));
  server.put(podObject('shop', 'cart-1', { uid: 'u-2', ip: '10.1.2.4' }));
  server.put(serviceObject('checkout'));
  server.put(serviceObject('plain', {}));
  server.put(sliceOf('checkout', { endpoints: [ofPod] }));
  server.put(sliceOf('plain', { endpoints: [ofPod] }));
  await using cluster = await watching(server);
  await until('the slices are known', () => cluster.services().length > 0);
  assert.deepEqual(cluster.services(), ['checkout 8080']);
  assert.deepEqual(cluster.services('cart-1'), []);
});

test('without an annotated Service no EndpointSlice is asked for; the first annotation makes them be watched', async () => {
  await using server = await startFakeApiServer();
  server.put(podObject('shop', 'checkout-1', { uid: 'u-1' }));
  server.put(serviceObject('checkout', {}));
  server.put(sliceOf('checkout', { endpoints: [ofPod] }));
  await using cluster = await watching(server);
  assert.ok(server.requests.every(({ plural }) => plural !== 'endpointslices'));
  server.annotate('Service', 'shop', 'checkout', optIn);
  await until('the pod is told as changed', () => cluster.changed.includes('checkout-1'));
  assert.deepEqual(cluster.services(), ['checkout 8080']);
  server.annotate('Service', 'shop', 'checkout', { 'flameherd.dev/scrape': '' });
  await until('the Service counts no longer', () => cluster.services().length === 0);
});

const slicesThatTenantsWrite: Readonly<Record<string, SliceShape>> = {
  'an address that the pod does not have': { endpoints: [{ ...ofPod, addresses: ['169.254.169.254'] }] },
  'another address beside no own one': { endpoints: [{ ...ofPod, addresses: ['10.9.9.9', '10.9.9.8'] }] },
  'names instead of addresses (FQDN)': { addressType: 'FQDN', endpoints: [{ ...ofPod, addresses: ['evil.example'] }] },
  'a name in an IPv4 slice': { endpoints: [{ ...ofPod, addresses: ['evil.example'] }] },
  'no targetRef': { endpoints: [{ addresses: ['10.1.2.3'] }] },
  'a targetRef that is no Pod': { endpoints: [{ ...ofPod, targetRef: { kind: 'Node', uid: 'u-1' } }] },
  'the UID of another pod': { endpoints: [{ ...ofPod, targetRef: { kind: 'Pod', namespace: 'shop', uid: 'u-9' } }] },
  'a Pod of another namespace': {
    endpoints: [{ ...ofPod, targetRef: { kind: 'Pod', namespace: 'bank', uid: 'u-1' } }],
  },
  'a slice in another namespace': { namespace: 'bank', endpoints: [ofPod] },
  'an endpoint that terminates': { endpoints: [{ ...ofPod, conditions: { terminating: true, ready: false } }] },
};

for (const [what, shape] of Object.entries(slicesThatTenantsWrite)) {
  test(`an EndpointSlice is not believed: ${what}`, async () => {
    await using server = await startFakeApiServer();
    server.put(podObject('shop', 'checkout-1', { uid: 'u-1' }));
    server.put(podObject('shop', 'witness', { uid: 'u-2', ip: '10.1.2.9' }));
    server.put(serviceObject('checkout'));
    server.put(sliceOf('checkout', shape));
    const witness = { addresses: ['10.1.2.9'], targetRef: { kind: 'Pod', namespace: 'shop', uid: 'u-2' } };
    server.put(sliceOf('checkout', { name: 'good', endpoints: [witness] }));
    await using cluster = await watching(server);
    await until('the good slice is known', () => cluster.services('witness').length > 0);
    assert.deepEqual(cluster.services(), []);
  });
}

test('an endpoint that is not ready, or does not say, counts: a leak shows best in a pod that is in trouble', async () => {
  await using server = await startFakeApiServer();
  server.put(podObject('shop', 'checkout-1', { uid: 'u-1' }));
  server.put(serviceObject('checkout'));
  server.put(sliceOf('checkout', { endpoints: [{ ...ofPod, conditions: { ready: false } }] }));
  await using cluster = await watching(server);
  await until('the slice is known', () => cluster.services().length > 0);
  assert.deepEqual(cluster.services(), ['checkout 8080']);
});

test('two slices of one Service that name the same pod are one; a pod that leaves them leaves the Service', async () => {
  await using server = await startFakeApiServer();
  server.put(podObject('shop', 'checkout-1', { uid: 'u-1' }));
  server.put(serviceObject('checkout'));
  server.put(sliceOf('checkout', { name: 'one', endpoints: [ofPod] }));
  server.put(sliceOf('checkout', { name: 'two', endpoints: [ofPod] }));
  await using cluster = await watching(server);
  await until('both are known', () =>
    cluster.watch.stats().resources.some(({ resource, records }) => resource === 'endpointslices' && records === 2),
  );
  assert.deepEqual(cluster.services(), ['checkout 8080']);
  server.delete('EndpointSlice', 'shop', 'one');
  server.put(sliceOf('checkout', { name: 'two', endpoints: [] }));
  await until('the pod has left', () => cluster.services().length === 0);
});

test('a slice that is given to another Service takes its pods with it', async () => {
  await using server = await startFakeApiServer();
  server.put(podObject('shop', 'checkout-1', { uid: 'u-1' }));
  server.put(serviceObject('checkout'));
  server.put(serviceObject('plain', {}));
  server.put(sliceOf('checkout', { name: 'one', endpoints: [ofPod] }));
  await using cluster = await watching(server);
  await until('the pod stands behind it', () => cluster.services().length === 1);
  cluster.changed.length = 0;
  server.put(sliceOf('plain', { name: 'one', endpoints: [ofPod] }));
  await until('the pod is told to be looked at again', () => cluster.changed.includes('checkout-1'));
  assert.deepEqual(cluster.services(), []);
});

test('without the right to list Services they are off, and the rule is named', async () => {
  await using server = await startFakeApiServer();
  server.authorize = ({ plural }) => plural !== 'services';
  server.put(podObject('shop', 'checkout-1', { uid: 'u-1' }));
  await using cluster = await watching(server);
  assert.deepEqual(cluster.services(), []);
  assert.match(cluster.watch.problems()[0]?.hint ?? '', /resources: \["services"\]/);
});
