import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { createMetrics, type MetricDescription } from '../../src/observe/metrics.ts';
import { familyText } from '../../src/observe/metrics-text.ts';
import { registerAllMetrics } from '../support/all-metrics.ts';
import { prometheusTools } from '../support/promtool.ts';

const tools = await prometheusTools();

/** The family with one sample of each kind that it can have: promtool passes over what has none. */
function withSamples({ labels, ...family }: MetricDescription): string {
  const values = Object.fromEntries(labels.map((label) => [label, 'x']));
  if (family.type !== 'histogram') return familyText(family, [{ labels: values, value: 1 }]);
  const part = (suffix: string, more = {}) => ({
    metricName: `${family.name}_${suffix}`,
    labels: { ...more, ...values },
    value: 1,
  });
  return familyText(family, [part('bucket', { le: '+Inf' }), part('sum'), part('count')]);
}

test('promtool has nothing against any name, help or type', { skip: tools.skip }, async () => {
  if (tools.kind === 'missing') return;
  const registry = createMetrics();
  registerAllMetrics(registry);
  const described = await registry.describe();
  assert.ok(described.length > 100);
  const { status, stdout, stderr } = spawnSync(tools.promtool, ['check', 'metrics'], {
    input: described.map(withSamples).join(''),
    encoding: 'utf8',
  });
  assert.deepEqual({ status, said: stdout + stderr }, { status: 0, said: '' });
});
