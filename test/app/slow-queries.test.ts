import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { SlowQueries } from '../../src/app/slow-queries.ts';
import { parseSelector } from '../../src/model/matcher.ts';
import { plainView } from '../../src/model/view.ts';
import { type LogFields, silentLogger } from '../../src/observe/logger.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import type { MergeQuestion } from '../../src/query/engine.ts';
import { eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { parseMetrics } from '../support/metrics-page.ts';

const question = (query: string): MergeQuestion => ({
  kind: 'merge',
  selector: parseSelector(query),
  window: { fromMs: 0, toMs: 3_600_000 },
  aggregation: 'avg',
  format: 'flamegraph',
  maxNodes: 1,
  limit: 1,
  sort: 'self',
  view: plainView,
});

function slowQueries(limitMs: number) {
  const lines: (readonly [message: string, fields: LogFields | undefined])[] = [];
  const logger = { ...silentLogger, warn: (message: string, fields?: LogFields) => void lines.push([message, fields]) };
  const slow = new SlowQueries(() => limitMs, logger);
  return { slow, lines };
}

test('a slow query is told with what was asked, how long it waited and worked, and what it touched', async () => {
  const { slow, lines } = slowQueries(5_000);
  const metrics = createMetrics();
  slow.register(metrics);
  slow.note({
    question: question('cpu{workload="shop"}'),
    waitMs: 1_000,
    workMs: 6_500,
    answer: {
      kind: 'error',
      error: { code: 'query_too_large', message: '' },
      spent: { profiles: 9, processes: 2, readMs: 6_000 },
    },
  });
  assert.deepEqual(lines, [
    [
      'a query took 7.5 s',
      {
        asked: 'merge',
        format: 'flamegraph',
        query: 'process_cpu:cpu{workload="shop"}',
        from: '1970-01-01T00:00:00.000Z',
        to: '1970-01-01T01:00:00.000Z',
        waitSeconds: 1,
        workSeconds: 6.5,
        readSeconds: 6,
        profiles: 9,
        processes: 2,
        ended: 'query_too_large',
      },
    ],
  ]);
  const page = parseMetrics((await metrics.text()).body);
  assert.equal(page.value('flameherd_slow_queries_total', { query: 'merge' }), 1);
});

test('what a client asks is cut short, holds no line break and no secret; a faster query and a limit of 0 say nothing', () => {
  const { slow, lines } = slowQueries(100);
  const query = `cpu{workload="http://ann:hunter2@x\\n${'x'.repeat(4_000)}"}`;
  slow.note({ question: question(query), waitMs: 100, workMs: 0, answer: undefined });
  slow.note({ question: question('cpu'), waitMs: 50, workMs: 49, answer: undefined });
  const told = lines.map(([, fields]) => fields);
  assert.equal(told.length, 1);
  const shown = String(told[0]?.['query']);
  assert.ok(shown.length <= 300 && !shown.includes('\n') && !shown.includes('hunter2'), shown);
  assert.equal(told[0]?.['ended'], 'called off');
  const off = slowQueries(0);
  off.slow.note({ question: question('cpu'), waitMs: 1e9, workMs: 0, answer: undefined });
  assert.deepEqual(off.lines, []);
});

test('a daemon logs its slow queries, with the profiles that were read', async (t) => {
  const folder = await temporaryFolder(t);
  const daemon = await startDaemon(join(folder, 'data'), [], { FLAMEHERD_LOG_SLOW_QUERY: '1ms' });
  t.after(() => daemon.kill());
  const found = await eventually(
    async () => {
      await fetch(new URL('/api/v1/merge?query=cpu&format=top', daemon.url));
      return daemon.log.find(({ asked, profiles }) => asked === 'merge' && Number(profiles) > 0);
    },
    20_000,
    'line of a slow query',
  );
  assert.match(String(found['message']), /^a query took [\d.]+ s$/);
  assert.equal(found['ended'], 'answered');
  assert.ok(Number(found['workSeconds']) >= Number(found['readSeconds']), JSON.stringify(found));
});
