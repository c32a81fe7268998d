import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type TestContext, test } from 'node:test';
import { flameherd } from '../support/app-command.ts';
import { countingScript } from '../support/app-counters.ts';
import { type Daemon, eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server.ts';
import { namespaceObject, podObject } from '../support/kubernetes-objects.ts';
import { startPprofServer } from '../support/pprof-server.ts';

interface TargetAnswer {
  readonly health: string;
  readonly transport: string | null;
  readonly transportReason: string;
  readonly scrapes: readonly { readonly lastError: string }[];
}

/** An address of this machine that is no loopback: a pod may have it, and a port of it where nobody listens is refused. */
const address = Object.values(networkInterfaces())
  .flatMap((found) => found ?? [])
  .find(({ family, internal, address: own }) => family === 'IPv4' && !internal && !own.startsWith('169.254.'))?.address;

async function closedPort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

interface Cluster {
  readonly api: FakeApiServer;
  readonly port: number;
  readonly daemon: Daemon;
  readonly put: (pod: string, annotations: Readonly<Record<string, string>>, uid?: string) => void;
}

/** A daemon, and a pod `shop/cart` whose pprof listens on its 127.0.0.1 only unless said otherwise. */
async function start(
  t: TestContext,
  options: { config?: string; onLoopback?: boolean; ip?: string; before?: (api: FakeApiServer) => void },
): Promise<Cluster> {
  const api = await startFakeApiServer();
  t.after(() => api.close());
  const pprof = await startPprofServer(countingScript().script);
  t.after(() => pprof.close());
  const port = await closedPort();
  api.put(namespaceObject('shop'));
  api.streams.listen('shop', 'cart', port, { port: pprof.port, onLoopback: options.onLoopback ?? true });
  options.before?.(api);
  const put: Cluster['put'] = (name, annotations, uid = `uid-${name}`) =>
    void api.put(
      podObject('shop', name, {
        uid,
        ip: options.ip ?? '10.99.0.1',
        containerId: `containerd://${uid}`,
        ports: [{ name: 'pprof', containerPort: port }],
        annotations: {
          'flameherd.dev/scrape': 'true',
          'flameherd.dev/profiles': 'heap',
          'flameherd.dev/interval': '1s',
          ...annotations,
        },
      }),
    );
  const folder = await temporaryFolder(t);
  await writeFile(
    `${folder}/config.yml`,
    `limits: { minInterval: 1s }\nlease: { mode: 'off' }\n${options.config ?? ''}`,
  );
  const daemon = await startDaemon(
    `${folder}/data`,
    ['--config', `${folder}/config.yml`, '--kubernetes', '--no-self'],
    {
      KUBECONFIG: api.kubeconfig(),
    },
  );
  t.after(() => daemon.kill());
  return { api, port, daemon, put };
}

async function targetThat(daemon: Daemon, is: (target: TargetAnswer) => boolean): Promise<TargetAnswer> {
  let last: TargetAnswer | undefined;
  const check = async (): Promise<TargetAnswer | false> => {
    const { targets } = await daemon.getJson<{ targets: readonly TargetAnswer[] }>('/api/v1/targets');
    last = targets[0];
    return last !== undefined && is(last) && last;
  };
  return eventually(check, 20_000, 'target as wanted').catch((error: unknown) =>
    assert.fail(`${String(error)}: ${JSON.stringify(last)}`),
  );
}

const isUp = ({ health }: TargetAnswer): boolean => health === 'up';
const errorOf = ({ scrapes }: TargetAnswer): string => scrapes[0]?.lastError ?? '';

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
