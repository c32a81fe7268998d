import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { bindsOf, composeLoader, portsOf, readCompose } from '../support/compose.ts';
import { temporaryFolder } from '../support/daemon.ts';

const loader = composeLoader();

for (const name of ['docker-compose.yml', 'deploy/compose/collector.yml']) {
  const compose = readCompose(name);
  const services = Object.entries(compose.services);

  test(`${name} is what the compose specification allows`, { skip: loader.skip }, () => {
    assert.equal(loader.faultsOf(compose.file), '');
  });

  test(`${name} mounts only what exists, for reading, and volumes that it names`, () => {
    for (const [service, settings] of services) {
      const binds = bindsOf(compose, settings);
      for (const { source, mode } of binds) {
        assert.ok(existsSync(source), `${service}: ${source}`);
        assert.equal(mode, 'ro', `${service}: ${source}`);
      }
      const named = (settings.volumes ?? []).filter((text) => !text.startsWith('.'));
      for (const volume of named) assert.ok((volume.split(':')[0] ?? '') in (compose.volumes ?? {}), volume);
    }
  });

  test(`${name} lets nobody in but this machine, each service by ports of its own`, () => {
    const ports = services.flatMap(([, settings]) => portsOf(settings));
    assert.ok(ports.length > 0);
    assert.deepEqual(new Set(ports.map(({ ip }) => ip)), new Set(['127.0.0.1']));
    assert.equal(new Set(ports.map(({ host }) => host)).size, ports.length);
  });

  test(`${name} asks each service for its health where it listens`, () => {
    for (const [service, settings] of services) {
      const { test: asked = [] } = settings.healthcheck ?? {};
      const ports = portsOf(settings).map(({ container }) => container);
      if (settings.environment?.['FLAMEHERD_HTTP_OPS_LISTEN']) assert.deepEqual(asked, ['CMD', 'flameherd', 'health']);
      else
        assert.ok(
          ports.includes(Number(/127\.0\.0\.1:(\d+)/.exec(asked.join(' '))?.[1])),
          `${service}: ${asked.join()}`,
        );
    }
  });

  test(`${name} has images of fixed versions, and builds those of its own`, () => {
    for (const [service, { image, build }] of services) {
      if (image.startsWith('flameherd:')) assert.ok(build !== undefined, service);
      else assert.match(image, /^docker\.io\/[\w/-]+:v?\d+\.\d+\.\d+$/, service);
    }
  });
}

test('the services of the demo wait for what they need to be healthy', () => {
  const { services } = readCompose('docker-compose.yml');
  const needed = Object.entries(services).map(([name, { depends_on = {} }]) => [
    name,
    Object.entries(depends_on).map(([other, { condition }]) => `${other} ${condition}`),
  ]);
  assert.deepEqual(Object.fromEntries(needed), {
    flameherd: ['checkout service_healthy', 'search service_healthy'],
    checkout: [],
    search: [],
    prometheus: ['flameherd service_healthy'],
    grafana: ['prometheus service_healthy'],
  });
});

test('the loader names the key that is wrong', { skip: loader.skip }, async (t) => {
  const file = join(await temporaryFolder(t), 'wrong.yml');
  await writeFile(file, 'services: { a: { image: x, healthchek: {} } }\n');
  assert.match(loader.faultsOf(file), /services\.a\.healthchek/);
});
