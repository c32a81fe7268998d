import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createMetrics } from '../../src/observe/metrics.ts';
import { registerAllMetrics } from '../support/all-metrics.ts';
import { assertGeneratedPart } from '../support/golden.ts';

test('docs/METRICS.md lists every metric that is registered', async () => {
  const registry = createMetrics();
  registerAllMetrics(registry);
  const rows = (await registry.describe())
    .filter(({ name }) => name.startsWith('flameherd_'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(
      ({ name, type, labels, help }) =>
        `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(' ')} | ${help} |\n`,
    );
  assertGeneratedPart(
    new URL('../../docs/METRICS.md', import.meta.url),
    'metrics',
    `| metric | type | labels | what |\n|---|---|---|---|\n${rows.join('')}`,
  );
});

test('docs/ALERTING.md uses only metrics that exist', () => {
  const metrics = readFileSync(new URL('../../docs/METRICS.md', import.meta.url), 'utf8');
  const alerting = readFileSync(new URL('../../docs/ALERTING.md', import.meta.url), 'utf8');
  const used = [...new Set(alerting.match(/flameherd_[a-z_]+/g))];
  assert.ok(used.length > 3);
  assert.deepEqual(
    used.filter((name) => !metrics.includes(`| \`${name}\` |`)),
    [],
  );
});
