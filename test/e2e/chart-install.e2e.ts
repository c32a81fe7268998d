import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { chartFolder } from '../support/chart.ts';
import { eventually } from '../support/daemon.ts';
import { forwardPort } from '../support/e2e-forward.ts';
import { pod } from '../support/e2e-pods.ts';
import { helmProgram, noHelm } from '../support/helm.ts';
import { kubectl, kubectlApply, kubectlGet, temporaryNamespace } from '../support/kubectl.ts';

/** The chart, installed by Helm into namespaces that enforce the restricted level, changed, rolled back and removed. */

const run = promisify(execFile);
const skip = noHelm;
const cleanUps: (() => Promise<void>)[] = [];
const suite = { after: (cleanUp: () => Promise<void>) => void cleanUps.unshift(cleanUp) };
const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };

let apps: string;

before(async () => {
  apps = await temporaryNamespace(suite, 'chart-apps', {}, restricted);
  const annotations = { 'flameherd.dev/scrape': 'true', 'flameherd.dev/port': '6060' };
  const shape = (name: string, address: string) =>
    pod({ namespace: apps, name, annotations, containers: [{ args: [`-addr=${address}`, '-cpu=0.01'] }] });
  await kubectlApply(shape('near', ':6060'), shape('local', '127.0.0.1:6060'));
});
after(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
});

const helm = async (...args: readonly string[]): Promise<string> =>
  (await run(helmProgram ?? '', [...args], { maxBuffer: 16 << 20, timeout: 240_000 })).stdout;

/** The image of the tests, an emptyDir (not every cluster has volumes to give), and one namespace that is scraped every 10 s. */
function valuesFor(...more: readonly string[]): string[] {
  const [, registry = '', repository = '', tag = ''] =
    /^(?:(.+)\/)?([^/]+):([^:]+)$/.exec(process.env['E2E_DAEMON_IMAGE'] ?? 'localhost/flameherd:lab') ?? [];
  const image = [`image.registry=${registry}`, `image.repository=${repository}`, `image.tag=${tag}`];
  const often = ['config.scrape.interval=10s', 'config.scrape.profiles={heap}', 'config.scrape.self=false'];
  return [...image, ...often, 'persistence.enabled=false', ...more].flatMap((value) => ['--set', value]);
}

interface Target {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: string;
  readonly state: string;
}

/** Waits until this pod is scraped, and gives all targets of its namespace then. */
async function scraped(url: string, name: string, headers: Record<string, string> = {}): Promise<readonly Target[]> {
  const ask = async (): Promise<readonly Target[] | undefined> => {
    const response = await fetch(`${url}/api/v1/targets`, { headers });
    if (!response.ok) throw new Error(`HTTP ${response.status} ${await response.text()}`);
    const { targets } = (await response.json()) as { targets: readonly Target[] };
    return targets.some(({ labels, health }) => labels['pod'] === name && health === 'up') ? targets : undefined;
  };
  return await eventually(ask, 90_000, `target ${name} that is up`);
}

const uidOf = async (namespace: string): Promise<string> =>
  (await kubectlGet<{ metadata: { uid: string } }>('-n', namespace, 'pod', 'flameherd-0')).metadata.uid;

test('helm install, and a pod is profiled; live keys are taken up, others replace the pod; uninstall leaves nothing', {
  skip,
}, async () => {
  const home = await temporaryNamespace(suite, 'chart-wide', {}, restricted);
  const own = `config.discovery.namespaces.include={${apps}}`;
  const notes = await helm('install', 'flameherd', chartFolder, '-n', home, '--wait', ...valuesFor(own));
  suite.after(() => helm('uninstall', 'flameherd', '-n', home, '--ignore-not-found').then(() => undefined));
  assert.match(notes, new RegExp(`kubectl -n ${home} port-forward statefulset/flameherd 4280`));
  const first = await uidOf(home);
  {
    await using api = await forwardPort(home, 'statefulset/flameherd', 4280);
    await scraped(api.url, 'near');
  }
  const upgrade = (...more: string[]) =>
    helm('upgrade', 'flameherd', chartFolder, '-n', home, '--wait', ...valuesFor(own, ...more));
  await upgrade('config.log.level=debug');
  const log = () => kubectl('-n', home, 'logs', 'flameherd-0');
  // The kubelet brings the file up to date within its period of synchronisation, about a minute.
  await eventually(
    async () => /the configuration was read again/.test(await log()),
    180_000,
    'line that it was read again',
  );
  assert.equal(await uidOf(home), first, 'a live key');
  await upgrade('config.log.level=debug', 'rbac.portForward=true');
  await kubectl('-n', home, 'rollout', 'status', 'statefulset/flameherd', '--timeout=120s');
  assert.notEqual(await uidOf(home), first, 'a key that needs a restart');
  {
    await using api = await forwardPort(home, 'statefulset/flameherd', 4280);
    await scraped(api.url, 'local');
  }
  await helm('rollback', 'flameherd', '1', '-n', home, '--wait');
  assert.match(await helm('history', 'flameherd', '-n', home), /Rollback to 1/);
  await helm('uninstall', 'flameherd', '-n', home, '--wait');
  const left = 'all,configmap,serviceaccount,role,rolebinding,clusterrole,clusterrolebinding';
  assert.equal(await kubectl('-n', home, 'get', left, '-l', 'helm.sh/chart', '-o', 'name'), '');
});

test('by Roles only, with tokens: who has none is refused, and the Service has a port for the others', {
  skip,
}, async () => {
  const home = await temporaryNamespace(suite, 'chart-scoped', {}, restricted);
  const token = 'one-of-the-tests-0123456789abcdef';
  await kubectl('-n', home, 'create', 'secret', 'generic', 'tokens', `--from-literal=tokens=admin:${token}\n`);
  const scope = ['rbac.scope=namespaces', `rbac.namespaces={${apps}}`, 'rbac.portForward=true'];
  const auth = ['config.auth.mode=token', 'auth.token.existingSecret=tokens'];
  const notes = await helm('install', 'flameherd', chartFolder, '-n', home, '--wait', ...valuesFor(...scope, ...auth));
  suite.after(() => helm('uninstall', 'flameherd', '-n', home, '--ignore-not-found').then(() => undefined));
  assert.match(notes, new RegExp(`flameherd looks in ${apps} only`));
  const manifest = await helm('get', 'manifest', 'flameherd', '-n', home);
  assert.doesNotMatch(manifest, /kind: Cluster/);
  await using api = await forwardPort(home, 'service/flameherd', 4280);
  assert.equal((await fetch(`${api.url}/api/v1/targets`)).status, 401);
  const targets = await scraped(api.url, 'local', { authorization: `Bearer ${token}` });
  assert.ok(targets.every(({ labels }) => labels['namespace'] === apps));
});

test('with tokens of the cluster: the chart gives the rights to ask who calls, and a role to bind', {
  skip,
}, async () => {
  const home = await temporaryNamespace(suite, 'chart-rbac', {}, restricted);
  const auth = ['config.auth.mode=kubernetes', 'rbac.userRoles=true', `config.discovery.namespaces.include={${apps}}`];
  await helm('install', 'flameherd', chartFolder, '-n', home, '--wait', ...valuesFor(...auth));
  suite.after(() => helm('uninstall', 'flameherd', '-n', home, '--ignore-not-found').then(() => undefined));
  await using api = await forwardPort(home, 'service/flameherd', 4280);
  const tokenOf = async (name: string): Promise<{ authorization: string }> => {
    await kubectl('-n', home, 'create', 'serviceaccount', name);
    const token = await kubectl('-n', home, 'create', 'token', name, '--audience=flameherd');
    return { authorization: `Bearer ${token.trim()}` };
  };
  const [reader, stranger] = [await tokenOf('reader'), await tokenOf('stranger')];
  const role = `--clusterrole=${home}-flameherd-read`;
  await kubectl('-n', apps, 'create', 'rolebinding', 'reader', role, `--serviceaccount=${home}:reader`);
  await scraped(api.url, 'near', reader);
  const answers = [{}, stranger].map((headers) => fetch(`${api.url}/api/v1/targets?namespace=${apps}`, { headers }));
  const [anonymous, other] = await Promise.all(answers);
  assert.equal(anonymous?.status, 401);
  assert.ok(other?.status === 403 || !(await other?.text())?.includes(apps), 'who has no role sees nothing');
});
