import { formatDuration } from '../model/duration.ts';
import { templatesFor } from './annotations.ts';
import { type Expressions, expressionsFor } from './expressions.ts';
import type { AlertRule, RuleGroup } from './rules-file.ts';
import { type AlertingSettings, spansOf } from './settings.ts';

/** Labels that targets and counters of workloads carry besides those of the workload. */
const eachPod = 'pod, exported_pod';

type HealthAlert = Omit<AlertRule, 'annotations'> & {
  readonly annotations: { readonly summary: string; readonly description: string };
};

/** Whether profiles come in and are kept: the health of profiling itself. */
export function healthGroup(settings: AlertingSettings): RuleGroup {
  const of = expressionsFor(settings);
  const alerts = [
    ...targetAlerts(settings, of),
    ...discoveryAlerts(of),
    ...storageAlerts(of),
    growthNotJudged(settings, of),
    ...collectorAlerts(settings, of),
  ];
  return {
    name: 'flameherd-health',
    rules: alerts.map(({ annotations, ...rule }) => ({
      ...rule,
      annotations: { ...annotations, runbook_url: `${settings.runbooks}/${rule.alert}` },
    })),
  };
}

function targetAlerts(settings: AlertingSettings, of: Expressions): readonly HealthAlert[] {
  const say = templatesFor(settings);
  const targets = (without: string, matchers?: string): string =>
    of.byWorkload(`sum without (${without}) (${of.metric('flameherd_targets', matchers)})`);
  const busy = `increase(${of.metric('flameherd_scrape_failures_total', 'reason="busy"')}[1h])`;
  return [
    {
      alert: 'FlameherdTargetsDown',
      expr: `${targets(eachPod, 'health="down"')} / ${targets(`health, ${eachPod}`)} > 0.5`,
      for: formatDuration(spansOf(settings).targetsDownMs),
      keep_firing_for: '5m',
      labels: { severity: 'warning' },
      annotations: {
        summary: 'More than half of the targets of a workload do not answer with profiles.',
        description: `{{ $value | humanizePercentage }} of the targets of ${say.workload} are down. flameherd explain ${say.explained} says why.`,
      },
    },
    {
      alert: 'FlameherdTargetBusy',
      expr: `${of.byWorkload(`sum without (kind, reason) (${busy})`)} > 2`,
      for: '15m',
      labels: { severity: 'info' },
      annotations: {
        summary: 'Another profiler is attached to a workload.',
        description: `Processes of ${say.workload} answered that CPU profiling is in use already: another profiler runs there, and each takes from what the other sees.`,
      },
    },
  ];
}

function discoveryAlerts(of: Expressions): readonly HealthAlert[] {
  const targets = of.metric('flameherd_discovered_targets', 'state="active",discoverer!="self"');
  const summed = `sum without (discoverer, state) (${targets})`;
  const behind = of.byCollector(of.metric('flameherd_discovery_behind_seconds'));
  const heard = of.metric('flameherd_kubernetes_last_event_timestamp_seconds', 'resource!~"(.+/)?pods"');
  return [
    {
      alert: 'FlameherdNoTargets',
      expr: `${of.byJob(summed)} == 0\nand max_over_time(${of.byJob(summed)}[6h:5m]) > 0\n`,
      for: '15m',
      labels: { severity: 'warning' },
      annotations: {
        summary: 'All targets are gone.',
        description:
          'The collectors of the job {{ $labels.job }} had targets within the last six hours, and have none now. flameherd status says what discovery sees.',
      },
    },
    {
      alert: 'FlameherdDiscoveryStale',
      expr: `${behind} > 600\nor time() - ${of.byCollector(heard, 'resource')} > 600\n`,
      for: '10m',
      keep_firing_for: '5m',
      labels: { severity: 'warning' },
      annotations: {
        summary: 'Discovery does not hear from the Kubernetes API.',
        description:
          'The collector {{ $labels.instance }} has heard nothing of {{ or $labels.resource "pods" }} for 10 minutes, and goes on with the targets that it knows: new pods are not profiled. flameherd status names the cause.',
      },
    },
  ];
}

function storageAlerts(of: Expressions): readonly HealthAlert[] {
  const held = of.byCollector(`sum without (kind) (${of.metric('flameherd_store_bytes')})`);
  const cap = of.byCollector(of.metric('flameherd_store_limit_bytes'));
  return [
    {
      alert: 'FlameherdIngestDropping',
      expr: `${of.byCollector(`rate(${of.metric('flameherd_profiles_dropped_total')}[10m])`)} > 0`,
      for: '10m',
      keep_firing_for: '5m',
      labels: { severity: 'warning' },
      annotations: {
        summary: 'Profiles come faster than they are decoded, and some are dropped.',
        description:
          'The collector {{ $labels.instance }} drops {{ $value | humanize }} profiles a second: raise limits.queue or its CPU, or scrape less often.',
      },
    },
    {
      alert: 'FlameherdStoreReadOnly',
      expr: `${of.byCollector(of.metric('flameherd_store_full'))} == 1`,
      for: '5m',
      keep_firing_for: '5m',
      labels: { severity: 'critical' },
      annotations: {
        summary: 'Nothing is stored.',
        description:
          'Free disk of the collector {{ $labels.instance }} is below storage.minFree, or its disk cannot be written to. Questions are answered; new profiles are lost until there is room.',
      },
    },
    {
      alert: 'FlameherdStoreNearCap',
      expr: `${held} / ${cap} > 0.9`,
      for: '1h',
      keep_firing_for: '15m',
      labels: { severity: 'info' },
      annotations: {
        summary: 'The store is near storage.maxBytes, above which the oldest profiles are removed.',
        description:
          'The data of the collector {{ $labels.instance }} is {{ $value | humanizePercentage }} of storage.maxBytes: what is kept is soon decided by size and no longer by age.',
      },
    },
  ];
}

/** Without it a detector that stands still would look like peace. */
function growthNotJudged(settings: AlertingSettings, of: Expressions): HealthAlert {
  const judged = of.byCollector(of.metric('flameherd_growth_evaluated_timestamp_seconds'));
  return {
    alert: 'FlameherdGrowthNotJudged',
    expr: `time() - ${judged} > ${spansOf(settings).unjudgedMs / 1000}`,
    for: '10m',
    keep_firing_for: '5m',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'Growth is not judged, so that no leak can be found.',
      description:
        'The collector {{ $labels.instance }} last judged growth {{ $value | humanizeDuration }} ago. Its log says what failed.',
    },
  };
}

function collectorAlerts({ job }: AlertingSettings, of: Expressions): readonly HealthAlert[] {
  const up = `up{job=${JSON.stringify(job)}}`;
  return [
    {
      alert: 'FlameherdReloadFailed',
      expr: `${of.byCollector(of.metric('flameherd_config_last_reload_successful'))} == 0`,
      for: '5m',
      labels: { severity: 'warning' },
      annotations: {
        summary: 'A changed configuration was refused.',
        description:
          'The collector {{ $labels.instance }} goes on with its old configuration; its log says what is wrong with the new one.',
      },
    },
    {
      alert: 'FlameherdCollectorDown',
      expr: `${of.byCollector(up)} == 0\nor absent(${up})\n`,
      for: '10m',
      keep_firing_for: '5m',
      labels: { severity: 'warning' },
      annotations: {
        summary: 'The profile collector cannot be scraped.',
        description: `{{ with $labels.instance }}The collector {{ . }} does not answer Prometheus.{{ else }}Prometheus has no target of the job ${job}.{{ end }} While it is away nothing is profiled, and no alert about growth can fire.`,
      },
    },
  ];
}
