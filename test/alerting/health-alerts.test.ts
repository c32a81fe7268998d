import { prometheusTools } from '../support/promtool.ts';
import { type LabAlert, type LabSeries, ruleTests } from '../support/rule-lab.ts';

const tools = await prometheusTools();
const checkout = { namespace: 'shop', workload_kind: 'Deployment', workload: 'checkout', container: 'app' };

const ours = (metric: string, values: string, labels: Record<string, string> = {}, collector = 'a'): LabSeries => ({
  metric: `flameherd_${metric}`,
  labels,
  values,
  collector,
});
const targets = (health: string, values: string, more: Record<string, string> = {}, collector = 'a') =>
  ours('targets', values, { ...checkout, health, ...more }, collector);

const rules = ruleTests(tools);

const down = (share: string): LabAlert => ({
  workload: checkout,
  annotations: {
    summary: 'More than half of the targets of a workload do not answer with profiles.',
    description: `${share} of the targets of shop/checkout (app) are down. flameherd explain shop Deployment/checkout says why.`,
  },
});

rules('targets of a workload that are down for the larger part are told of after a quarter of an hour', {
  series: [targets('up', '3x10 1x40'), targets('down', '0x10 2x40'), targets('unknown', '0x50')],
  expected: [
    { at: '25m', alert: 'FlameherdTargetsDown', alerts: [] },
    { at: '26m', alert: 'FlameherdTargetsDown', alerts: [down('66.67%')] },
  ],
});

rules('half of the targets down is not told of', {
  series: [targets('up', '2x40'), targets('down', '2x40'), targets('unknown', '0x40')],
  expected: [{ at: '35m', alert: 'FlameherdTargetsDown', alerts: [] }],
});

rules('targets that are counted by pod, and collectors that do not scrape, count as they should', {
  series: [
    targets('up', '1x40', { pod: 'checkout-1' }),
    targets('down', '0x40', { pod: 'checkout-1' }),
    targets('up', '0x40', { pod: 'checkout-2' }),
    targets('down', '1x40', { pod: 'checkout-2' }),
    targets('up', '0x40', { pod: 'checkout-3' }),
    targets('down', '1x40', { pod: 'checkout-3' }),
    targets('unknown', '3x40', {}, 'b'),
    targets('down', '0x40', {}, 'b'),
  ],
  expected: [{ at: '20m', alert: 'FlameherdTargetsDown', alerts: [down('66.67%')] }],
});

const busy = (values: string, kind = 'cpu') =>
  ours('scrape_failures_total', values, { ...checkout, kind, reason: 'busy' });

rules('another profiler is told of when it answered several times, and one that was there for a moment is not', {
  series: [
    busy('1+1x3 4x6 5x10 6x10 7x10 8x60'),
    ours('scrape_failures_total', '1+1x100', { ...checkout, kind: 'heap', reason: 'timeout' }),
    ours('scrape_failures_total', '1x10 2x90', {
      ...checkout,
      workload: 'cart',
      kind: 'cpu',
      reason: 'busy',
    }),
  ],
  expected: [
    { at: '10m', alert: 'FlameherdTargetBusy', alerts: [] },
    {
      at: '45m',
      alert: 'FlameherdTargetBusy',
      alerts: [
        {
          workload: checkout,
          annotations: {
            summary: 'Another profiler is attached to a workload.',
            description:
              'Processes of shop/checkout (app) answered that CPU profiling is in use already: another profiler runs there, and each takes from what the other sees.',
          },
        },
      ],
    },
    { at: '101m', alert: 'FlameherdTargetBusy', alerts: [] },
  ],
});

const discovered = (values: string, discoverer: string, collector = 'a') =>
  ours('discovered_targets', values, { state: 'active', discoverer }, collector);
const noTargets: LabAlert = {
  annotations: {
    summary: 'All targets are gone.',
    description:
      'The collectors of the job JOB had targets within the last six hours, and have none now. flameherd status says what discovery sees.',
  },
};

rules('the end of all targets is told of, also when it comes with a restart, and the daemon itself is none', {
  series: [
    discovered('7x30 stale', 'kubernetes', 'a'),
    discovered('1x30 stale', 'self', 'a'),
    discovered('_x32 0x500', 'kubernetes', 'b'),
    discovered('_x32 0x500', 'static', 'b'),
    discovered('_x32 1x500', 'self', 'b'),
  ],
  expected: [
    { at: '30m', alert: 'FlameherdNoTargets', alerts: [] },
    { at: '46m', alert: 'FlameherdNoTargets', alerts: [] },
    { at: '50m', alert: 'FlameherdNoTargets', alerts: [noTargets] },
    { at: '450m', alert: 'FlameherdNoTargets', alerts: [] },
  ],
});

rules('a collector that never had targets, and one that has some left, is left alone', {
  series: [
    discovered('0x120', 'kubernetes', 'a'),
    discovered('1x120', 'self', 'a'),
    discovered('0x120', 'static', 'a'),
  ],
  expected: [{ at: '100m', alert: 'FlameherdNoTargets', alerts: [] }],
});

rules('targets of the configuration are targets when those of the cluster are gone', {
  series: [discovered('5x30 0x90', 'kubernetes'), discovered('1x120', 'static')],
  expected: [{ at: '100m', alert: 'FlameherdNoTargets', alerts: [] }],
});

const stale = (resource: string, more: Record<string, string>): LabAlert => ({
  collector: 'a',
  more,
  annotations: {
    summary: 'Discovery does not hear from the Kubernetes API.',
    description: `The collector a has heard nothing of ${resource} for 10 minutes, and goes on with the targets that it knows: new pods are not profiled. flameherd status names the cause.`,
  },
});

rules('a resource of which nothing is heard any more is told of by its name', {
  series: [
    ours('kubernetes_last_event_timestamp_seconds', '0+60x60', { resource: 'pods' }),
    ours('kubernetes_last_event_timestamp_seconds', '0+60x10 600x50', { resource: 'deployments' }),
    ours('discovery_behind_seconds', '3x60'),
  ],
  expected: [
    { at: '30m', alert: 'FlameherdDiscoveryStale', alerts: [] },
    { at: '31m', alert: 'FlameherdDiscoveryStale', alerts: [stale('deployments', { resource: 'deployments' })] },
  ],
});

rules('pods of which nothing is heard, or never was, are told of once; a right that is missing on purpose is not', {
  series: [
    ours('discovery_behind_seconds', '0+60x60', {}, 'a'),
    ours('kubernetes_last_event_timestamp_seconds', '0x60', { resource: 'shop/pods' }, 'a'),
    ours('discovery_problems', '2x60', {}, 'a'),
    ours('discovery_behind_seconds', '600x60', {}, 'b'),
    ours('discovery_problems', '1x60', {}, 'b'),
    ours('discovery_problems', '0x60', {}, 'c'),
  ],
  expected: [
    { at: '20m', alert: 'FlameherdDiscoveryStale', alerts: [] },
    { at: '21m', alert: 'FlameherdDiscoveryStale', alerts: [stale('pods', {})] },
  ],
});

rules('profiles that are dropped are told of, and those that were dropped once are not for long', {
  series: [ours('profiles_dropped_total', '0x10 0+60x30', {}, 'a'), ours('profiles_dropped_total', '5x40', {}, 'b')],
  expected: [
    { at: '15m', alert: 'FlameherdIngestDropping', alerts: [] },
    {
      at: '40m',
      alert: 'FlameherdIngestDropping',
      alerts: [
        {
          collector: 'a',
          annotations: {
            summary: 'Profiles come faster than they are decoded, and some are dropped.',
            description:
              'The collector a drops 1 profiles a second: raise limits.queue or its CPU, or scrape less often.',
          },
        },
      ],
    },
  ],
});

rules('a store that takes nothing pages after five minutes', {
  series: [ours('store_full', '0x10 1x30', {}, 'a'), ours('store_full', '0x40', {}, 'b')],
  expected: [
    { at: '15m', alert: 'FlameherdStoreReadOnly', alerts: [] },
    {
      at: '16m',
      alert: 'FlameherdStoreReadOnly',
      alerts: [
        {
          collector: 'a',
          annotations: {
            summary: 'Nothing is stored.',
            description:
              'Free disk of the collector a is below storage.minFree, or its disk cannot be written to. Questions are answered; new profiles are lost until there is room.',
          },
        },
      ],
    },
  ],
});

rules('a store above nine tenths of its cap is told of, and one at nine tenths is not', {
  series: [
    ours('store_bytes', '500x90', { kind: 'detail' }, 'a'),
    ours('store_bytes', '401x90', { kind: 'head' }, 'a'),
    ours('store_limit_bytes', '1000x90', {}, 'a'),
    ours('store_bytes', '900x90', { kind: 'detail' }, 'b'),
    ours('store_limit_bytes', '1000x90', {}, 'b'),
  ],
  expected: [
    { at: '59m', alert: 'FlameherdStoreNearCap', alerts: [] },
    {
      at: '60m',
      alert: 'FlameherdStoreNearCap',
      alerts: [
        {
          collector: 'a',
          annotations: {
            summary: 'The store is near storage.maxBytes, above which the oldest profiles are removed.',
            description:
              'The data of the collector a is 90.1% of storage.maxBytes: what is kept is soon decided by size and no longer by age.',
          },
        },
      ],
    },
  ],
});

rules('a detector that stands still is told of after three buckets and ten minutes, and one that was never on is not', {
  series: [
    ours('growth_evaluated_timestamp_seconds', '0+60x10 600x70', {}, 'a'),
    ours('growth_evaluated_timestamp_seconds', '-1800+60x80', {}, 'b'),
  ],
  expected: [
    { at: '50m', alert: 'FlameherdGrowthNotJudged', alerts: [] },
    {
      at: '51m',
      alert: 'FlameherdGrowthNotJudged',
      alerts: [
        {
          collector: 'a',
          annotations: {
            summary: 'Growth is not judged, so that no leak can be found.',
            description: 'The collector a last judged growth 41m 0s ago. Its log says what failed.',
          },
        },
      ],
    },
  ],
});

rules('a configuration that was refused is told of until one is taken', {
  series: [ours('config_last_reload_successful', '1x10 0x20 1x10')],
  expected: [
    { at: '15m', alert: 'FlameherdReloadFailed', alerts: [] },
    {
      at: '16m',
      alert: 'FlameherdReloadFailed',
      alerts: [
        {
          collector: 'a',
          annotations: {
            summary: 'A changed configuration was refused.',
            description:
              'The collector a goes on with its old configuration; its log says what is wrong with the new one.',
          },
        },
      ],
    },
    { at: '32m', alert: 'FlameherdReloadFailed', alerts: [] },
  ],
});

const collectorDown = (description: string): LabAlert['annotations'] => ({
  summary: 'The profile collector cannot be scraped.',
  description: `${description} While it is away nothing is profiled, and no alert about growth can fire.`,
});

rules('a collector that is down is told of after ten minutes, by itself where others are up', {
  series: [
    { metric: 'up', values: '1x10 0x30', collector: 'a' },
    { metric: 'up', values: '1x40', collector: 'b' },
  ],
  expected: [
    { at: '20m', alert: 'FlameherdCollectorDown', alerts: [] },
    {
      at: '21m',
      alert: 'FlameherdCollectorDown',
      alerts: [{ collector: 'a', annotations: collectorDown('The collector a does not answer Prometheus.') }],
    },
  ],
});

rules('a restart of the collector is no outage', {
  series: [
    { metric: 'up', values: '1x10 0x4 stale', collector: 'a' },
    { metric: 'up', values: '_x13 1x40', collector: 'b' },
  ],
  expected: ['12m', '20m', '30m'].map((at) => ({ at, alert: 'FlameherdCollectorDown', alerts: [] })),
});

rules('a job without any collector is told of, whatever other jobs have', {
  series: [{ metric: 'up', labels: {}, values: '1x40 stale', collector: 'a' }],
  expected: [
    { at: '45m', alert: 'FlameherdCollectorDown', alerts: [] },
    {
      at: '52m',
      alert: 'FlameherdCollectorDown',
      alerts: [{ isAboutJob: true, annotations: collectorDown('Prometheus has no target of the job JOB.') }],
    },
  ],
});
