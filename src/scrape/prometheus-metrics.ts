import { type LabelSet, partitionLabels } from '../model/labels.ts';
import { durationBuckets, type MetricsRegistry, type Sample } from '../observe/metrics.ts';
import { lasting } from '../observe/metrics-text.ts';
import type { ScrapeMetrics, ScrapeSnapshot } from './metrics.ts';

type WorkloadLabel = (typeof partitionLabels)[number];
type WorkloadLabels = Readonly<Record<WorkloadLabel, string>>;
type TargetLabel = WorkloadLabel | 'pod';

/** Workloads with counters of their own; those beyond it are counted together as `(other)`. */
export const maxCountedWorkloads = 20_000;

const kibibyte = 1024;
const bodyBuckets = [1, 4, 16, 64, 256, 1024, 4096, 16_384].map((kib) => kib * kibibyte);

/** What targets are brought together by: `metrics.targets`. */
export type TargetsBy = 'workload' | 'pod' | 'none';

const labelsBy = {
  workload: partitionLabels,
  pod: [...partitionLabels, 'pod'],
  none: [],
} as const satisfies Record<TargetsBy, readonly string[]>;

/**
 * Registers what scraping counts, and what stands now by `snapshot`, which is given the labels that targets are brought
 * together by. Counters of workloads are not told apart by kind, but for failures, which are few: five kinds of every workload would
 * be the larger part of the page. The histograms tell kinds apart.
 */
export function registerScrapeMetrics(
  registry: MetricsRegistry,
  snapshot: (by: readonly string[]) => ScrapeSnapshot,
  by: TargetsBy = 'workload',
): ScrapeMetrics {
  registerStanding(
    registry,
    registry.oncePerPage(() => snapshot(labelsBy[by])),
    labelsBy[by],
  );
  const scrapes = registry.counter('flameherd_scrapes_total', 'Scrapes that were tried.', partitionLabels);
  const failures = registry.counter('flameherd_scrape_failures_total', 'Scrapes that brought no profile, by reason.', [
    ...partitionLabels,
    'kind',
    'reason',
  ]);
  const profiling = registry.counter(
    'flameherd_target_profiling_seconds_total',
    'Seconds for which targets were made to profile themselves; only workloads of which that was asked.',
    partitionLabels,
  );
  const skipped = registry.counter('flameherd_scrapes_skipped_total', 'Scrapes left out, by cause.', ['cause']);
  const duration = registry.histogram(
    'flameherd_scrape_duration_seconds',
    'Time to an answer, without the seconds that were asked for.',
    ['kind'],
    durationBuckets,
  );
  const body = registry.histogram(
    'flameherd_scrape_body_bytes',
    'Size of a profile as it came.',
    ['kind'],
    bodyBuckets,
  );
  const bounded = boundedWorkloads();
  return {
    scraped(workload, kind, cost) {
      const of = bounded(workload);
      scrapes.add(of);
      if (cost.seconds > 0) profiling.add(of, cost.seconds);
      duration.observe({ kind }, Math.max(0, cost.durationMs / 1000 - cost.seconds));
      body.observe({ kind }, cost.bytes);
    },
    failed(workload, kind, reason) {
      const of = bounded(workload);
      scrapes.add(of);
      failures.add({ ...of, kind, reason });
    },
    skipped: (cause) => skipped.add({ cause }),
  };
}

/** Health that no target has is left out where it is the short time before the first answer. */
function registerStanding(registry: MetricsRegistry, snapshot: () => ScrapeSnapshot, by: readonly TargetLabel[]): void {
  registry.gauge('flameherd_target_up', '1 when a target of the workload answers; `metrics.targets`.', by, () =>
    snapshot().groups.map(({ labels, targets }) => ({ labels: allOf(labels, by), value: targets.up > 0 ? 1 : 0 })),
  );
  registry.gauge(
    'flameherd_targets',
    'Targets by health: up, down, and unknown where there are any; `metrics.targets`.',
    [...by, 'health'],
    () =>
      snapshot().groups.flatMap(({ labels, targets }) =>
        Object.entries(targets)
          .filter(([health, value]) => value > 0 || health !== 'unknown')
          .map(([health, value]) => ({ labels: { ...allOf(labels, by), health }, value })),
      ),
  );
  const single = (name: string, help: string, read: (now: ScrapeSnapshot) => number) =>
    registry.gauge(name, help, [], (): Sample<never>[] => [{ labels: {}, value: read(snapshot()) }]);
  single('flameherd_scrapes_in_flight', 'Requests to targets under way.', ({ inFlight }) => inFlight);
  single('flameherd_scrapes_waiting', 'Scrapes that are due and wait for a place.', ({ waiting }) => waiting);
  single('flameherd_scrape_inflight_bytes', 'Bytes of answers being read.', ({ inFlightBytes }) => inFlightBytes);
  single('flameherd_targets_over_cap', 'Sources beyond `limits.targets`.', ({ overCap }) => overCap);
  registry.readCounter(
    'flameherd_scrape_failures_forgotten_total',
    'Failed scrapes that `/api/v1/scrapes` does not tell of any more: of each source the last are remembered.',
    [],
    () => [{ labels: {}, value: snapshot().failuresForgotten }],
  );
}

/** Folds the label sets beyond the cap, so that a churn of names cannot grow /metrics without end. */
function boundedWorkloads(): (labels: LabelSet) => WorkloadLabels {
  const known = new Map<string, WorkloadLabels>();
  const other = workloadOf(Object.fromEntries(partitionLabels.map((name) => [name, '(other)'])));
  return (labels) => {
    const key = partitionLabels.map((name) => labels[name] ?? '').join('\n');
    const found = known.get(key);
    if (found) return found;
    if (known.size >= maxCountedWorkloads) return other;
    const workload = lasting(workloadOf(labels));
    known.set(key, workload);
    return workload;
  };
}

function workloadOf(labels: LabelSet): WorkloadLabels {
  return allOf(labels, partitionLabels);
}

function allOf<Label extends string>(labels: LabelSet, names: readonly Label[]): Readonly<Record<Label, string>> {
  return Object.fromEntries(names.map((name) => [name, labels[name] ?? ''])) as Record<Label, string>;
}
