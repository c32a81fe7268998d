import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { temporaryFolder } from '../support/daemon.ts';

const root = join(import.meta.dirname, '../..');
const script = join(root, '.github/release/chart-values.ts');
const values = readFileSync(join(root, 'deploy/helm/flameherd/values.yaml'), 'utf8');
const digest = `sha256:${'ab'.repeat(32)}`;

function fill(path: string, registry: string, of: string): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, [script, path, registry, of], { encoding: 'utf8' });
}

test('a released chart names its image by registry and digest, and is otherwise as it was', async (t) => {
  const path = join(await temporaryFolder(t), 'values.yaml');
  writeFileSync(path, values);
  assert.equal(fill(path, 'ghcr.io/some-one', digest).status, 0);
  const { image: was, ...others } = parse(values) as { image: object };
  const { image: is, ...same } = parse(readFileSync(path, 'utf8')) as { image: object };
  assert.deepEqual(is, { ...was, registry: 'ghcr.io/some-one', digest });
  assert.deepEqual(same, others);
});

for (const [what, registry, of] of [
  ['a registry that is none', 'ghcr.io', digest],
  ['a registry with a quote', 'ghcr.io/a"b', digest],
  ['a digest that is none', 'ghcr.io/some-one', 'sha256:'],
] as const) {
  test(`${what} is refused, and nothing is written`, async (t) => {
    const path = join(await temporaryFolder(t), 'values.yaml');
    writeFileSync(path, values);
    assert.notEqual(fill(path, registry, of).status, 0);
    assert.equal(readFileSync(path, 'utf8'), values);
  });
}

test('values that name a registry already are refused: they were filled in before', async (t) => {
  const path = join(await temporaryFolder(t), 'values.yaml');
  writeFileSync(path, values);
  fill(path, 'ghcr.io/some-one', digest);
  const again = fill(path, 'ghcr.io/some-one', digest);
  assert.match(again.stderr, /image\.registry stands 0 times with an empty value/);
});
