import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { flameherd } from '../support/app-command.ts';
import { type Collector, errorsOf, isUp, startCollector, type TargetAnswer } from '../support/e2e-collector.ts';
import { pod } from '../support/e2e-pods.ts';
import { kubectlApply, kubectlGet, temporaryNamespace } from '../support/kubectl.ts';

const cleanUps: (() => Promise<void>)[] = [];
const suite = { after: (cleanUp: () => Promise<void>) => void cleanUps.unshift(cleanUp) };
const hostPort = 26_000 + (process.pid % 1000);
const scrape = { 'flameherd.dev/scrape': 'true' };
const onLoopback = { args: ['-addr=127.0.0.1:6060', '-cpu=0.02'] };
const onAllAddresses = { args: ['-addr=:6060', '-cpu=0.02'], ports: [{ name: 'pprof', containerPort: 6060 }] };

let namespace: string;
let collector: Collector;

before(async () => {
  namespace = await temporaryNamespace(suite, 'transports');
  await kubectlApply(...objects());
  collector = await startCollector(suite, {
    namespaces: [namespace],
    env: { FLAMEHERD_TRANSPORTS_POD_PROXY_ENABLED: 'true' },
  });
});
after(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
});

function objects(): object[] {
  const named = (name: string, annotations: Readonly<Record<string, string>>) => ({ namespace, name, annotations });
  return [
    pod({ ...named('near', scrape), containers: [onAllAddresses] }),
    pod({ ...named('unasked', {}), containers: [onAllAddresses] }),
    pod({ ...named('behind', {}), labels: { app: 'behind' }, containers: [onAllAddresses] }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'front', namespace, annotations: { ...scrape, 'flameherd.dev/port': '80' } },
      spec: { selector: { app: 'behind' }, ports: [{ name: 'web', port: 80, targetPort: 'pprof' }] },
    },
    pod({ ...named('local', { ...scrape, 'flameherd.dev/port': '6060' }), containers: [onLoopback] }),
    pod({ ...named('proxied', { ...scrape, 'flameherd.dev/transport': 'pod-proxy' }), containers: [onAllAddresses] }),
    pod({
      ...named('two', { ...scrape, 'flameherd.dev/port': 'admin:9090' }),
      containers: [
        { name: 'web', args: ['-addr=:8080', '-cpu=0.01'], ports: [{ name: 'http', containerPort: 8080 }] },
        { name: 'admin', args: ['-addr=127.0.0.1:9090', '-cpu=0.01'] },
      ],
    }),
    pod({
      ...named('named', { ...scrape, 'flameherd.dev/port': 'profiling' }),
      containers: [
        {
          args: ['-addr=:7070', '-cpu=0.01'],
          ports: [
            { name: 'web', containerPort: 8080 },
            { name: 'profiling', containerPort: 7070 },
          ],
        },
      ],
    }),
    pod({
      ...named('many', { ...scrape, 'flameherd.dev/port': '6060,6061', 'flameherd.dev/profiles': 'heap' }),
      containers: [{ args: ['-addr=:6060', '-addr2=127.0.0.1:6061', '-cpu=0.01'] }],
    }),
    pod({
      ...named('closed', { ...scrape, 'flameherd.dev/port': '6999', 'flameherd.dev/profiles': 'heap' }),
      containers: [onAllAddresses],
    }),
    pod({
      ...named('host', scrape),
      hostNetwork: true,
      containers: [{ args: [`-addr=:${hostPort}`, '-cpu=0.01'], ports: [{ name: 'pprof', containerPort: hostPort }] }],
    }),
    pod({
      ...named('host-api', { ...scrape, 'flameherd.dev/port': '6443', 'flameherd.dev/scheme': 'https' }),
      hostNetwork: true,
      containers: [
        {
          args: [`-addr=127.0.0.1:${hostPort + 1000}`, '-cpu=0.01'],
          ports: [{ name: 'api', containerPort: 6443 }],
        },
      ],
    }),
  ];
}

const ofPod = (name: string) => ({ namespace, pod: name });
const up = (name: string) => collector.targetThat(ofPod(name), isUp, 'of which all is up');
const reached = ({ transport, transportReason }: TargetAnswer) => [transport, transportReason];
const addressOf = async (name: string): Promise<string> =>
  (await kubectlGet<{ status: { podIP: string } }>('-n', namespace, 'pod', name)).status.podIP;

test('a pod that listens on its own address is asked directly', async () => {
  assert.deepEqual(reached(await up('near')), ['direct', "the pod's own address"]);
  const [profile] = await collector.profiles(`heap{namespace="${namespace}",pod="near"}`);
  assert.equal(profile?.labels['workload'], 'near');
});

test('a Service opts in the pods behind it, and its own port is looked up in its endpoints', async () => {
  const target = await up('behind');
  assert.deepEqual(
    target.scrapes.map(({ url }) => new URL(url).port),
    ['6060', '6060'],
  );
  assert.match(target.warnings.join('\n'), /80/);
  const { rules } = await collector.daemon.getJson<{ rules: readonly { detail: string }[] }>(
    `/api/v1/explain?namespace=${namespace}&pod=behind`,
  );
  assert.match(rules.map(({ detail }) => detail).join('\n'), /front/);
});

test('a pod that listens on 127.0.0.1 is reached by port-forward, and the target and explain say why', async () => {
  const target = await up('local');
  const reason = `direct refused on ${await addressOf('local')}:6060; pprof answers on 127.0.0.1 by port-forward`;
  assert.deepEqual(reached(target), ['port-forward', reason]);
  const { rules } = await collector.daemon.getJson<{ rules: readonly { rule: string; detail: string }[] }>(
    `/api/v1/explain?namespace=${namespace}&pod=local`,
  );
  assert.equal(rules.find(({ rule }) => rule === 'transport')?.detail, `local app: port-forward: ${reason}`);
});

test('a pod is reached by pod-proxy where that is enabled and asked for', async () => {
  assert.deepEqual(reached(await up('proxied')), ['pod-proxy', 'asked for by name']);
});

test('of two containers the one that the annotation names is profiled', async () => {
  const target = await up('two');
  assert.deepEqual([target.labels['container'], target.transport], ['admin', 'port-forward']);
  assert.deepEqual(await collector.profiles(`heap{namespace="${namespace}",container="web"}`), []);
});

test('a port is found by its name, besides another one', async () => {
  const target = await up('named');
  assert.deepEqual(
    target.scrapes.map(({ url }) => new URL(url).port),
    ['7070', '7070'],
  );
});

test('each of several ports is a target of its own, reached in its own way', async () => {
  const byPort = (port: string) =>
    collector.targetThat({ ...ofPod('many'), 'match[]': `{port="${port}"}` }, isUp, port);
  assert.equal((await byPort('6060')).transport, 'direct');
  assert.equal((await byPort('6061')).transport, 'port-forward');
});

test('where nothing listens both ways are refused, in our words and without paths of the node', async () => {
  const target = await collector.targetThat(
    ofPod('closed'),
    (each) => errorsOf(each).includes('port-forward'),
    'with an error',
  );
  assert.equal(target.health, 'down');
  assert.match(errorsOf(target), /:6999: nothing listens there.*; port-forward: failed to connect to localhost:6999/);
  assert.doesNotMatch(errorsOf(target), /netns|sandbox|\/run\//);
});

test('hostNetwork is refused by default', async () => {
  for (const name of ['host', 'host-api']) {
    const target = await collector.targetThat(ofPod(name), ({ state }) => state !== 'active', 'that is refused');
    assert.match(target.reason, /hostNetwork.*discovery\.allowHostNetwork/);
    assert.deepEqual(target.scrapes.map(({ lastScrapeMs }) => lastScrapeMs).filter(Boolean), []);
  }
});

test('with hostNetwork allowed a declared port is scraped, and port 6443 of a node is not', async (t) => {
  const allowing = await startCollector(t, {
    namespaces: [namespace],
    env: { FLAMEHERD_DISCOVERY_ALLOW_HOST_NETWORK: 'true' },
  });
  const seen = ({ scrapes }: TargetAnswer) => scrapes.every(({ health }) => health !== 'unknown');
  const host = await allowing.targetThat(ofPod('host'), seen, 'that was asked');
  // Of a cluster of one node the pod has the address of the API server.
  if (!errorsOf(host).includes('is the API server, which is never scraped')) assert.deepEqual(host.health, 'up');
  const refused = await allowing.targetThat(ofPod('host-api'), (each) => errorsOf(each) !== '', 'with an error');
  assert.match(errorsOf(refused), /port 6443 of a node belongs to Kubernetes itself and is never scraped/);
  assert.equal(refused.health, 'down');
});

test('a snap comes by whichever way reaches the pod, and is stored', async () => {
  for (const [name, transport] of [
    ['near', 'direct'],
    ['local', 'port-forward'],
    ['proxied', 'pod-proxy'],
  ] as const) {
    await up(name);
    const snapped = await collector.snap({ ...ofPod(name), profile: 'goroutine' });
    assert.equal(snapped.status, 200, snapped.text);
    assert.match(snapped.transport, new RegExp(`^${transport} \\(`));
    assert.match(gunzipSync(snapped.bytes).toString('latin1'), /goroutine/);
    const stored = await collector.profiles(`goroutine{namespace="${namespace}",pod="${name}"}`);
    assert.equal(stored.length, 1);
  }
});

test('flameherd snap writes a CPU profile of a second to standard output', async () => {
  await up('local');
  const flags = ['--server', collector.daemon.url, '--seconds', '1', '-o', '-'];
  const { code, stderr } = await flameherd(['snap', `${namespace}/local`, ...flags]);
  assert.deepEqual([code, stderr], [0, '']);
});

test('a snap of a pod that is not opted in is refused without an admin token', async () => {
  const { status, text } = await collector.snap({ ...ofPod('unasked'), profile: 'heap' });
  assert.equal(status, 403, text);
});
