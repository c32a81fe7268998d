import { prometheusTools } from '../support/promtool.ts';
import { type LabSeries, ruleTests } from '../support/rule-lab.ts';

const tools = await prometheusTools();
const checkout = { namespace: 'shop', workload_kind: 'Deployment', workload: 'checkout', container: 'app' };
const link =
  'https://flameherd.example.com/growth?namespace=shop&workload_kind=Deployment&workload=checkout&container=app';

const of = (metric: string, values: string, more: Record<string, string> = {}, collector = 'a'): LabSeries => ({
  metric: `flameherd_${metric}`,
  labels: { ...checkout, ...more },
  values,
  collector,
});
const suspected = (values: string, collector?: string) =>
  of('heap_growth_detected', values, { tier: 'suspected' }, collector);
const likely = (values: string, collector?: string) =>
  of('heap_growth_detected', values, { tier: 'likely' }, collector);
const slope = (values: string, collector?: string) => of('heap_growth_bytes_per_second', values, {}, collector);
const start = (values: string) => of('heap_growth_start_timestamp_seconds', values);
const held = (values: string, collector?: string) => of('heap_inuse_pod_max_bytes', values, {}, collector);
const limit = (values: string, collector?: string) => of('container_memory_limit_bytes', values, {}, collector);

const rules = ruleTests(tools);

const growing = {
  workload: checkout,
  annotations: {
    summary: 'Live heap grows steadily.',
    description: 'Live heap of shop/checkout (app) grows by 2kiB/s: above what it held before.',
    growth_url: `${link}&since=1764000000`,
  },
};
const growingSinceStart = {
  workload: checkout,
  annotations: {
    ...growing.annotations,
    description:
      'Live heap of shop/checkout (app) grows by 2kiB/s: growing since start, no baseline yet, so that a warm-up looks the same.',
  },
};
const leaking = {
  workload: checkout,
  annotations: {
    summary: 'Live heap has grown for a day, or over several restarts; a memory leak is likely.',
    description:
      'Live heap of shop/checkout (app) grows by 2kiB/s and does not come back. The link names the functions that hold it.',
    growth_url: `${link}&since=1764000000`,
  },
};

rules('growth that is suspected is told of after one and a half buckets, and no sooner', {
  series: [suspected('0x10 1x60'), likely('0x70'), slope('2048x70'), start('1764000000x70')],
  expected: [
    { at: '25m', alert: 'FlameherdHeapGrowthSuspected', alerts: [] },
    { at: '26m', alert: 'FlameherdHeapGrowthSuspected', alerts: [growing] },
    { at: '60m', alert: 'FlameherdMemoryLeakLikely', alerts: [] },
  ],
});

rules('growth of which nothing is known from before says so, until there is a baseline', {
  series: [
    suspected('1x60'),
    slope('2048x60'),
    start('1764000000x60'),
    of('heap_growth_baseline', '1x30 stale', { baseline: 'none' }),
    of('heap_growth_baseline', '_x30 1x30', { baseline: 'yesterday' }),
  ],
  expected: [
    { at: '20m', alert: 'FlameherdHeapGrowthSuspected', alerts: [growingSinceStart] },
    { at: '40m', alert: 'FlameherdHeapGrowthSuspected', alerts: [growing] },
  ],
});

rules('a suspicion that ends within a bucket is never told of, and neither is none', {
  series: [suspected('0x5 1x14 0x60'), likely('0x80'), slope('2048x80')],
  expected: ['10m', '19m', '21m', '60m'].map((at) => ({ at, alert: 'FlameherdHeapGrowthSuspected', alerts: [] })),
});

rules('a leak is told of after three buckets; meanwhile and after, what was suspected goes on', {
  series: [suspected('1x20 0x80'), likely('0x20 1x80'), slope('2048x100'), start('1764000000x100')],
  expected: [
    { at: '45m', alert: 'FlameherdHeapGrowthSuspected', alerts: [growing] },
    { at: '50m', alert: 'FlameherdMemoryLeakLikely', alerts: [] },
    { at: '51m', alert: 'FlameherdMemoryLeakLikely', alerts: [leaking] },
    { at: '90m', alert: 'FlameherdMemoryLeakLikely', alerts: [leaking] },
    { at: '90m', alert: 'FlameherdHeapGrowthSuspected', alerts: [growing] },
  ],
});

rules('alerts outlast a restart of the collector, and end some time after series that do not come back', {
  series: [
    suspected('1x40 stale _x8 1x20 stale'),
    likely('1x40 stale _x8 1x20 stale'),
    slope('2048x70'),
    start('1764000000x70'),
  ],
  expected: [
    { at: '45m', alert: 'FlameherdHeapGrowthSuspected', alerts: [growing] },
    { at: '45m', alert: 'FlameherdMemoryLeakLikely', alerts: [leaking] },
    { at: '55m', alert: 'FlameherdMemoryLeakLikely', alerts: [leaking] },
    { at: '80m', alert: 'FlameherdHeapGrowthSuspected', alerts: [growing] },
    { at: '86m', alert: 'FlameherdHeapGrowthSuspected', alerts: [] },
    { at: '100m', alert: 'FlameherdMemoryLeakLikely', alerts: [leaking] },
    { at: '101m', alert: 'FlameherdMemoryLeakLikely', alerts: [] },
  ],
});

rules('a collector that is replaced by another one, and two side by side, make one alert that goes on', {
  series: [
    suspected('1x10 stale', 'a'),
    suspected('_x8 1x60', 'b'),
    suspected('0x70', 'c'),
    slope('1024x10 stale', 'a'),
    slope('_x8 2048x60', 'b'),
    start('1764000000x70'),
  ],
  expected: [
    { at: '14m', alert: 'FlameherdHeapGrowthSuspected', alerts: [] },
    { at: '15m', alert: 'FlameherdHeapGrowthSuspected', alerts: [growing] },
    { at: '50m', alert: 'FlameherdHeapGrowthSuspected', alerts: [growing] },
  ],
});

rules('a workload without kind and container, named by people, has a description and a link that opens', {
  series: [
    {
      metric: 'flameherd_heap_growth_detected',
      labels: { namespace: 'local', workload: 'a b&c="d"', tier: 'suspected' },
      values: '1x30',
    },
  ],
  expected: [
    {
      at: '20m',
      alert: 'FlameherdHeapGrowthSuspected',
      alerts: [
        {
          workload: { namespace: 'local', workload: 'a b&c="d"' },
          annotations: {
            summary: 'Live heap grows steadily.',
            description: 'Live heap of local/a b&c="d" grows: above what it held before.',
            growth_url:
              'https://flameherd.example.com/growth?namespace=local&workload_kind=&workload=a+b%26c%3D%22d%22&container=',
          },
        },
      ],
    },
  ],
});

const exhausted = (description: string) => ({
  workload: checkout,
  annotations: {
    summary: 'Live heap reaches the memory limit in under 4 hours.',
    description,
    growth_url: `${link}&since=1764000000`,
  },
});
const gibibyte = 2 ** 30;

rules('a limit that is less than four hours away pages, for what is only suspected, too', {
  series: [
    suspected('1x60'),
    likely('0x60'),
    start('1764000000x60'),
    limit(`${gibibyte}x60`),
    held(`${0.8 * gibibyte}x60`),
    slope('20000x60'),
  ],
  expected: [
    { at: '14m', alert: 'FlameherdHeapExhaustionPredicted', alerts: [] },
    {
      at: '15m',
      alert: 'FlameherdHeapExhaustionPredicted',
      alerts: [
        exhausted(
          'The largest pod of shop/checkout (app) holds 819.2MiB of 1GiB in live heap; as it grows now, it reaches the limit in 2h 58m 57s.',
        ),
      ],
    },
  ],
});

rules('a limit that was lowered below what is held is reached now', {
  series: [suspected('0x30'), likely('1x30'), start('1764000000x30'), limit('1000x30'), held('1100x30'), slope('1x30')],
  expected: [
    {
      at: '20m',
      alert: 'FlameherdHeapExhaustionPredicted',
      alerts: [
        exhausted(
          'The largest pod of shop/checkout (app) holds 1.074kiB of 1000B in live heap; as it grows now, it reaches the limit in 0s.',
        ),
      ],
    },
  ],
});

rules('each of two collectors may tell a part of what a prediction is made of', {
  series: [
    suspected('1x30', 'b'),
    suspected('0x30', 'a'),
    start('1764000000x30'),
    limit('1000x30', 'a'),
    held('900x30', 'b'),
    held('100x30', 'a'),
    slope('0.02x30', 'b'),
    slope('-1x30', 'a'),
  ],
  expected: [
    {
      at: '20m',
      alert: 'FlameherdHeapExhaustionPredicted',
      alerts: [
        exhausted(
          'The largest pod of shop/checkout (app) holds 900B of 1000B in live heap; as it grows now, it reaches the limit in 1h 23m 20s.',
        ),
      ],
    },
  ],
});

const near = { found: '1x30', limit: '1000x30', held: '856x30', slope: '0.0101x30' };
rules('what is nearest to the bounds of a prediction is predicted', {
  series: [suspected(near.found), limit(near.limit), held(near.held), slope(near.slope), start('1764000000x30')],
  expected: [
    {
      at: '25m',
      alert: 'FlameherdHeapExhaustionPredicted',
      alerts: [
        exhausted(
          'The largest pod of shop/checkout (app) holds 856B of 1000B in live heap; as it grows now, it reaches the limit in 3h 57m 37s.',
        ),
      ],
    },
  ],
});

const notPredicted: readonly [why: string, but: Partial<typeof near>][] = [
  ['four hours or more are left', { slope: '0.01x30' }],
  ['no more than 70 % of it is in use', { held: '700x30', slope: '1x30' }],
  ['the heap does not grow', { slope: '0x30' }],
  ['the heap shrinks', { slope: '-1x30' }],
  ['no growth is found', { found: '0x30' }],
  ['there is no limit', { limit: '_x30' }],
];
for (const [why, but] of notPredicted) {
  const { found, limit: limits, held: holds, slope: slopes } = { ...near, ...but };
  rules(`nothing is predicted of a limit when ${why}`, {
    series: [suspected(found), likely('0x30'), limit(limits), held(holds), slope(slopes)],
    expected: [{ at: '25m', alert: 'FlameherdHeapExhaustionPredicted', alerts: [] }],
  });
}

rules('an allocation rate that rose is told of, with how much', {
  series: [
    of('heap_alloc_regression_detected', '0x10 1x50'),
    of('heap_alloc_regression_ratio', '1x10 2.345x50'),
    of('heap_growth_start_timestamp_seconds', '1764000000x60'),
  ],
  expected: [
    { at: '25m', alert: 'FlameherdAllocationRateRegression', alerts: [] },
    {
      at: '26m',
      alert: 'FlameherdAllocationRateRegression',
      alerts: [
        {
          workload: checkout,
          annotations: {
            summary: 'A workload allocates much more than before.',
            description:
              'shop/checkout (app) allocates more bytes a second than before: 2.3 times as many. The garbage collector has to work for each of them.',
            growth_url: link,
          },
        },
      ],
    },
  ],
});

rules('goroutines that are started and do not end are told of, with how many there are', {
  series: [of('goroutine_growth_detected', '0x10 1x50'), of('goroutines', '100+10x60')],
  expected: [
    { at: '25m', alert: 'FlameherdGoroutineGrowth', alerts: [] },
    {
      at: '30m',
      alert: 'FlameherdGoroutineGrowth',
      alerts: [
        {
          workload: checkout,
          annotations: {
            summary: 'The number of goroutines grows steadily.',
            description:
              'Goroutines of shop/checkout (app) are started and do not end. There are 400 now. Each keeps its stack and what it refers to.',
            growth_url: link,
          },
        },
      ],
    },
  ],
});

rules('goroutines that grow since the start are information, for a morning looks the same, until there is a baseline', {
  series: [
    of('goroutine_growth_detected', '1x90'),
    of('goroutine_growth_baseline', '1x40 stale', { baseline: 'none' }),
    of('goroutine_growth_baseline', '_x40 1x50', { baseline: 'yesterday' }),
    of('goroutines', '400x90'),
  ],
  expected: [
    {
      at: '30m',
      alert: 'FlameherdGoroutineGrowth',
      alerts: [
        {
          workload: checkout,
          severity: 'info',
          annotations: {
            summary: 'The number of goroutines grows steadily.',
            description:
              "Goroutines of shop/checkout (app) become more: growing since start, no baseline yet, so that a day's load looks the same. There are 400 now.",
            growth_url: link,
          },
        },
      ],
    },
    {
      at: '85m',
      alert: 'FlameherdGoroutineGrowth',
      alerts: [
        {
          workload: checkout,
          annotations: {
            summary: 'The number of goroutines grows steadily.',
            description:
              'Goroutines of shop/checkout (app) are started and do not end. There are 400 now. Each keeps its stack and what it refers to.',
            growth_url: link,
          },
        },
      ],
    },
  ],
});

rules('goroutines that the runtime found leaked are told of, and none are not', {
  series: [
    of('goroutines_leaked', '0x10 3x50'),
    {
      metric: 'flameherd_goroutines_leaked',
      labels: { ...checkout, workload: 'cart' },
      values: '0x60',
    },
  ],
  expected: [
    { at: '25m', alert: 'FlameherdGoroutinesLeaked', alerts: [] },
    {
      at: '26m',
      alert: 'FlameherdGoroutinesLeaked',
      alerts: [
        {
          workload: checkout,
          annotations: {
            summary: 'Goroutines are blocked for ever.',
            description: 'The Go runtime found 3 goroutines of shop/checkout (app) that wait for what can never come.',
            growth_url: link,
          },
        },
      ],
    },
  ],
});
