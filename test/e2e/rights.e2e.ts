import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { eventually, temporaryFolder } from '../support/daemon.ts';
import { errorsOf, isUp, startCollector } from '../support/e2e-collector.ts';
import { inNamespace, kubeconfigOf, removeClusterWide, shipped } from '../support/e2e-manifests.ts';
import { pod } from '../support/e2e-pods.ts';
import { kubectl, kubectlApply, temporaryNamespace } from '../support/kubectl.ts';

const scrape = { 'flameherd.dev/scrape': 'true', 'flameherd.dev/profiles': 'heap' };

test('a right that is taken away switches one capability off and prints its rule; given back, it works again by itself', async (t) => {
  const namespace = await temporaryNamespace(t, 'rights');
  const fragment = (name: string) => inNamespace(shipped(`rbac/${name}.yaml`), namespace);
  const all = ['discovery', 'services', 'port-forward'].flatMap(fragment);
  t.after(() => removeClusterWide(all));
  await kubectlApply(
    ...fragment('discovery'),
    ...fragment('port-forward'),
    pod({
      namespace,
      name: 'local',
      annotations: { ...scrape, 'flameherd.dev/port': '6060' },
      containers: [{ args: ['-addr=127.0.0.1:6060', '-cpu=0.01'] }],
    }),
    pod({
      namespace,
      name: 'near',
      annotations: { ...scrape, 'flameherd.dev/port': '6060' },
      containers: [{ args: ['-addr=:6060', '-cpu=0.01'] }],
    }),
    pod({
      namespace,
      name: 'behind',
      labels: { app: 'behind' },
      containers: [{ args: ['-addr=:6060', '-cpu=0.01'], ports: [{ name: 'pprof', containerPort: 6060 }] }],
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'front', namespace, annotations: scrape },
      spec: { selector: { app: 'behind' }, ports: [{ port: 6060 }] },
    },
  );
  const folder = await temporaryFolder(t);
  await writeFile(`${folder}/kubeconfig`, await kubeconfigOf(namespace, 'flameherd'));
  const collector = await startCollector(t, {
    namespaces: [namespace],
    // A stream that is kept needs no right again.
    env: { KUBECONFIG: `${folder}/kubeconfig`, FLAMEHERD_TRANSPORTS_PORT_FORWARD_KEPT: '0' },
  });
  const local = { namespace, pod: 'local' };
  const problem = async (words: string) =>
    (await collector.problems()).find(({ what, hint }) => `${what}\n${hint}`.includes(words));
  assert.equal((await collector.targetThat(local, isUp, 'that is up')).transport, 'port-forward');

  await t.test('services were never granted: the rule is printed, and all else works', async () => {
    const { what, hint } = await eventually(() => problem('"services"'), 15_000, 'problem');
    assert.match(what, /services/);
    assert.match(hint, /apiGroups: \[""\]\n +resources: \["services"\]\n +verbs: \["list", "watch"\]/);
    await collector.targetThat({ namespace, pod: 'near' }, isUp, 'that is up');
    assert.deepEqual(await collector.targets({ namespace, pod: 'behind' }), []);
  });

  await t.test('services are granted: within a minute the pod behind the Service is scraped', async () => {
    await kubectlApply(...fragment('services'));
    await collector.targetThat({ namespace, pod: 'behind' }, isUp, 'that is up', 75_000);
    assert.equal(await problem('"services"'), undefined);
  });

  const binding = `ClusterRoleBinding/flameherd-port-forward-${namespace}`;
  await t.test('port-forward is taken away: its targets and the status print the rule, the others go on', async () => {
    await kubectl('delete', binding);
    const rule = /resources: \["pods\/portforward"\]\n +verbs: \["get", "create"\]/;
    const target = await collector.targetThat(
      local,
      (each) => each.health === 'down' && rule.test(errorsOf(each)),
      'that prints the rule',
      60_000,
    );
    assert.match(errorsOf(target), rule);
    const { what, hint } = await eventually(() => problem('pods/portforward'), 10_000, 'problem');
    assert.match(what, /port-forward is off: the right to get and create pods\/portforward is missing/);
    assert.match(hint, /apply deploy\/rbac\/port-forward\.yaml/);
    const near = await collector.targetThat({ namespace, pod: 'near' }, isUp, 'that is up');
    assert.equal(errorsOf(near), '');
  });

  await t.test('port-forward is given back: it works again with no restart', async () => {
    await kubectlApply(...fragment('port-forward'));
    const target = await collector.targetThat(local, (each) => isUp(each) && errorsOf(each) === '', 'up again', 90_000);
    assert.equal(target.transport, 'port-forward');
    await eventually(async () => (await problem('pods/portforward')) === undefined, 45_000, 'status without it');
  });
});
