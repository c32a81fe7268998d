import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flameherd } from '../support/app-command.ts';
import { countingScript } from '../support/app-counters.ts';
import {
  address,
  address6,
  errorOf,
  isUp,
  startScrapedCluster as start,
  type TargetAnswer,
  targetThat,
} from '../support/app-transports.ts';
import { eventually } from '../support/daemon.ts';
import { podObject } from '../support/kubernetes-objects.ts';
import { startPprofServer } from '../support/pprof-server.ts';

test('a pod that listens on its 127.0.0.1 only is reached by port-forward by itself, and every view says why', {
  skip: address === undefined && 'this machine has no address but loopback',
}, async (t) => {
  const { api, port, daemon, put } = await start(t, { ip: address ?? '' });
  put('cart', {});
  const target = await targetThat(daemon, isUp);
  const reason = `direct refused on ${address}:${port}; pprof answers on 127.0.0.1 by port-forward`;
  assert.deepEqual([target.transport, target.transportReason], ['port-forward', reason]);

  const { rules } = await daemon.getJson<{ rules: readonly { rule: string; detail: string }[] }>(
    '/api/v1/explain?namespace=shop&pod=cart',
  );
  assert.equal(rules.find(({ rule }) => rule === 'transport')?.detail, `cart app: port-forward: ${reason}`);
  const { stdout } = await flameherd(['targets', '--server', daemon.url]);
  assert.match(stdout, /^shop +\S+ +cart +up +port-forward /m);
  assert.ok(stdout.includes(`shop/cart: port-forward: ${reason}\n`), stdout);
  const metrics = await (await fetch(`${daemon.opsUrl}/metrics`)).text();
  assert.match(metrics, /^flameherd_transport_streams_kept 1$/m);
  assert.match(metrics, /^flameherd_transport_streams_opened_total\{transport="port-forward"\} 1$/m);
  assert.match(metrics, /^flameherd_transport_streams_limit\{transport="port-forward",bound="streams"\} 200$/m);
  assert.equal(api.streams.open, 1);

  // The pod comes again under its name: another process, another stream; the old one is closed.
  put('cart', {}, 'uid-2');
  await eventually(async () => api.streams.seen.length === 2 && api.streams.open === 1, 20_000, 'second stream alone');
  assert.equal((await targetThat(daemon, isUp)).transport, 'port-forward');
});

test('without the right to port-forward the target and the status name the rule', async (t) => {
  const { daemon, put } = await start(t, {
    before: (server) => {
      server.authorize = ({ plural }) => plural !== 'pods/portforward';
    },
  });
  put('cart', { 'flameherd.dev/transport': 'port-forward' });
  const target = await targetThat(daemon, (each) => errorOf(each).includes('pods/portforward'));
  assert.match(errorOf(target), /resources: \["pods\/portforward"\]\n +verbs: \["get", "create"\]/);
  const { problems } = await daemon.getJson<{ problems: readonly { what: string; hint: string }[] }>('/api/v1/status');
  assert.ok(problems.some(({ what, hint }) => what.includes('port-forward') && hint.includes('pods/portforward')));
});

test('a right that many pods lack is told once by targets, by status and by explain', async (t) => {
  const { daemon, put } = await start(t, {
    before: (server) => {
      server.authorize = ({ plural }) => plural !== 'pods/portforward';
    },
  });
  for (let i = 0; i < 12; i++) put(`cart-${i}`, { 'flameherd.dev/transport': 'port-forward' });
  await eventually(
    async () => {
      const { targets } = await daemon.getJson<{ targets: readonly TargetAnswer[] }>('/api/v1/targets');
      return targets.length === 12 && targets.every((each) => errorOf(each).includes('pods/portforward'));
    },
    20_000,
    'refusal of all twelve',
  );
  const rule = '  resources: ["pods/portforward"]\n';
  for (const command of [['targets'], ['status'], ['explain', 'shop', 'cart-3']]) {
    const { stdout } = await flameherd([...command, '--server', daemon.url]);
    assert.equal(stdout.split(rule).length, 2, `${command.join(' ')}:\n${stdout}`);
  }
  const { stdout } = await flameherd(['targets', '--server', daemon.url]);
  assert.match(
    stdout,
    /^shop\/cart-\d+, shop\/cart-\d+, shop\/cart-\d+ and 9 more: heap: port-forward is off: the right to get and create pods\/portforward is missing/m,
  );
  assert.ok(stdout.split('\n').length < 30, stdout);
});

test('pod-proxy is off until it is enabled, and says how', async (t) => {
  const { daemon, put } = await start(t, { onLoopback: false });
  put('cart', { 'flameherd.dev/transport': 'pod-proxy' });
  const target = await targetThat(daemon, (each) => errorOf(each) !== '');
  assert.equal(errorOf(target), 'pod-proxy is off: an admin may set transports.podProxy.enabled: true');
  assert.equal(target.transport, null);
});

test('pod-proxy that is enabled brings profiles, and tells a pod that listens on 127.0.0.1 only as refused', async (t) => {
  const config = 'transports: { podProxy: { enabled: true } }';
  const { api, port, daemon, put } = await start(t, { onLoopback: false, config });
  put('cart', { 'flameherd.dev/transport': 'pod-proxy' });
  const target = await targetThat(daemon, isUp);
  assert.deepEqual([target.transport, target.transportReason], ['pod-proxy', 'asked for by name']);
  api.streams.listen('shop', 'cart', port, { port: 1, onLoopback: true });
  const down = await targetThat(daemon, (each) => errorOf(each) !== '');
  assert.match(errorOf(down), /^pod-proxy: 10\.99\.0\.1:\d+ refused the connection of the API server$/);
});

test('port-forward goes on after the API server was away, over new streams', async (t) => {
  const { api, daemon, put } = await start(t, {});
  put('cart', { 'flameherd.dev/transport': 'port-forward' });
  await targetThat(daemon, isUp);
  const before = api.streams.seen.length;
  api.restart();
  await eventually(async () => api.streams.seen.length > before, 20_000, 'new stream');
  await targetThat(daemon, (target) => isUp(target) && errorOf(target) === '');
});

test('a port where nothing listens is refused in our words, not in those of the node', async (t) => {
  const { api, port, daemon, put } = await start(t, {});
  api.streams.listen('shop', 'cart', port, undefined);
  put('cart', { 'flameherd.dev/transport': 'port-forward' });
  const target = await targetThat(daemon, (each) => errorOf(each) !== '');
  assert.match(errorOf(target), /^port-forward: failed to connect to localhost:\d+.*connection refused/);
  assert.doesNotMatch(errorOf(target), /netns|sandbox|namespace "/);
});

test('in an IPv6 cluster, a pod that listens on its ::1 only is reached by port-forward by itself', {
  skip: address6 === undefined && 'this machine has no IPv6 address but loopback',
}, async (t) => {
  const { port, daemon, put } = await start(t, { ip: address6 ?? '', host: '::1' });
  put('cart', {});
  const target = await targetThat(daemon, isUp);
  assert.deepEqual(
    [target.transport, target.transportReason],
    ['port-forward', `direct refused on [${address6}]:${port}; pprof answers on 127.0.0.1 by port-forward`],
  );
});

test('a pod with an IPv6 address is reached by name of the transport, on its 127.0.0.1 and on its ::1', async (t) => {
  for (const host of ['127.0.0.1', '::1'] as const) {
    const { daemon, put } = await start(t, { ip: 'fd00:10:244::7', host });
    put('cart', { 'flameherd.dev/transport': 'port-forward' });
    assert.equal((await targetThat(daemon, isUp)).transport, 'port-forward', host);
    await daemon.kill();
  }
});

test('a program that listens on a Unix socket only is refused by every way, and the target says so in one sentence', {
  skip: address === undefined && 'this machine has no address but loopback',
}, async (t) => {
  const { api, port, daemon, put } = await start(t, { ip: address ?? '' });
  api.streams.listen('shop', 'cart', port, undefined);
  put('cart', {});
  const target = await targetThat(daemon, (each) => errorOf(each) !== '');
  const [told = '', ...advice] = errorOf(target).split('\n');
  assert.ok(told.startsWith(`http://${address}:${port}: connect ECONNREFUSED`), told);
  assert.match(told, /; port-forward: failed to connect to localhost:\d+, .* connection refused$/);
  assert.ok(told.length < 400, told);
  assert.deepEqual(advice, []);
});

test('an address that goes to another pod in the middle of a scrape brings nothing to the pod that had it before', {
  skip: address === undefined && 'this machine has no address but loopback',
}, async (t) => {
  const { script } = countingScript();
  await using pprof = await startPprofServer((request) => {
    const reply = script(request);
    return reply.kind === 'profile' ? { ...reply, wait: true } : reply;
  }, address);
  const { api, daemon } = await start(t, {});
  const put = (name: string): void =>
    void api.put(
      podObject('shop', name, {
        ip: address ?? '',
        ports: [{ name: 'pprof', containerPort: pprof.port }],
        annotations: {
          'flameherd.dev/scrape': 'true',
          'flameherd.dev/profiles': 'cpu',
          'flameherd.dev/cpu-seconds': '2',
          'flameherd.dev/interval': '4s',
        },
      }),
    );
  put('first');
  await eventually(async () => pprof.requests.length === 1, 20_000, 'CPU profile under way');
  api.delete('Pod', 'shop', 'first');
  put('second');
  await targetThat(daemon, (target) => isUp(target) && target.labels['pod'] === 'second');
  const { profiles } = await daemon.getJson<{ profiles: readonly { labels: { pod: string } }[] }>(
    `/api/v1/profiles?query=${encodeURIComponent('cpu{namespace="shop"}')}`,
  );
  assert.deepEqual([...new Set(profiles.map(({ labels }) => labels.pod))], ['second']);
  assert.equal(pprof.connections, pprof.requests.length);
});
