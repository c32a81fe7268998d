import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { chartFolder, root, valueSets } from '../support/chart.ts';
import { type ChartObject, isClusterWide, objectsIn, plainObjects } from '../support/chart-objects.ts';
import { withOptionalApis } from '../support/e2e-crds.ts';
import { documentsOf, helmProgram, noHelm, rendered } from '../support/helm.ts';
import { kubectl, temporaryNamespace } from '../support/kubectl.ts';

/**
 * What the chart, plain YAML and kustomizations give is accepted by the API server of the cluster, in namespaces that enforce the
 * restricted level of Pod Security. Nothing of it runs: chart-install.e2e.ts shows that.
 */

const run = promisify(execFile);
const cleanUps: (() => Promise<void>)[] = [];
const suite = { after: (cleanUp: () => Promise<void>) => void cleanUps.unshift(cleanUp) };
/** The namespaces that stand in values and goldens, and those of this run. */
const placeOf = new Map<string, string>();

before(async () => {
  for (const name of ['flameherd', 'monitoring', 'grafana', 'shop', 'bank'])
    placeOf.set(
      name,
      await temporaryNamespace(suite, `chart-${name}`, {}, { 'pod-security.kubernetes.io/enforce': 'restricted' }),
    );
  await withOptionalApis(suite);
});
after(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
});

for (const each of valueSets) {
  test(`the API server takes every object of the chart for ${each.name}, and its pod`, { skip: noHelm }, async () => {
    await assertAccepted(objectsIn(documentsOf(await rendered(helmProgram ?? '', each)).join('---\n')));
  });
}

for (const path of ['flameherd.yaml', 'rbac/users.yaml', 'rbac/auth.yaml', 'rbac/ephemeral.yaml']) {
  test(`the API server takes every object of deploy/${path}`, async () => {
    await assertAccepted(plainObjects(path));
  });
}

for (const name of ['base', 'namespaces', 'token', 'example']) {
  test(`kustomize builds deploy/kustomize/${name}, and the API server takes every object of it`, async () => {
    await assertAccepted(objectsIn(await kubectl('kustomize', `${root}/deploy/kustomize/${name}`)));
  });
}

test('a pod that runs as root is refused there, so that the above says something', async () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'root', namespace: placeOf.get('flameherd') } };
  const spec = { containers: [{ name: 'app', image: 'localhost/pause:lab' }] };
  await assert.rejects(apply([{ ...pod, spec }], '--dry-run=server'), /violates PodSecurity "restricted/);
});

test('Helm installs what is optional on a cluster that serves it', { skip: noHelm }, async () => {
  const home = placeOf.get('flameherd') ?? '';
  const on = ['serviceMonitor', 'prometheusRule', 'dashboards', 'networkPolicy'].map((name) => `${name}.enabled=true`);
  const values = ['replicas=0', ...on].flatMap((value) => ['--set', value]);
  const helm = (...args: readonly string[]) => run(helmProgram ?? '', [...args, '-n', home], { maxBuffer: 16 << 20 });
  const { stdout } = await helm('install', 'optional', chartFolder, ...values);
  suite.after(() => helm('uninstall', 'optional', '--ignore-not-found').then(() => undefined));
  assert.match(stdout, /--set serviceMonitor\.labels\.release=NAME/);
  const kinds = 'servicemonitor,prometheusrule,configmap,networkpolicy';
  const names = (await kubectl('-n', home, 'get', kinds, '-l', 'helm.sh/chart', '-o', 'name')).trim().split('\n');
  assert.equal(names.length, 5);
});

async function assertAccepted(objects: readonly ChartObject[]): Promise<void> {
  const placed = objects.filter(({ kind }) => kind !== 'Namespace').map(moved);
  const set = placed.find(({ kind }) => kind === 'StatefulSet');
  // A pod is refused unless its account is there; the account is all that is really made.
  if (set) await apply([accountOf(set)]);
  const given = set ? [...placed, podOf(set)] : placed;
  const { stdout, stderr } = await apply(given, '--dry-run=server');
  assert.equal(stdout.trim().split('\n').length, given.length);
  assert.doesNotMatch(stderr, /warning/i);
}

/** With strict validation fields that the API does not know are errors. */
async function apply(
  objects: readonly object[],
  ...flags: readonly string[]
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const args = ['apply', '--server-side', '--validate=strict', ...flags, '-f', '-'];
  const child = run('kubectl', args, { maxBuffer: 16 << 20 });
  child.child.stdin?.end(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  return await child;
}

/** An installation of flameherd in the same cluster is left alone. */
function moved(object: ChartObject): ChartObject {
  const text = JSON.stringify(object).replaceAll(/"namespace":"([^"]+)"/g, (_, name: string) => {
    return `"namespace":"${placeOf.get(name) ?? name}"`;
  });
  const copy = JSON.parse(text) as ChartObject;
  if (!isClusterWide(copy)) return copy;
  return { ...copy, metadata: { ...copy.metadata, name: `${copy.metadata.name}-${placeOf.get('flameherd')}` } };
}

function accountOf({ metadata, spec }: ChartObject): object {
  const name = spec?.template?.spec.serviceAccountName;
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: metadata.namespace } };
}

/** The pod that the StatefulSet would make: of the StatefulSet itself Pod Security only warns. */
function podOf({ metadata, spec }: ChartObject): ChartObject {
  const { template, volumeClaimTemplates } = spec ?? assert.fail();
  assert.ok(template);
  const claimed = volumeClaimTemplates ? [{ name: 'data', persistentVolumeClaim: { claimName: 'data-0' } }] : [];
  const volumes = [...template.spec.volumes, ...claimed];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, ...template.metadata, name: `${metadata.name}-0` },
    spec: { ...template.spec, volumes },
  } as unknown as ChartObject;
}
