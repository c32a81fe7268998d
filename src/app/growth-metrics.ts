import type { GrowthStatus } from '../growth/contract.ts';
import type { IngestStats } from '../ingest/messages.ts';
import { type GrowthVerdict, growthSignals, type WorkloadNumbers } from '../model/growth.ts';
import type { Target } from '../model/target.ts';
import type { MetricsRegistry, Sample } from '../observe/metrics.ts';
import { registerFunctionMetrics } from './function-metrics.ts';
import type { FunctionSeries } from './function-series.ts';
import type { GrowthNumbers } from './growth.ts';
import { registerVerdictMetrics } from './verdict-metrics.ts';
import { registerTargetMetrics, registerWorkloadMetrics } from './workload-metrics.ts';

export interface GrowthMetricsSources {
  /** As the ingest thread last told them. */
  readonly workloads: () => readonly WorkloadNumbers[];
  readonly functions: FunctionSeries;
  readonly verdicts: () => readonly GrowthVerdict[];
  /** Every target there is. */
  readonly targets: () => Iterable<Target>;
  readonly evaluation: () => GrowthNumbers;
  readonly status: () => GrowthStatus;
  readonly ingest: () => IngestStats['growth'] | undefined;
}

/** What is told of the memory and CPU of workloads, of what grows in them, and of how that is found out. */
export function registerGrowthMetrics(registry: MetricsRegistry, of: GrowthMetricsSources): void {
  registerWorkloadMetrics(registry, of.workloads);
  registerTargetMetrics(registry, of.targets);
  registerVerdictMetrics(registry, of.verdicts);
  registerFunctionMetrics(registry, of.functions);
  registerEvaluationMetrics(registry, of);
  registerFollowedMetrics(registry, of.ingest);
}

function registerEvaluationMetrics(
  registry: MetricsRegistry,
  { evaluation, status }: Pick<GrowthMetricsSources, 'evaluation' | 'status'>,
): void {
  const counter = (name: string, help: string, value: (now: GrowthNumbers) => number) =>
    registry.readCounter(name, help, [], () => one(value(evaluation())));
  counter('flameherd_growth_evaluations_total', 'Evaluations of growth.', (now) => now.evaluations);
  counter(
    'flameherd_growth_failures_total',
    'Evaluations, or workloads in them, that failed and are tried again; the log says why.',
    (now) => now.failures,
  );
  counter('flameherd_growth_evaluation_cpu_seconds_total', 'CPU time of evaluations.', (now) => now.cpuMs / 1000);
  registry.gauge(
    'flameherd_growth_evaluated_timestamp_seconds',
    'The end of the last bucket that was judged.',
    [],
    () => {
      const { evaluatedMs } = status();
      return evaluatedMs === undefined ? [] : one(evaluatedMs / 1000);
    },
  );
  registry.gauge('flameherd_growth_workloads', 'Workloads that are judged.', [], () => one(evaluation().workloads));
  registry.gauge('flameherd_growth_series', 'Processes and functions whose floors are judged.', [], () =>
    one(evaluation().series),
  );
  registry.gauge(
    'flameherd_growth_left_out',
    'What was not judged in the last evaluation because of a bound: workloads, processes.',
    ['what'],
    () => {
      const { droppedWorkloads: workloads, droppedProcesses: processes } = evaluation();
      return Object.entries({ workloads, processes }).map(([what, value]) => ({ labels: { what }, value }));
    },
  );
  registry.gauge('flameherd_growth_events', 'Findings that have not ended.', ['signal', 'state'], () =>
    growthSignals.map((signal) => ({ labels: { signal, state: 'open' }, value: evaluation().openEvents[signal] })),
  );
  registry.gauge(
    'flameherd_growth_floors_retention_seconds',
    'Age at which floors are removed: `growth.retention`, less where `state.db` would take over a quarter of `storage.maxBytes`.',
    [],
    () => one(evaluation().floorsKeptMs / 1000),
  );
  counter(
    'flameherd_growth_profile_failures_total',
    'Merged profiles that could not be kept with their finding.',
    (now) => now.profileFailures,
  );
  counter(
    'flameherd_growth_webhook_failures_total',
    'Calls of `growth.webhook` that failed; they are tried again with the next evaluation.',
    (now) => now.webhookFailures,
  );
  counter(
    'flameherd_growth_kubernetes_events_dropped_total',
    'Kubernetes Events of findings that could not be written.',
    (now) => now.kubernetesEventsDropped,
  );
}

/** What the ingest thread follows for it. */
function registerFollowedMetrics(registry: MetricsRegistry, ingest: GrowthMetricsSources['ingest']): void {
  const counter = (name: string, help: string, value: (now: IngestStats['growth']) => number) =>
    registry.readCounter(name, help, [], () => {
      const now = ingest();
      return now === undefined ? [] : one(value(now));
    });
  counter(
    'flameherd_growth_series_dropped_total',
    'Functions that were to be followed in a bucket of a process, and were not because of `growth.maxSeries`.',
    (now) => now.seriesLeftOut,
  );
  counter(
    'flameherd_growth_profiles_left_out_total',
    'Profiles of workloads and processes for which there was no room: stored, but not in any number of growth.',
    (now) => now.profilesLeftOut,
  );
  counter(
    'flameherd_growth_floors_lost_total',
    'Floors that waited for the disk too long to be saved.',
    (now) => now.floorsLost,
  );
  counter(
    'flameherd_growth_floor_save_failures_total',
    'Saves of floors that the disk refused; they are tried again each minute, and nothing is lost until `flameherd_growth_floors_lost_total` rises.',
    (now) => now.floorSaveFailures,
  );
}

function one(value: number): Sample<never>[] {
  return [{ labels: {}, value }];
}
