import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../support/daemon.ts';

const script = join(import.meta.dirname, '../../.github/release/npm-package.ts');

interface Published {
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly shrinkwrap: { readonly packages: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
  readonly files: readonly string[];
}

/** The package of a program that is built of next to nothing. */
async function publish(t: TestContext, env: NodeJS.ProcessEnv = {}): Promise<Published> {
  const folder = await temporaryFolder(t);
  const built = join(folder, 'built');
  const made = join(folder, 'made');
  mkdirSync(join(built, 'ui'), { recursive: true });
  for (const name of ['main.js', 'ui/index.html']) writeFileSync(join(built, name), '#!/usr/bin/env node\n');
  const { status, stderr } = spawnSync(process.execPath, [script, made, built], {
    encoding: 'utf8',
    env: { ...process.env, GITHUB_SERVER_URL: '', GITHUB_REPOSITORY: '', ...env },
  });
  assert.equal(status, 0, stderr);
  const packed = spawnSync('npm', ['pack', '--dry-run', '--json', '--offline'], { cwd: made, encoding: 'utf8' });
  const [{ files }] = JSON.parse(packed.stdout) as [{ files: { path: string }[] }];
  const read = (name: string): unknown => JSON.parse(readFileSync(join(made, name), 'utf8'));
  return {
    manifest: read('package.json') as Published['manifest'],
    shrinkwrap: read('npm-shrinkwrap.json') as Published['shrinkwrap'],
    files: files.map(({ path }) => path),
  };
}

test('the npm package has the built program, what it reads, and no source', async (t) => {
  const { files, manifest } = await publish(t);
  for (const name of ['dist/main.js', 'dist/ui/index.html', 'LICENSE', 'SECURITY.md'])
    assert.ok(files.includes(name), name);
  for (const folder of ['migrations/', 'docs/runbooks/'])
    assert.ok(
      files.some((file) => file.startsWith(folder)),
      folder,
    );
  assert.deepEqual(
    files.filter((file) => /^(src|test|bench|deploy|node_modules)\//.test(file)),
    [],
  );
  assert.deepEqual(manifest['bin'], { flameherd: 'dist/main.js' });
  assert.deepEqual(manifest['engines'], { node: '>=24' });
});

test('it can be published, runs no script when it is installed, and says where it came from', async (t) => {
  const { manifest } = await publish(t, { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'some/where' });
  for (const key of ['private', 'scripts', 'devDependencies']) assert.equal(manifest[key], undefined, key);
  assert.deepEqual(manifest['repository'], { type: 'git', url: 'git+https://github.com/some/where.git' });
});

test('its dependencies are held to version and checksum, and none is for development', async (t) => {
  const { shrinkwrap, manifest } = await publish(t);
  const { '': itself, ...others } = shrinkwrap.packages;
  assert.deepEqual(itself?.['dependencies'], manifest['dependencies']);
  for (const name of Object.keys(manifest['dependencies'] as object)) assert.ok(others[`node_modules/${name}`], name);
  for (const [path, { integrity, dev, inBundle }] of Object.entries(others)) {
    assert.ok(typeof integrity === 'string' || inBundle === true, path);
    assert.equal(dev, undefined, path);
  }
});

test('the package of the repository itself cannot be published by accident', () => {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as object;
  assert.equal((manifest as { private?: boolean }).private, true);
});
