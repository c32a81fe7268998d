import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { registerAppMetrics } from '../../src/app/metrics.ts';
import { registerSidecarMetrics } from '../../src/app/sidecar-metrics.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { registerScrapeMetrics } from '../../src/scrape/prometheus-metrics.ts';
import { assertGeneratedPart } from '../support/golden.ts';

const none = { running: 0, waiting: 0 };
const noQueries = {
  lanes: { lists: none, small: none, wide: none },
  ended: { cancelled: 0, timeout: 0, too_large: 0, busy: 0 },
  threadsEnded: 0,
};

const noCompaction = {
  hours: 0,
  profiles: 0,
  bytesBefore: 0,
  bytesAfter: 0,
  cpuMs: 0,
  failures: 0,
  hoursToRoll: 0,
};

test('docs/METRICS.md lists every metric that is registered', async () => {
  const registry = createMetrics();
  registerScrapeMetrics(registry, () => ({ groups: [], inFlight: 0, waiting: 0, inFlightBytes: 0, overCap: 0 }));
  registerSidecarMetrics(registry, {
    numbers: () => undefined,
    status: () => ({ enabled: false, pods: [], breakers: [] }),
  });
  registerAppMetrics(registry, {
    numbers: { ingest: undefined, store: undefined },
    cluster: undefined,
    problems: () => [],
    lease: () => ({ role: 'alone', lease: '', holder: '', detail: '' }),
    targets: () => [],
    queries: () => noQueries,
    transports: () => ({ streams: [], kept: undefined }),
    compaction: () => ({ totals: noCompaction, dueMs: undefined, nowMs: 0 }),
  });
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
