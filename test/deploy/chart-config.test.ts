import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type LoadedConfig, loadConfig } from '../../src/config/load.ts';
import { plainPaths, root, valueSets } from '../support/chart.ts';
import { type ChartObject, goldenObjects, plainObjects } from '../support/chart-objects.ts';

for (const { name } of valueSets) {
  test(`the configuration that the chart writes for ${name} is one that flameherd takes`, async () => {
    const { config, warnings } = await loaded(configOf(goldenObjects(name)));
    assert.deepEqual(warnings, []);
    assert.equal(config.data, '/data');
    const { containers } =
      goldenObjects(name).find(({ kind }) => kind === 'StatefulSet')?.spec?.template?.spec ?? assert.fail();
    const ports = new Map(containers[0]?.ports?.map((port) => [port.name, port.containerPort]));
    assert.equal(ports.get('api'), config.http.listen.port);
    assert.equal(ports.get('ops'), config.http.opsListen?.port ?? 4281);
    const mounts = containers[0]?.volumeMounts?.map(({ mountPath }) => mountPath) ?? [];
    const files = [config.auth.tokenFile, config.auth.header.secretFile, config.http.tls.certFile].filter(
      (file) => file !== '',
    );
    for (const file of files) assert.ok(mounts.includes(join(file, '..')), `${file} is mounted`);
  });
}

test('the configurations of plain YAML and of kustomizations are such, too', async () => {
  await loaded(configOf(plainObjects('flameherd.yaml')));
  const files = [...plainPaths().filter((path) => path.endsWith('config.yaml')), 'kustomize/example/config.yaml'];
  assert.equal(files.length, 4);
  for (const path of files) await loaded(readFileSync(join(root, 'deploy', path), 'utf8'));
});

test('scope namespaces watches these namespaces, and switched-off rights are switched off in the configuration', async () => {
  const { config } = await loaded(configOf(goldenObjects('namespaces')));
  assert.deepEqual(config.discovery.namespaces.only, ['shop', 'bank']);
  assert.equal(config.transports.portForward.enabled, false);
  const alone = await loaded(configOf(goldenObjects('ephemeral-store')));
  assert.deepEqual([alone.config.lease.mode, alone.config.discovery.services], ['off', false]);
});

test('the store is capped at two thirds of its volume, and the heap of Node at three quarters of the memory', () => {
  const objects = goldenObjects('large');
  assert.match(configOf(objects), /maxBytes: 699050MiB/);
  const { containers } = objects.find(({ kind }) => kind === 'StatefulSet')?.spec?.template?.spec ?? assert.fail();
  assert.match(containers[0]?.env?.[0]?.value ?? '', /^--max-old-space-size=6144 /);
});

function configOf(objects: readonly ChartObject[]): string {
  return (
    objects.map(({ data }) => data?.['config.yaml']).find((text) => text !== undefined) ?? assert.fail('no ConfigMap')
  );
}

async function loaded(text: string): Promise<LoadedConfig> {
  const folder = mkdtempSync(join(tmpdir(), 'flameherd-chart-'));
  try {
    const file = join(folder, 'config.yaml');
    writeFileSync(file, text);
    return await loadConfig(file, {});
  } finally {
    rmSync(folder, { recursive: true });
  }
}
