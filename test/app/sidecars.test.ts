import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { flameherd } from '../support/app-command.ts';
import { cpuProfile, heapProfile } from '../support/app-counters.ts';
import { type Daemon, eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server.ts';
import { type EphemeralScript, ephemeralIn, running, startFakeKubelet, waiting } from '../support/fake-kubelet.ts';
import { namespaceObject, podObject } from '../support/kubernetes-objects.ts';
import { noGo } from '../support/no-go.ts';
import { byPath, startPprofServer } from '../support/pprof-server.ts';
import { buildSidecar, runProgram } from '../support/sidecar-program.ts';

const image = 'localhost/flameherd-sidecar:lab';
const annotations = { 'flameherd.dev/scrape': 'true', 'flameherd.dev/transport': 'ephemeral' };

interface TargetsAnswer {
  readonly targets: readonly {
    readonly labels: { readonly pod: string };
    readonly health: string;
    readonly transport: string | null;
    readonly transportReason: string;
    readonly warnings: readonly string[];
    readonly scrapes: readonly { readonly health: string; readonly lastError: string }[];
  }[];
}

async function startCollector(t: TestContext, api: FakeApiServer, env: NodeJS.ProcessEnv = {}): Promise<Daemon> {
  const daemon = await startDaemon(await temporaryFolder(t), ['--kubernetes', '--no-self'], {
    KUBECONFIG: api.kubeconfig(),
    FLAMEHERD_LEASE_MODE: 'off',
    FLAMEHERD_DISCOVERY_PROBE: 'false',
    FLAMEHERD_SCRAPE_PROFILES: 'cpu,heap',
    FLAMEHERD_TRANSPORTS_EPHEMERAL_ENABLED: 'true',
    FLAMEHERD_TRANSPORTS_EPHEMERAL_IMAGE: image,
    FLAMEHERD_TRANSPORTS_EPHEMERAL_ALLOW_UNPINNED: 'true',
    ...env,
  });
  t.after(() => daemon.kill());
  return daemon;
}

async function startCluster(t: TestContext, script: EphemeralScript = () => running): Promise<FakeApiServer> {
  const api = await startFakeApiServer();
  const kubelet = startFakeKubelet(api, script);
  t.after(() => {
    kubelet[Symbol.dispose]();
    return api.close();
  });
  api.put(namespaceObject('shop', { labels: { 'flameherd.dev/ephemeral': 'allowed' } }));
  api.put(namespaceObject('bank'));
  return api;
}

const targetOf = (daemon: Daemon, pod: string) => async () => {
  const { targets } = await daemon.getJson<TargetsAnswer>('/api/v1/targets');
  return targets.find(({ labels }) => labels.pod === pod);
};

test('a daemon scrapes by a sidecar of its own program, and lists it', { skip: noGo, timeout: 120_000 }, async (t) => {
  using program = buildSidecar();
  await using pprof = await startPprofServer(
    byPath({
      '/debug/pprof/heap': { kind: 'profile', bytes: heapProfile(1) },
      '/debug/pprof/profile': { kind: 'profile', bytes: cpuProfile(1) },
    }),
  );
  const api = await startCluster(t);
  api.streams.exec = async ({ argv }) => {
    const { exitCode, stdout, stderr } = await runProgram([program.path, ...argv.slice(1)]);
    return argv[0] === '/flameherd-sidecar' ? { exitCode, stdout, stderr } : { exitCode: 126 };
  };
  api.put(
    podObject('shop', 'cart-1', {
      annotations: { ...annotations, 'flameherd.dev/port': String(pprof.port), 'flameherd.dev/interval': '10s' },
    }),
  );
  const daemon = await startCollector(t, api);
  const target = await eventually(
    async () => {
      const found = await targetOf(daemon, 'cart-1')();
      return found?.scrapes.every(({ health }) => health === 'up') && found;
    },
    60_000,
    'target of which both kinds are up',
  );
  assert.deepEqual([target.health, target.transport, target.transportReason], ['up', 'ephemeral', 'asked for by name']);
  assert.deepEqual(target.warnings, [
    'transport ephemeral fetches a kind every 1m at most: used that instead of cpu every 10s, heap every 10s',
  ]);
  assert.equal(ephemeralIn(api.store.get('Pod', 'shop', 'cart-1')).length, 1);

  const table = await flameherd(['sidecars', '--server', daemon.url]);
  assert.match(
    table.stdout,
    /^NAMESPACE +POD +SIDECAR +STATE +SINCE +ATTEMPTS +BY +IMAGE\nshop +cart-1 +flameherd-1 +running +\S+ ago +1 of 3 +\S+\/\S+ +localhost\/flameherd-sidecar:lab\n$/,
  );
  const { pods } = await daemon.getJson<{ pods: object[] }>('/api/v1/sidecars?namespace=bank');
  assert.deepEqual(pods, []);
  const metrics = await (await fetch(`${daemon.opsUrl}/metrics`)).text();
  assert.match(metrics, /^flameherd_sidecar_injections_total\{result="injected"\} 1$/m);
  assert.match(metrics, /^flameherd_sidecars\{state="running"\} 1$/m);
});

test('where a sidecar cannot be, the target says why, the pod stays as it was, and the listing names what is left alone', async (t) => {
  const api = await startCluster(t, () => waiting('ErrImageNeverPull'));
  api.put(podObject('bank', 'vault-1', { annotations }));
  api.put(podObject('shop', 'cart-1', { annotations }));
  const daemon = await startCollector(t, api);
  const failed = (pod: string, words: RegExp) =>
    eventually(
      async () => {
        const found = await targetOf(daemon, pod)();
        return found?.scrapes.some(({ lastError }) => words.test(lastError)) && found;
      },
      30_000,
      `failure ${words.source} of ${pod}`,
    );
  const vault = await failed('vault-1', /namespace bank has not the label flameherd\.dev\/ephemeral=allowed/);
  assert.equal(vault.transport, null);
  assert.deepEqual(ephemeralIn(api.store.get('Pod', 'bank', 'vault-1')), []);
  await failed(
    'cart-1',
    /no sidecar: the sidecar's image localhost\/flameherd-sidecar:lab does not come: ErrImageNeverPull/,
  );
  const warnings = daemon.log.filter(({ level }) => level === 'warn').map(({ message }) => String(message));
  assert.equal(
    warnings.filter((message) => message.startsWith('no more sidecars are tried with this image')).length,
    1,
  );

  const table = await flameherd(['sidecars', '--server', daemon.url]);
  assert.match(table.stdout, /shop +cart-1 +flameherd-1 +waiting: ErrImageNeverPull +1 of 3 /);
  assert.match(table.stdout, /^! image left alone \(tried again in \d+[hm]\): the sidecar's image .* does not come/m);
});

test('a missing right is told with the rule to add, and a daemon with the transport off says so', async (t) => {
  const api = await startCluster(t);
  api.authorize = ({ plural }) => plural !== 'pods/ephemeralcontainers';
  api.put(podObject('shop', 'cart-1', { annotations }));
  const daemon = await startCollector(t, api);
  await eventually(
    async () => {
      const found = await targetOf(daemon, 'cart-1')();
      return found?.transportReason.includes('resources: ["pods/ephemeralcontainers"]');
    },
    30_000,
    'reason with the rule',
  );
  const off = await startCollector(t, api, { FLAMEHERD_TRANSPORTS_EPHEMERAL_ENABLED: 'false' });
  const found = await eventually(targetOf(off, 'cart-1'), 30_000, 'target');
  assert.equal(found.transportReason, 'ephemeral is off: an admin may set transports.ephemeral.enabled: true');
  const table = await flameherd(['sidecars', '--server', off.url]);
  assert.equal(
    table.stdout,
    'No pod carries a sidecar.\nThis daemon adds none: transports.ephemeral.enabled is false.\n',
  );
  assert.deepEqual(ephemeralIn(api.store.get('Pod', 'shop', 'cart-1')), []);
});
