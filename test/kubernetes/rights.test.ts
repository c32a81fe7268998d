import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { Capabilities, capabilityNames, capabilityRights } from '../../src/kubernetes/capabilities.ts';
import { KubernetesClient, openKubernetes } from '../../src/kubernetes/client.ts';
import { type Right, rbacRule } from '../../src/kubernetes/rbac-rule.ts';
import { resources } from '../../src/kubernetes/resource.ts';
import { discoveryRights, reviewRights } from '../../src/kubernetes/rights.ts';
import { startFakeApiServer } from '../support/fake-api-server.ts';
import { until } from '../support/kubernetes-harness.ts';

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

test('a capability without its rights is off with the rule to add, and on again once the right is there', async (t) => {
  await using server = await startFakeApiServer();
  const client = await openKubernetes({ kubeconfig: server.kubeconfig() });
  t.after(() => client.close());
  const denied = new Set(['create pods/portforward']);
  server.authorize = ({ verb, plural }) => !denied.has(`${verb} ${plural}`);
  const capabilities = new Capabilities({
    client,
    wanted: ['port-forward', 'pod-proxy', 'leases'],
    namespaces: undefined,
    leaseNamespace: 'flameherd',
    everyMs: 3_600_000,
    missingEveryMs: 20,
  });
  t.after(() => capabilities[Symbol.asyncDispose]());
  assert.equal(capabilities.missing('port-forward'), undefined);
  capabilities.start();

  await until('the missing right is known', () => capabilities.missing('port-forward') !== undefined);
  assert.match(capabilities.missing('port-forward')?.what ?? '', /right to create pods\/portforward is missing/);
  assert.match(
    capabilities.missing('port-forward', 'shop')?.hint ?? '',
    /resources: \["pods\/portforward"\]\n {2}verbs: \["create"\]/,
  );
  assert.equal(capabilities.missing('pod-proxy'), undefined);
  assert.equal(capabilities.missing('ephemeral'), undefined, 'what is not wanted is not asked for');
  assert.equal(capabilities.problems().length, 1);

  denied.clear();
  await until('the right is seen', () => capabilities.problems().length === 0);

  denied.add('get pods/proxy');
  capabilities.refused();
  await until('a 403 makes it ask at once, not after an hour', () => capabilities.missing('pod-proxy') !== undefined);
});

test('403s that no missing right explains make it ask seldom, not once a second', { timeout: 10_000 }, async (t) => {
  await using server = await startFakeApiServer();
  const client = await openKubernetes({ kubeconfig: server.kubeconfig() });
  t.after(() => client.close());
  const sleeps: number[] = [];
  let wake = (): void => {};
  const capabilities = new Capabilities({
    client,
    wanted: ['pod-proxy'],
    namespaces: undefined,
    leaseNamespace: 'flameherd',
    everyMs: 3_600_000,
    missingEveryMs: 30_000,
    sleep: (ms) => {
      sleeps.push(ms);
      return new Promise((resolve) => {
        wake = resolve;
      });
    },
  });
  capabilities.start();
  for (const gapMs of [1000, 30_000, 30_000]) {
    await until('it has asked and waits', () => sleeps.at(-1) === 3_600_000);
    capabilities.refused();
    await until('it has been told', () => sleeps.at(-1) !== 3_600_000);
    assert.equal(sleeps.at(-1), gapMs);
    wake();
  }
  const ended = capabilities[Symbol.asyncDispose]();
  wake();
  await ended;
});

test('its end waits for no answer of the API server', { timeout: 10_000 }, async (t) => {
  const asked = Promise.withResolvers<void>();
  const silent = createServer((request) => void request.resume().on('end', () => asked.resolve()));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const access = {
    server: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    proxyUrl: undefined,
    headers: {},
    tls: {},
  };
  const credentials = { server: access.server, namespace: 'a', current: async () => access, renew: () => {} };
  const client = new KubernetesClient(credentials, Date.now);
  t.after(async () => {
    await client.close();
    silent.close();
  });
  const capabilities = new Capabilities({
    client,
    wanted: ['pod-proxy'],
    namespaces: undefined,
    leaseNamespace: 'flameherd',
  });
  capabilities.start();
  await asked.promise;
  await capabilities[Symbol.asyncDispose]();
});

test('with a list of namespaces each is asked about by itself', async (t) => {
  await using server = await startFakeApiServer();
  const client = await openKubernetes({ kubeconfig: server.kubeconfig() });
  t.after(() => client.close());
  server.authorize = ({ plural, namespace }) => plural !== 'pods/portforward' || namespace === 'shop';
  const namespaces = ['shop', 'bank'];
  await using capabilities = new Capabilities({
    client,
    wanted: ['port-forward'],
    namespaces,
    leaseNamespace: 'flameherd',
  });
  capabilities.start();
  await until('it was asked', () => capabilities.problems().length === 1);
  assert.equal(capabilities.missing('port-forward', 'shop'), undefined);
  assert.match(capabilities.missing('port-forward', 'bank')?.hint ?? '', /the Role in namespace bank/);
});

const scopes = [
  ['', undefined],
  ['-namespaced', 'shop'],
] as const;
for (const [suffix, namespace] of scopes) {
  const asked: Readonly<Record<string, readonly Right[]>> = {
    discovery: discoveryRights(namespace && [namespace]),
    ...Object.fromEntries(capabilityNames.map((name) => [name, capabilityRights(name, namespace)])),
  };
  for (const [name, rights] of Object.entries(asked)) {
    // The Lease has one namespace, that of flameherd; reviews have none.
    if ((name === 'leases' || name === 'auth') && namespace !== undefined) continue;
    const file = `${name}${suffix}.yaml`;
    test(`deploy/rbac/${file} grants what ${name} asks for, and no more`, () => {
      const text = readFileSync(new URL(`../../deploy/rbac/${file}`, import.meta.url), 'utf8');
      assert.deepEqual(grantedBy(text).sort(), rights.map(lineOf).sort());
      const isRole = namespace !== undefined || name === 'leases';
      assert.equal(/^kind: Role$/m.test(text), isRole);
      assert.equal(/^kind: ClusterRole$/m.test(text), !isRole);
    });
  }
}

function lineOf({ resource, subresource, verbs }: Right): string {
  const plural = subresource === undefined ? resource.plural : `${resource.plural}/${subresource}`;
  return `${resource.group}/${plural} ${verbs.join(' ')}`;
}

function grantedBy(text: string): string[] {
  const rules = text.matchAll(/- apiGroups: \["(.*)"\]\n\s+resources: \[(.*)\]\n\s+verbs: \[(.*)\]/g);
  return [...rules].flatMap(([, group = '', plurals = '', verbs = '']) =>
    wordsOf(plurals).map((plural) => `${group}/${plural} ${wordsOf(verbs).join(' ')}`),
  );
}

function wordsOf(list: string): string[] {
  return [...list.matchAll(/"([^"]+)"/g)].map(([, word = '']) => word);
}
