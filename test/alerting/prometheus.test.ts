import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dashboard } from '../../src/alerting/dashboard.ts';
import { rulesFile } from '../../src/alerting/rules.ts';
import { eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { prometheusTools } from '../support/promtool.ts';
import { filledQuery, variants } from '../support/rule-lab.ts';

const tools = await prometheusTools();
const [usual] = variants;
assert.ok(usual);
const { settings } = usual;

test('a real Prometheus evaluates each rule and each query of the dashboard over the page of a daemon', {
  skip: tools.skip,
}, async (t) => {
  const daemon = await startDaemon(await temporaryFolder(t), ['--interval', '1s']);
  t.after(() => daemon.kill());
  const { host } = new URL(daemon.opsUrl);
  await using prometheus = await startPrometheus({ targets: [host], rules: [JSON.stringify(rulesFile(settings))] });

  const recorded = 'namespace_workload_container_function:flameherd_function_cpu_seconds:rate5m';
  const found = await eventually(
    async () => {
      const series = await prometheus.query(`${recorded}{workload="flameherd"}`);
      return series.length > 1 && series;
    },
    60_000,
    'recorded series of functions',
  );
  assert.deepEqual([...new Set(found.flatMap(({ labels }) => Object.keys(labels)))].sort(), [
    '__name__',
    'container',
    'function',
    'function_id',
    'namespace',
    'workload',
    'workload_kind',
  ]);
  assert.deepEqual(await prometheus.ruleErrors(), {});
  assert.deepEqual(await prometheus.alerts(), []);

  // It has no limit, no goroutines and no finding, and nothing of it fails.
  const absent = /growth_detected|limit_bytes|goroutines|heap_alloc_bytes|failures/;
  const queries = dashboard(settings).panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  await eventually(
    async () => {
      const answers = await Promise.all(queries.map((expr) => prometheus.query(filledQuery(expr))));
      const silent = queries.filter((expr, i) => answers[i]?.length === 0 && !absent.test(expr));
      assert.deepEqual(silent, []);
      return true;
    },
    60_000,
    'answer to each query',
  );
});
