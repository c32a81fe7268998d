import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openKubernetes } from '../../src/kubernetes/client.ts';
import { rbacRule } from '../../src/kubernetes/rbac-rule.ts';
import { resources } from '../../src/kubernetes/resource.ts';
import { discoveryRights, reviewRights } from '../../src/kubernetes/rights.ts';
import { startFakeApiServer } from '../support/fake-api-server.ts';

test('each missing verb is named, with the rule that grants it', async () => {
  await using server = await startFakeApiServer();
  server.authorize = ({ plural, verb }) => plural !== 'cronjobs' && !(plural === 'pods' && verb === 'watch');
  const client = await openKubernetes({ kubeconfig: server.kubeconfig() });
  const missing = (await reviewRights(client, discoveryRights())).filter(({ allowed }) => !allowed);
  await client.close();
  assert.deepEqual(
    missing.map(({ right, missingVerbs }) => `${right.resource.plural}: ${missingVerbs.join(' ')}`),
    ['pods: watch', 'cronjobs: list watch'],
  );
  assert.equal(
    missing[1]?.hint,
    `add this rule to the ClusterRole of flameherd's ServiceAccount:
- apiGroups: ["batch"]
  resources: ["cronjobs"]
  verbs: ["list", "watch"]`,
  );
});

test('in some namespaces, rights are asked for there and the Namespace is read by get', () => {
  const rights = discoveryRights(['shop']);
  assert.ok(rights.every(({ namespace }) => namespace === 'shop'));
  assert.deepEqual(rights.find(({ resource }) => resource.plural === 'namespaces')?.verbs, ['get']);
});

test('a subresource stands behind its resource', () => {
  const rule = rbacRule({ resource: resources.pods, subresource: 'portforward', verbs: ['get', 'create'] });
  assert.match(rule, /resources: \["pods\/portforward"\]/);
});

for (const [file, namespaces] of [
  ['discovery.yaml', undefined],
  ['discovery-namespaced.yaml', ['shop']],
] as const) {
  test(`deploy/rbac/${file} grants what discovery asks for, and no more`, () => {
    const text = readFileSync(new URL(`../../deploy/rbac/${file}`, import.meta.url), 'utf8');
    const granted = [...text.matchAll(/- apiGroups: \["(.*)"\]\n\s+resources: \[(.*)\]\n\s+verbs: \[(.*)\]/g)].flatMap(
      ([, group = '', plurals = '', verbs = '']) =>
        wordsOf(plurals).map((plural) => `${group}/${plural} ${wordsOf(verbs).join(' ')}`),
    );
    const asked = discoveryRights(namespaces).map(
      ({ resource, verbs }) => `${resource.group}/${resource.plural} ${verbs.join(' ')}`,
    );
    assert.deepEqual(granted.sort(), asked.sort());
  });
}

function wordsOf(list: string): string[] {
  return [...list.matchAll(/"([^"]+)"/g)].map(([, word = '']) => word);
}
