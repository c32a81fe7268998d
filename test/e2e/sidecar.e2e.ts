import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flameherd } from '../support/app-command.ts';
import { eventually } from '../support/daemon.ts';
import { type CollectorOptions, errorsOf, isUp, startCollector } from '../support/e2e-collector.ts';
import { pod } from '../support/e2e-pods.ts';
import { kubectl, kubectlApply, kubectlGet, temporaryNamespace } from '../support/kubectl.ts';

const image = process.env['E2E_SIDECAR_IMAGE'] ?? 'localhost/flameherd-sidecar:lab';
const annotations = {
  'flameherd.dev/scrape': 'true',
  'flameherd.dev/port': '6060',
  'flameherd.dev/transport': 'ephemeral',
  'flameherd.dev/interval': '1m',
};
const allowed = { 'flameherd.dev/ephemeral': 'allowed' };
const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };
/** The image holds one static program and nothing else: no shell, no libraries. */
const containers = [{ args: ['-addr=127.0.0.1:6060', '-cpu=0.05'] }];

interface WirePod {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly ephemeralContainers?: readonly { readonly name: string; readonly image: string }[] };
  readonly status: {
    readonly ephemeralContainerStatuses?: readonly { readonly name: string; readonly state: { running?: object } }[];
  };
}

const start = (t: Parameters<typeof startCollector>[0], namespace: string, env: CollectorOptions['env'] = {}) =>
  startCollector(t, {
    namespaces: [namespace],
    env: {
      FLAMEHERD_TRANSPORTS_EPHEMERAL_ENABLED: 'true',
      FLAMEHERD_TRANSPORTS_EPHEMERAL_IMAGE: image,
      FLAMEHERD_TRANSPORTS_EPHEMERAL_ALLOW_UNPINNED: 'true',
      ...env,
    },
  });
const ephemeralOf = async (namespace: string, name: string) =>
  (await kubectlGet<WirePod>('-n', namespace, 'pod', name)).spec.ephemeralContainers ?? [];

test('a distroless pod in a namespace that enforces restricted is profiled by one sidecar, which is told of', async (t) => {
  const namespace = await temporaryNamespace(t, 'sidecar', {}, { ...allowed, ...restricted });
  await kubectlApply(pod({ namespace, name: 'strict', annotations, containers }));
  const collector = await start(t, namespace);
  const target = await collector.targetThat({ namespace }, isUp, 'of which all is up', 90_000);
  assert.deepEqual([target.transport, target.transportReason], ['ephemeral', 'asked for by name']);
  await assert.rejects(kubectl('-n', namespace, 'exec', 'strict', '-c', 'app', '--', '/bin/sh', '-c', 'true'));

  const snapped = await collector.snap({ namespace, pod: 'strict', profile: 'goroutine' });
  assert.equal(snapped.status, 200, snapped.text);
  assert.match(snapped.transport, /^ephemeral \(/);
  const wire = await kubectlGet<WirePod>('-n', namespace, 'pod', 'strict');
  assert.deepEqual(
    wire.spec.ephemeralContainers?.map((each) => [each.name, each.image]),
    [['flameherd-1', image]],
  );
  assert.ok(wire.status.ephemeralContainerStatuses?.[0]?.state.running);

  const table = await flameherd(['sidecars', '--server', collector.daemon.url]);
  assert.match(table.stdout, new RegExp(`^${namespace} +strict +flameherd-1 +running .* 1 of 3 `, 'm'));
  const events = await eventually(
    async () => {
      const { items } = await kubectlGet<{ items: { note: string }[] }>('-n', namespace, 'events.events.k8s.io');
      const ours = items.filter(({ note }) => note.startsWith('flameherd added ephemeral container'));
      return ours.length > 0 && ours;
    },
    10_000,
    'Event',
  );
  assert.equal(events.length, 1);
  const audit = collector.daemon.log.filter((line) => line['audit'] === 'sidecar-injected');
  assert.deepEqual(
    audit.map((line) => [line['namespace'], line['pod'], line['container']]),
    [[namespace, 'strict', 'flameherd-1']],
  );

  await t.test('a collector that is started anew uses it again', async (each) => {
    await collector.daemon.kill();
    const second = await start(each, namespace);
    await second.targetThat({ namespace }, isUp, 'of which all is up', 60_000);
    assert.equal((await ephemeralOf(namespace, 'strict')).length, 1);
  });
});

test('where Pod Security does not admit it the target says so, and nothing is left behind in the pod', async (t) => {
  const namespace = await temporaryNamespace(t, 'denied', {}, allowed);
  await kubectlApply(pod({ namespace, name: 'loose', annotations, containers, unrestricted: true }));
  // A pod that breaks the rules of its namespace is not changed in any way that is judged again.
  await kubectl('label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted');
  const collector = await start(t, namespace);
  const denied = /the cluster does not admit the sidecar in namespace \S+: .*violates PodSecurity "restricted/;
  await collector.targetThat({ namespace }, (target) => denied.test(errorsOf(target)), 'that says why');
  assert.equal((await collector.snap({ namespace, pod: 'loose', profile: 'heap' })).status, 502);
  assert.deepEqual(await ephemeralOf(namespace, 'loose'), []);
  assert.equal(await collector.metric('flameherd_sidecar_injections_total', { result: 'denied' }), 1);
  assert.equal(await collector.metric('flameherd_sidecar_breakers_open', { scope: 'pod' }), 1);
});

test('an image that is not there is found out in one pod, told once, and tried in no other', async (t) => {
  const namespace = await temporaryNamespace(t, 'absent', {}, allowed);
  const names = ['a', 'b', 'c', 'd'];
  await kubectlApply(...names.map((name) => pod({ namespace, name, annotations, containers })));
  const absent = `localhost/absent-${process.pid}:lab`;
  const collector = await start(t, namespace, { FLAMEHERD_TRANSPORTS_EPHEMERAL_IMAGE: absent });
  const failed = /the sidecar's image localhost\/absent-\d+:lab does not come: \w+/;
  await eventually(
    async () => (await collector.targets({ namespace })).some((target) => failed.test(errorsOf(target))),
    90_000,
    'target that tells of it',
  );
  assert.equal(await collector.metric('flameherd_sidecar_breakers_open', { scope: 'image' }), 1);
  const entries = async (): Promise<number> => {
    const { items } = await kubectlGet<{ items: readonly WirePod[] }>('-n', namespace, 'pods');
    return items.flatMap(({ spec }) => spec.ephemeralContainers ?? []).length;
  };
  for (let round = 0; round < 3; round++) {
    for (const name of names) {
      const { status, text } = await collector.snap({ namespace, pod: name, profile: 'heap' });
      assert.equal(status, 502, text);
      assert.match(text, failed);
    }
  }
  assert.equal(await entries(), 1);
  assert.equal(await collector.metric('flameherd_sidecar_injections_total', { result: 'injected' }), 1);
  const told = collector.daemon.log.filter(({ message }) => String(message).startsWith('no more sidecars are tried'));
  assert.equal(told.length, 1, JSON.stringify(told));
  const table = await flameherd(['sidecars', '--server', collector.daemon.url]);
  assert.match(table.stdout, /^! image left alone /m);
});

test('without the label of the namespace there is none, whatever the pod asks for', async (t) => {
  const namespace = await temporaryNamespace(t, 'unlabelled');
  await kubectlApply(pod({ namespace, name: 'plain', annotations, containers }));
  const collector = await start(t, namespace);
  const refused = /has not the label flameherd\.dev\/ephemeral=allowed, by which an administrator allows/;
  const target = await collector.targetThat({ namespace }, (each) => refused.test(each.transportReason), 'refused');
  assert.equal(target.transport, null);
  assert.deepEqual(await ephemeralOf(namespace, 'plain'), []);
});
