import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageTag } from '../../src/discovery/revision.ts';
import { containerOf, outcomeOf, type Situation, warningsOf } from '../support/discovery-records.ts';

const on = { workload: { scrape: 'true' } };
const labelsOf = (situation: Situation) => outcomeOf({ on, ...situation }).targets[0]?.labels ?? {};

test('series labels are namespace, workload, workload_kind, container, service_name, pod, revision, node, image and version', () => {
  const pod = { labels: { 'pod-template-hash': '5d4f', 'app.kubernetes.io/version': '1.2.3' } };
  assert.deepEqual(labelsOf({ pod }), {
    namespace: 'shop',
    workload: 'checkout',
    workload_kind: 'Deployment',
    container: 'app',
    service_name: 'checkout',
    pod: 'checkout-5d4f-x2x',
    revision: '5d4f',
    node: 'node-1',
    image: 'v1',
    version: '1.2.3',
  });
});

test('the label port is there only when a pod has several', () => {
  const { targets } = outcomeOf({ on: { pod: { scrape: 'true', port: '8080,9090' } } });
  assert.deepEqual(
    targets.map(({ labels }) => labels['port']),
    ['8080', '9090'],
  );
  assert.equal(labelsOf({})['port'], undefined);
});

test('pod labels named in discovery.podLabels and the externalLabels are series labels and never hide a built-in one', () => {
  const pod = { labels: { team: 'till', other: 'x', namespace: 'lie' } };
  const config = { podLabels: ['team', 'namespace', 'absent'], externalLabels: { cluster: 'eu1', workload: 'lie' } };
  const labels = labelsOf({ pod, config });
  assert.equal(labels['team'], 'till');
  assert.equal(labels['cluster'], 'eu1');
  assert.equal(labels['namespace'], 'shop');
  assert.equal(labels['workload'], 'checkout');
  assert.ok(!('other' in labels) && !('absent' in labels));
});

test('service_name: the annotation > resource.opentelemetry.io/service.name > app.kubernetes.io/name > workload', () => {
  const foreign = { 'resource.opentelemetry.io/service.name': 'otel' };
  const pod = { labels: { 'app.kubernetes.io/name': 'app-name' } };
  const service = (situation: Situation) => labelsOf(situation)['service_name'];
  assert.equal(service({ on: { pod: { scrape: 'true', service: 'till' } }, foreign, pod }), 'till');
  assert.equal(service({ foreign, pod }), 'otel');
  assert.equal(service({ pod }), 'app-name');
  assert.equal(service({}), 'checkout');
});

test('a service name that is empty, too long or not printable is the default with a warning', () => {
  for (const service of ['', ' ', 'x'.repeat(129), 'a\u0007b']) {
    const outcome = outcomeOf({ on: { pod: { scrape: 'true', service } } });
    assert.equal(outcome.targets[0]?.labels['service_name'], 'checkout');
    assert.match(warningsOf(outcome)[0] ?? '', /is no name of 1 to 128 printable characters: used checkout$/);
  }
});

test('revision = pod-template-hash, controller-revision-hash, else img- + 8 hex of the image digest', () => {
  const revision = (labels: Record<string, string>, digest = 'c0ffee0123') =>
    labelsOf({ pod: { labels }, containers: [containerOf('app', [], { imageDigest: digest })] })['revision'];
  assert.equal(revision({ 'pod-template-hash': 'a', 'controller-revision-hash': 'b' }), 'a');
  assert.equal(revision({ 'rollouts-pod-template-hash': 'r' }), 'r');
  assert.equal(revision({ 'controller-revision-hash': 'db-7f' }), 'db-7f');
  assert.equal(revision({}), 'img-c0ffee01');
  assert.equal(revision({}, ''), undefined);
});

test('image is the tag', () => {
  const tags = {
    'checkout:v1.2': 'v1.2',
    'registry:5000/shop/checkout:v1.2': 'v1.2',
    'registry:5000/shop/checkout': 'latest',
    'shop/checkout:v1@sha256:0123456789abcdef': 'v1',
    'shop/checkout@sha256:0123456789abcdef': 'sha256:0123456789ab',
    '': '',
  };
  for (const [image, tag] of Object.entries(tags)) assert.equal(imageTag(image), tag, image);
});

test('a source is pod UID, container id and port; its process is pod UID and container id', () => {
  const [target] = outcomeOf({ on }).targets;
  assert.equal(target?.source, 'uid-checkout-5d4f-x2x/containerd://app-1/8080');
  assert.deepEqual(target?.process, {
    id: 'uid-checkout-5d4f-x2x/containerd://app-1',
    slot: 'shop/checkout-5d4f-x2x/app',
    startedMs: 1_000,
  });
  const restarted = outcomeOf({
    on,
    containers: [containerOf('app', ['8080'], { containerId: 'containerd://app-2' })],
  });
  assert.notEqual(restarted.targets[0]?.source, target?.source);
});

test('by an ephemeral sidecar no kind is fetched more often than once a minute, and a warning says so', () => {
  const keys = { scrape: 'true', interval: '15s', 'heap.interval': '5m', profiles: 'cpu,heap' };
  const intervalsOf = (transport: string) => {
    const { targets } = outcomeOf({ on: { pod: { ...keys, transport } } });
    return [targets[0]?.specs.map(({ kind, intervalMs }) => `${kind} ${intervalMs / 1000}`), targets[0]?.warnings];
  };
  assert.deepEqual(intervalsOf('port-forward'), [['cpu 15', 'heap 300'], []]);
  assert.deepEqual(intervalsOf('ephemeral'), [
    ['cpu 60', 'heap 300'],
    ['transport ephemeral fetches a kind every 1m at most: used that instead of cpu every 15s'],
  ]);
});

test('transport is one of its names, else auto with a warning', () => {
  const transportOf = (transport: string) => outcomeOf({ on: { pod: { scrape: 'true', transport } } });
  for (const name of ['auto', 'direct', 'port-forward', 'pod-proxy', 'ephemeral']) {
    assert.equal(transportOf(name).targets[0]?.transport, name);
  }
  assert.equal(outcomeOf({ on }).targets[0]?.transport, 'auto');
  const bad = transportOf('portforward');
  assert.equal(bad.targets[0]?.transport, 'auto');
  assert.deepEqual(warningsOf(bad), [
    'flameherd.dev/transport="portforward" on pod checkout-5d4f-x2x is none of auto, direct, port-forward, pod-proxy, ephemeral: used auto',
  ]);
});

test('growth is off, or min-age=8h, else on with a warning', () => {
  const growthOf = (growth: string) => outcomeOf({ on: { pod: { scrape: 'true', growth } } });
  assert.deepEqual(growthOf('off').targets[0]?.growth, { kind: 'off' });
  assert.deepEqual(growthOf('min-age=8h').targets[0]?.growth, { kind: 'on', minAgeMs: 8 * 3_600_000 });
  assert.equal(outcomeOf({ on }).targets[0]?.growth, undefined);
  assert.equal(growthOf('min-age=long').targets[0]?.growth, undefined);
  assert.match(warningsOf(growthOf('never'))[0] ?? '', /is neither off nor min-age=8h: used on$/);
});
