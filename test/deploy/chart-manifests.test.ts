import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { plainPaths, valueSets } from '../support/chart.ts';
import { type ChartObject, goldenObjects, isClusterWide, isRole, plainObjects } from '../support/chart-objects.ts';

const names = valueSets.map(({ name }) => name);
const objectsOf = new Map(names.map((name) => [name, goldenObjects(name)]));
const all = (): [string, ChartObject][] =>
  [...objectsOf].flatMap(([name, objects]) => objects.map((object): [string, ChartObject] => [name, object]));

test('every object has a namespace, but for those of the whole cluster, which have none', () => {
  for (const [set, object] of all()) {
    const where = `${set}: ${object.kind} ${object.metadata.name}`;
    assert.equal(object.metadata.namespace === undefined, isClusterWide(object), where);
  }
});

test('no object of a set stands twice, and each is marked as of the chart', () => {
  for (const [set, objects] of objectsOf) {
    const keys = objects.map(({ kind, metadata }) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`);
    assert.equal(new Set(keys).size, keys.length, set);
  }
  for (const [set, { kind, metadata }] of all()) {
    if (set === 'placed' && kind === 'ConfigMap' && metadata.name !== 'flameherd') continue;
    assert.equal(metadata.labels?.['app.kubernetes.io/managed-by'], 'Helm', `${set}: ${kind} ${metadata.name}`);
  }
});

for (const name of names) {
  test(`${name}: the pod satisfies the restricted Pod Security level`, () => {
    const { spec } = statefulSet(name).spec?.template ?? assert.fail();
    const { seccompProfile, runAsNonRoot, runAsUser, fsGroup } = spec.securityContext;
    assert.deepEqual(
      [seccompProfile, runAsNonRoot, runAsUser, fsGroup],
      [{ type: 'RuntimeDefault' }, true, 65532, 65532],
    );
    for (const { securityContext } of spec.containers) {
      assert.equal(securityContext['allowPrivilegeEscalation'], false);
      assert.deepEqual(securityContext['capabilities'], { drop: ['ALL'] });
    }
    const [own] = spec.containers;
    assert.equal(own?.securityContext['readOnlyRootFilesystem'], true);
    const allowed = new Set(['configMap', 'emptyDir', 'persistentVolumeClaim', 'secret']);
    for (const { name: _, ...source } of spec.volumes) assert.ok(allowed.has(Object.keys(source)[0] ?? ''));
  });

  test(`${name}: each mount has its volume, each Service its port, and the selector finds the pod`, () => {
    const { spec } = statefulSet(name);
    const { template, volumeClaimTemplates = [], selector, serviceName } = spec ?? assert.fail();
    const { containers, volumes, enableServiceLinks } = template?.spec ?? assert.fail();
    const claims = volumeClaimTemplates.map((claim) => (claim as ChartObject).metadata.name);
    const known = new Set([...volumes.map((volume) => volume.name), ...claims]);
    for (const mount of containers.flatMap(({ volumeMounts = [] }) => volumeMounts)) {
      assert.ok(known.has(mount.name), mount.name);
      assert.equal(mount.subPath, undefined, 'a single file of a volume is never brought up to date');
    }
    for (const [key, value] of Object.entries(selector?.matchLabels ?? {}))
      assert.equal(template?.metadata.labels[key], value);
    assert.equal(enableServiceLinks, false);
    const ports = new Set(containers.flatMap((container) => (container.ports ?? []).map((port) => port.name)));
    const services = kinds(name, 'Service');
    for (const port of services.flatMap((service) => service.spec?.ports ?? [])) assert.ok(ports.has(port.targetPort));
    assert.ok(services.some(({ metadata, spec: its }) => metadata.name === serviceName && its?.clusterIP === 'None'));
  });
}

test('with scope namespaces there is nothing cluster-wide', () => {
  const scoped = names.filter((name) => name.startsWith('namespaces'));
  assert.equal(scoped.length, 2);
  for (const name of scoped) assert.deepEqual((objectsOf.get(name) ?? []).filter(isClusterWide), []);
});

test('the API listens on 127.0.0.1 and has no port of a Service, until authentication is set', () => {
  const isOpen = (name: string) =>
    kinds(name, 'Service').some(({ spec }) => spec?.ports?.some(({ name: port }) => port === 'api'));
  assert.deepEqual(names.filter(isOpen), [
    'header',
    'kubernetes',
    'monitoring-with-tokens',
    'namespaces-every-right',
    'network',
    'open',
    'other-names',
    'token',
  ]);
  const external = kinds('token', 'Service').filter(({ spec }) => spec?.type === 'LoadBalancer');
  assert.deepEqual(
    external.flatMap(({ spec }) => spec?.ports?.map(({ name }) => name) ?? []),
    ['api'],
  );
});

test('no value of a Secret is in any object', () => {
  for (const [set, { kind, metadata }] of all()) assert.notEqual(kind, 'Secret', `${set}: ${metadata.name}`);
});

test('plain YAML is free of what only Helm uses, and installs no right to forward ports by itself', () => {
  for (const path of plainPaths().filter((each) => !each.endsWith('config.yaml'))) {
    const text = readFileSync(new URL(`../../deploy/${path}`, import.meta.url), 'utf8');
    assert.doesNotMatch(text, /helm\.sh|managed-by|checksum\//, path);
  }
  const objects = plainObjects('flameherd.yaml');
  const granted = objects.filter(isRole).map(({ metadata }) => metadata.name);
  assert.deepEqual(granted, ['flameherd-discovery', 'flameherd-services', 'flameherd-leases']);
  assert.deepEqual(objects[0]?.kind, 'Namespace');
  assert.equal(objects[0]?.metadata.labels?.['pod-security.kubernetes.io/enforce'], 'restricted');
});

function kinds(name: string, kind: string): ChartObject[] {
  return (objectsOf.get(name) ?? []).filter((object) => object.kind === kind);
}

function statefulSet(name: string): ChartObject {
  return kinds(name, 'StatefulSet')[0] ?? assert.fail(`${name} has no StatefulSet`);
}
