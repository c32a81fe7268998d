import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eventually } from '../support/daemon.ts';
import { forwardPort } from '../support/e2e-forward.ts';
import { hook, withoutHooks } from '../support/e2e-hooks.ts';
import { localVolume, plainInstallation, type Storage } from '../support/e2e-install.ts';
import { removeClusterWide } from '../support/e2e-manifests.ts';
import { pod } from '../support/e2e-pods.ts';
import { kubectl, kubectlApply, kubectlGet, temporaryNamespace } from '../support/kubectl.ts';

/** From nothing to a flame graph, as the README says: the plain YAML, one annotation, a port-forward. Every setting is the default. */

const image = process.env['E2E_DAEMON_IMAGE'] ?? 'localhost/flameherd:lab';
const cleanUps: (() => Promise<void>)[] = [];
const suite = { after: (cleanUp: () => Promise<void>) => void cleanUps.unshift(cleanUp) };
const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };
after(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
});

/** A namespace with an app that nobody has annotated. */
async function appsWith(name: string): Promise<string> {
  const apps = await temporaryNamespace(suite, `install-${name}`, {}, restricted);
  await kubectlApply(pod({ namespace: apps, name: 'shop', containers: [{ args: ['-addr=:6060', '-cpu=0.05'] }] }));
  await kubectl('-n', apps, 'wait', '--for=condition=Ready', 'pod/shop', '--timeout=90s');
  return apps;
}

async function install(home: string, storage: Storage): Promise<void> {
  const objects = plainInstallation(home, image, storage);
  suite.after(() => removeClusterWide(objects));
  await kubectlApply(...objects);
}

const ready = (home: string) => kubectl('-n', home, 'rollout', 'status', 'statefulset/flameherd', '--timeout=180s');

/** The flame graph of the app's CPU profiles, once it has what the app burns its CPU in. */
function flameGraph(url: string, apps: string): Promise<string> {
  const query = new URLSearchParams({ query: `cpu{namespace="${apps}"}`, format: 'flamegraph' });
  const ask = async (): Promise<string | undefined> => {
    const response = await fetch(`${url}/api/v1/merge?${query.toString()}`);
    const text = await response.text();
    return response.ok && text.includes('main.alpha') ? text : undefined;
  };
  return eventually(ask, 120_000, 'flame graph');
}

test('from nothing to a flame graph of an annotated app, with an emptyDir', async (t) => {
  const apps = await appsWith('apps');
  const home = await temporaryNamespace(suite, 'install-home');
  const started = performance.now();
  const since = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  await install(home, 'emptyDir');
  await kubectl('-n', apps, 'annotate', 'pod', 'shop', 'flameherd.dev/scrape=true');
  await ready(home);
  t.diagnostic(`ready after ${since()}`);
  await using api = await forwardPort(home, 'statefulset/flameherd', 4280);
  await flameGraph(api.url, apps);
  t.diagnostic(`flame graph of a CPU profile after ${since()}`);

  const { metadata } = await kubectlGet<{ metadata: { labels: Record<string, string> } }>('namespace', home);
  assert.equal(metadata.labels['pod-security.kubernetes.io/enforce'], 'restricted');
  // What the program reads beside its code is in the image.
  for (const path of ['/', '/speedscope/', '/runbooks/FlameherdAllocationRateRegression', '/api/v1/openapi.json']) {
    const response = await fetch(api.url + path, { headers: { accept: path === '/' ? 'text/html' : '*/*' } });
    assert.equal(response.status, 200, path);
  }
});

test('the commands of the image need no shell: health, status, and a kubeconfig is read', async () => {
  const home = await temporaryNamespace(suite, 'install-shell');
  await install(home, 'emptyDir');
  await ready(home);
  const exec = (...argv: readonly string[]) => kubectl('-n', home, 'exec', 'flameherd-0', '--', ...argv);
  assert.equal(await exec('flameherd', 'health'), 'ready\n');
  assert.equal(await exec('flameherd', 'health', '--live'), 'healthy\n');
  assert.match(await exec('flameherd', 'status'), /^version/);
  await assert.rejects(exec('sh', '-c', 'true'), /executable file not found|no such file/);
  const program = `import('@kubernetes/client-node').then(({ KubeConfig }) => {
    const config = new KubeConfig();
    config.loadFromString(process.argv[1]);
    console.log(config.getCurrentCluster().server);
  })`;
  const { server, kubeconfig } = aKubeconfig;
  assert.equal(await exec('node', '-e', program, kubeconfig), `${server}\n`);
});

const server = 'https://10.0.0.1:6443';
const aKubeconfig = {
  server,
  kubeconfig: JSON.stringify({
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'none' } } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  }),
};

test('with a claim, on a volume of the node that fsGroup makes ours, what was stored outlives the pod', {
  skip: withoutHooks,
}, async () => {
  const apps = await appsWith('kept');
  const home = await temporaryNamespace(suite, 'install-claim');
  const nodes = await kubectlGet<{ items: { metadata: { labels: Record<string, string> } }[] }>('nodes');
  const node = nodes.items[0]?.metadata.labels['kubernetes.io/hostname'] ?? '';
  const path = await hook('node-folder', home);
  suite.after(() =>
    kubectl('delete', 'persistentvolume', home, '--ignore-not-found', '--wait=false').then(() => undefined),
  );
  await kubectlApply(localVolume(home, home, node, path));
  await kubectl('-n', apps, 'annotate', 'pod', 'shop', 'flameherd.dev/scrape=true');
  await install(home, 'claim');
  await ready(home);
  {
    await using api = await forwardPort(home, 'statefulset/flameherd', 4280);
    await flameGraph(api.url, apps);
  }
  // Without the app nothing new comes: what is shown is what was kept.
  await kubectl('-n', apps, 'delete', 'pod', 'shop');
  await kubectl('-n', home, 'delete', 'pod', 'flameherd-0');
  await ready(home);
  await using api = await forwardPort(home, 'statefulset/flameherd', 4280);
  await flameGraph(api.url, apps);
});
