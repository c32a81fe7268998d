import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxInfosPerWorkload, registerTargetMetrics, registerWorkloadMetrics } from '../../src/app/workload-metrics.ts';
import type { WorkloadNumbers } from '../../src/model/growth.ts';
import type { LabelSet } from '../../src/model/labels.ts';
import type { Target } from '../../src/model/target.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { type MetricsPage, parseMetrics } from '../support/metrics-page.ts';

const checkout = { namespace: 'shop', workload_kind: 'Deployment', workload: 'checkout', container: 'app' };

function targetOf(labels: LabelSet, change: Partial<Target> = {}): Target {
  return {
    source: 's',
    discoverer: 'kubernetes',
    labels: { ...checkout, ...labels },
    process: { id: 'p', slot: 's', startedMs: undefined },
    specs: [],
    transport: 'auto',
    state: { kind: 'active' },
    warnings: [],
    terminating: false,
    pod: undefined,
    hostNetwork: false,
    ...change,
  };
}

async function pageOf(targets: readonly Target[], numbers: readonly WorkloadNumbers[] = []): Promise<MetricsPage> {
  const registry = createMetrics();
  registerTargetMetrics(registry, () => targets);
  registerWorkloadMetrics(registry, () => numbers);
  return parseMetrics((await registry.text()).body);
}

const limitOf = (page: MetricsPage) => page.value('flameherd_container_memory_limit_bytes', checkout);

test('the limit of a workload is the least of its live pods, and absent where there is none', async () => {
  const pods = [300, 200, 400].map((memoryLimitBytes) => targetOf({}, { memoryLimitBytes }));
  assert.equal(limitOf(await pageOf(pods)), 200);
  assert.equal(limitOf(await pageOf([...pods, targetOf({}, { memoryLimitBytes: 50, terminating: true })])), 200);
  const held = targetOf({}, { memoryLimitBytes: 50, state: { kind: 'held', reason: 'over a cap' } });
  assert.equal(limitOf(await pageOf([...pods, held])), 200);
  assert.equal(limitOf(await pageOf([...pods, targetOf({ container: 'db' }, { memoryLimitBytes: 1 })])), 200);
  assert.equal(limitOf(await pageOf([targetOf({})])), undefined);
});

test('each revision and image that runs is told once, those with most pods first, and no more than a few', async () => {
  const of = (revision: string, pods: number) =>
    Array.from({ length: pods }, () => targetOf({ revision, image: `shop/checkout:${revision}` }));
  const page = await pageOf([...of('old', 3), ...of('new', 2)]);
  const drawn = page
    .samples('flameherd_workload_info')
    .map(({ labels: { revision, image }, value }) => `${revision} ${image} ${value}`);
  assert.deepEqual(drawn, ['old shop/checkout:old 1', 'new shop/checkout:new 1']);

  const many = await pageOf(Array.from({ length: 20 }, (_, i) => of(`r${i}`, 1 + i)).flat());
  const revisions = many.samples('flameherd_workload_info').map(({ labels }) => labels['revision']);
  assert.deepEqual([revisions.length, revisions[0]], [maxInfosPerWorkload, 'r19']);
});

test('what a workload holds and allocates is told, and what it does not have is not', async () => {
  const workload = { namespace: 'shop', workloadKind: 'Deployment', workload: 'checkout', container: 'app' };
  const page = await pageOf(
    [],
    [
      {
        workload,
        heap: { bytes: 1000, objects: 10, largestBytes: 600 },
        allocBytesTotal: 5000,
        allocObjectsTotal: 50,
        goroutines: 7,
        functions: [],
      },
      { workload: { ...workload, workload: 'python' }, functions: [] },
    ],
  );
  assert.deepEqual(
    page.all
      .filter(({ name }) => name.startsWith('flameherd_'))
      .map(({ name, labels, value }) => `${labels['workload']} ${name} ${value}`),
    [
      'checkout flameherd_heap_inuse_bytes 1000',
      'checkout flameherd_heap_inuse_objects 10',
      'checkout flameherd_heap_inuse_pod_max_bytes 600',
      'checkout flameherd_heap_alloc_bytes_total 5000',
      'checkout flameherd_heap_alloc_objects_total 50',
      'checkout flameherd_goroutines 7',
    ],
  );
});
