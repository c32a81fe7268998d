import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registerVerdictMetrics } from '../../src/app/verdict-metrics.ts';
import type { GrowthSignal, GrowthVerdict, SignalVerdict } from '../../src/model/growth.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { type MetricsPage, parseMetrics } from '../support/metrics-page.ts';

const workload = { namespace: 'shop', workloadKind: 'Deployment', workload: 'checkout', container: 'app' };

function signal(name: GrowthSignal, change: Partial<SignalVerdict> = {}): SignalVerdict {
  return { signal: name, tier: undefined, functions: [], pods: [], judged: 1, gates: [], ...change };
}

function verdict(...signals: readonly SignalVerdict[]): GrowthVerdict {
  return { workload, atMs: 600_000, signals, processes: 1 };
}

async function pageOf(...verdicts: readonly GrowthVerdict[]): Promise<MetricsPage> {
  const registry = createMetrics();
  registerVerdictMetrics(registry, () => verdicts);
  return parseMetrics((await registry.text()).body);
}

/** Whether each thing is detected: `flameherd_…` to 0 or 1, undefined where nothing is said. */
function detected(page: MetricsPage) {
  return {
    suspected: page.value('flameherd_heap_growth_detected', { tier: 'suspected' }),
    likely: page.value('flameherd_heap_growth_detected', { tier: 'likely' }),
    goroutines: page.value('flameherd_goroutine_growth_detected'),
    allocations: page.value('flameherd_heap_alloc_regression_detected'),
  };
}

test('a workload in which nothing grows says 0 for everything', async () => {
  const page = await pageOf(verdict(signal('heap', { perSecond: -12 }), signal('goroutines'), signal('allocations')));
  assert.deepEqual(detected(page), { suspected: 0, likely: 0, goroutines: 0, allocations: 0 });
  assert.equal(page.value('flameherd_heap_growth_bytes_per_second'), -12);
  for (const name of [
    'flameherd_heap_growth_start_timestamp_seconds',
    'flameherd_heap_growth_baseline',
    'flameherd_goroutine_growth_per_second',
    'flameherd_goroutine_growth_baseline',
    'flameherd_heap_alloc_regression_ratio',
  ])
    assert.deepEqual(page.samples(name), [], name);
});

test('what is likely is suspected, too', async () => {
  const found = { perSecond: 2000, startMs: 90_500, baseline: { kind: 'yesterday', level: 5 } } as const;
  const suspected = await pageOf(verdict(signal('heap', { ...found, tier: 'suspected' })));
  const likely = await pageOf(verdict(signal('heap', { ...found, tier: 'likely' })));
  assert.deepEqual([detected(suspected).suspected, detected(suspected).likely], [1, 0]);
  assert.deepEqual([detected(likely).suspected, detected(likely).likely], [1, 1]);
  assert.equal(likely.value('flameherd_heap_growth_start_timestamp_seconds'), 90.5);
  assert.deepEqual(likely.samples('flameherd_heap_growth_baseline'), [
    {
      name: 'flameherd_heap_growth_baseline',
      labels: {
        namespace: 'shop',
        workload_kind: 'Deployment',
        workload: 'checkout',
        container: 'app',
        baseline: 'yesterday',
      },
      value: 1,
    },
  ]);
});

test('a finding of goroutines has its slope, one of allocations its ratio', async () => {
  const page = await pageOf(
    verdict(
      signal('goroutines', { tier: 'suspected', perSecond: 0.5 }),
      signal('allocations', { tier: 'suspected', rise: 30, baseline: { kind: 'revision', level: 20 } }),
    ),
  );
  assert.deepEqual(detected(page), { suspected: undefined, likely: undefined, goroutines: 1, allocations: 1 });
  assert.equal(page.value('flameherd_goroutine_growth_per_second'), 0.5);
  assert.equal(page.value('flameherd_heap_alloc_regression_ratio'), 2.5);
  const unknown = await pageOf(
    verdict(signal('allocations', { tier: 'suspected', rise: 30, baseline: { kind: 'none' } })),
  );
  assert.equal(unknown.value('flameherd_heap_alloc_regression_ratio'), undefined);
});

test('a workload that was not judged says nothing: 0 would say that it was', async () => {
  const page = await pageOf({ ...verdict(signal('heap')), skipped: 'growth is off for it' });
  assert.deepEqual(page.samples('flameherd_heap_growth_detected'), []);
});
