import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import {
  chartFolder,
  derivedFiles,
  goldenFolder,
  madeFromFile,
  plainHash,
  root,
  sourcesHash,
  valueSets,
} from '../support/chart.ts';

for (const [path, text] of Object.entries(derivedFiles())) {
  test(`the chart's ${path} is made from what it repeats`, () => {
    const file = join(chartFolder, path);
    if (process.env['UPDATE_GOLDEN']) writeFileSync(file, text);
    else assert.equal(readFileSync(file, 'utf8'), text, `${path}: run npm run test:update`);
  });
}

test('goldens and plain YAML were rendered from this chart and these values, and not changed since', () => {
  const madeFrom = JSON.parse(readFileSync(madeFromFile, 'utf8')) as unknown;
  assert.deepEqual(madeFrom, { sources: sourcesHash(), plain: plainHash() }, 'run npm run deploy:render (Helm, or Go)');
});

test('there are at least twelve sets of values, and a golden for each', () => {
  assert.ok(valueSets.length >= 12);
  const goldens = readdirSync(goldenFolder).filter((entry) => entry.endsWith('.yaml'));
  assert.deepEqual(
    goldens.sort(),
    valueSets.map(({ name }) => `${name}.yaml`),
  );
});

test('the chart and its app have the version of the package', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const chart = parse(readFileSync(join(chartFolder, 'Chart.yaml'), 'utf8')) as Record<string, string>;
  assert.deepEqual([chart['version'], chart['appVersion']], [version, version]);
});

test('each kustomization names files that are in its folder, or other kustomizations', () => {
  for (const name of readdirSync(join(root, 'deploy/kustomize'))) {
    const folder = join(root, 'deploy/kustomize', name);
    const { resources, components, configMapGenerator } = parse(
      readFileSync(join(folder, 'kustomization.yaml'), 'utf8'),
    ) as Record<'resources' | 'components', string[]> & { configMapGenerator?: { files: string[] }[] };
    const files = [...(configMapGenerator ?? []).flatMap(({ files }) => files), ...resources, ...(components ?? [])];
    for (const path of files) {
      const target = path.startsWith('../') ? join(folder, path, 'kustomization.yaml') : join(folder, path);
      assert.ok(existsSync(target), target);
    }
  }
});
