import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { type Permission, permissions } from '../../src/auth/permission.ts';
import { askedAccess } from '../../src/auth/rbac-words.ts';
import { capabilityNames, capabilityRights } from '../../src/kubernetes/capabilities.ts';
import type { Right } from '../../src/kubernetes/rbac-rule.ts';
import { discoveryRights } from '../../src/kubernetes/rights.ts';
import { valueSets } from '../support/chart.ts';
import { type ChartObject, goldenObjects, isRole, plainObjects, type Rule } from '../support/chart-objects.ts';

const names = valueSets.map(({ name }) => name);
const objectsOf = new Map(names.map((name) => [name, goldenObjects(name)]));

for (const name of names) {
  test(`${name}: every role is bound to the account of the pod, and every binding has its role`, () => {
    const objects = objectsOf.get(name) ?? [];
    const { serviceAccountName } = statefulSet(name).spec?.template?.spec ?? assert.fail();
    const { namespace } = statefulSet(name).metadata;
    const people = /-(read|operate|upload|admin|metrics)$/;
    const roles = objects.filter((object) => isRole(object) && !people.test(object.metadata.name));
    const bindings = objects.filter(({ kind }) => kind.endsWith('RoleBinding'));
    const keyOf = (kind: string, { metadata }: ChartObject) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
    assert.deepEqual(
      bindings
        .map((binding) =>
          keyOf(binding.roleRef?.kind ?? '', {
            ...binding,
            metadata: { ...binding.metadata, name: binding.roleRef?.name ?? '' },
          }),
        )
        .sort(),
      roles.map((role) => keyOf(role.kind, role)).sort(),
    );
    for (const { subjects } of bindings)
      assert.deepEqual(subjects, [{ kind: 'ServiceAccount', name: serviceAccountName, namespace }]);
  });

  test(`${name}: the rights are those that the configuration asks about`, () => {
    if (kinds(name, 'ServiceAccount').length === 0) return;
    const config = parse(
      kinds(name, 'ConfigMap').find(({ data }) => data?.['config.yaml'])?.data?.['config.yaml'] ?? '',
    );
    const wanted = ['discovery', ...capabilityNames.filter((capability) => isOn(config as Config, capability))];
    const only = (config as Config).discovery.namespaces?.only;
    for (const capability of wanted) {
      for (const namespace of capability === 'leases' ? ['flameherd'] : (only ?? [undefined])) {
        const granted = (objectsOf.get(name) ?? [])
          .filter((object) => isRole(object) && object.metadata.name.endsWith(`-${capability}`))
          .filter(({ metadata }) => capability === 'leases' || metadata.namespace === namespace);
        assert.equal(granted.length, 1, `${capability} in ${namespace}`);
        assert.deepEqual(linesOf(granted[0]?.rules ?? []), rightsOf(capability, namespace).map(lineOf).sort());
      }
    }
    const people = new Set(['read', 'operate', 'upload', 'admin', 'metrics']);
    const given = (objectsOf.get(name) ?? [])
      .filter(isRole)
      .map(({ metadata }) => metadata.name.replace(/^(monitoring-)?(flameherd|collector)-/, ''));
    assert.deepEqual(new Set(given.filter((each) => !people.has(each))), new Set(wanted));
  });
}

test('the roles for people and programs are made of the words by which the API asks, and the admin has all of them', () => {
  const wordOf = (permission: Permission): string => {
    const { group, verb, resource, subresource } = askedAccess(permission, undefined);
    return `${group}/${subresource === undefined ? resource : `${resource}/${subresource}`} ${verb}`;
  };
  const roles = plainObjects('rbac/users.yaml');
  const grantedTo = (name: string): string[] =>
    (roles.find(({ metadata }) => metadata.name === `flameherd-${name}`)?.rules ?? []).flatMap(({ verbs, ...rule }) =>
      verbs.flatMap((verb) => linesOf([{ ...rule, verbs: [verb] }])),
    );
  const expected: Readonly<Record<string, readonly Permission[]>> = {
    read: ['read'],
    operate: ['read', 'snap', 'pause'],
    upload: ['upload'],
    admin: permissions,
    metrics: ['status'],
  };
  for (const [name, allowed] of Object.entries(expected))
    assert.deepEqual(grantedTo(name).sort(), allowed.map(wordOf).sort(), name);
});

interface Config {
  readonly auth?: { readonly mode?: string; readonly header?: { readonly authorize?: string } };
  readonly discovery: { readonly services: boolean; readonly namespaces?: { readonly only?: readonly string[] } };
  readonly lease?: { readonly mode?: string };
  readonly transports: Readonly<Record<'portForward' | 'podProxy' | 'ephemeral', { readonly enabled: boolean }>>;
  readonly growth?: { readonly kubernetesEvents?: boolean };
}

function isOn(config: Config, capability: string): boolean {
  const { transports, discovery, lease, growth, auth } = config;
  const asked: Readonly<Record<string, boolean>> = {
    services: discovery.services,
    leases: lease?.mode !== 'off',
    'port-forward': transports.portForward.enabled,
    'pod-proxy': transports.podProxy.enabled,
    ephemeral: transports.ephemeral.enabled,
    events: growth?.kubernetesEvents === true,
    // A Role cannot grant it: an administrator does.
    auth: discovery.namespaces?.only === undefined && auth?.mode === 'kubernetes',
  };
  return asked[capability] ?? false;
}

function rightsOf(capability: string, namespace: string | undefined): readonly Right[] {
  const only = namespace === undefined ? undefined : [namespace];
  const name = capabilityNames.find((each) => each === capability);
  return name === undefined ? discoveryRights(only) : capabilityRights(name, namespace);
}

function lineOf({ resource, subresource, verbs }: Right): string {
  const plural = subresource === undefined ? resource.plural : `${resource.plural}/${subresource}`;
  return `${resource.group}/${plural} ${verbs.join(' ')}`;
}

function linesOf(rules: readonly Rule[]): string[] {
  return rules
    .flatMap(({ apiGroups, resources, verbs }) =>
      resources.map((plural) => `${apiGroups[0]}/${plural} ${verbs.join(' ')}`),
    )
    .sort();
}

function kinds(name: string, kind: string): ChartObject[] {
  return (objectsOf.get(name) ?? []).filter((object) => object.kind === kind);
}

function statefulSet(name: string): ChartObject {
  return kinds(name, 'StatefulSet')[0] ?? assert.fail(`${name} has no StatefulSet`);
}
