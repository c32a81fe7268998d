import { type LabelSet, partitionLabels } from '../model/labels.ts';
import { durationBuckets, type MetricsRegistry, type Sample } from '../observe/metrics.ts';
import type { ScrapeMetrics, ScrapeSnapshot } from './metrics.ts';

type WorkloadLabel = (typeof partitionLabels)[number];
type WorkloadLabels = Readonly<Record<WorkloadLabel, string>>;

/** Workloads with counters of their own; those beyond it are counted together as `(other)`. */
export const maxCountedWorkloads = 20_000;

const kibibyte = 1024;
const bodyBuckets = [1, 4, 16, 64, 256, 1024, 4096, 16_384].map((kib) => kib * kibibyte);

/** Registers what scraping counts, and what stands now by `snapshot`. */
export function registerScrapeMetrics(registry: MetricsRegistry, snapshot: () => ScrapeSnapshot): ScrapeMetrics {
  registerStanding(registry, snapshot);
  const labels = [...partitionLabels, 'kind'] as const;
  const scrapes = registry.counter('flameherd_scrapes_total', 'Scrapes that were tried.', labels);
  const failures = registry.counter('flameherd_scrape_failures_total', 'Scrapes that brought no profile, by reason.', [
    ...labels,
    'reason',
  ]);
  const bytes = registry.counter('flameherd_scraped_bytes_total', 'Bytes of profiles as they came.', labels);
  const profiling = registry.counter(
    'flameherd_target_profiling_seconds_total',
    'Seconds for which targets were made to profile themselves.',
    labels,
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
      const of = { ...bounded(workload), kind };
      scrapes.add(of);
      bytes.add(of, cost.bytes);
      profiling.add(of, cost.seconds);
      duration.observe({ kind }, Math.max(0, cost.durationMs / 1000 - cost.seconds));
      body.observe({ kind }, cost.bytes);
    },
    failed(workload, kind, reason) {
      const of = { ...bounded(workload), kind };
      scrapes.add(of);
      failures.add({ ...of, reason });
    },
    skipped: (cause) => skipped.add({ cause }),
  };
}

function registerStanding(registry: MetricsRegistry, snapshot: () => ScrapeSnapshot): void {
  registry.gauge('flameherd_target_up', '1 when a target of the workload answers.', partitionLabels, () =>
    snapshot().workloads.map(({ labels, targets }) => ({ labels: workloadOf(labels), value: targets.up > 0 ? 1 : 0 })),
  );
  registry.gauge('flameherd_targets', 'Targets by health.', [...partitionLabels, 'health'], () =>
    snapshot().workloads.flatMap(({ labels, targets }) =>
      Object.entries(targets).map(([health, value]) => ({ labels: { ...workloadOf(labels), health }, value })),
    ),
  );
  const single = (name: string, help: string, read: (now: ScrapeSnapshot) => number) =>
    registry.gauge(name, help, [], (): Sample<never>[] => [{ labels: {}, value: read(snapshot()) }]);
  single('flameherd_scrapes_in_flight', 'Requests to targets under way.', ({ inFlight }) => inFlight);
  single('flameherd_scrapes_waiting', 'Scrapes that are due and wait for a place.', ({ waiting }) => waiting);
  single('flameherd_scrape_inflight_bytes', 'Bytes of answers being read.', ({ inFlightBytes }) => inFlightBytes);
  single('flameherd_targets_over_cap', 'Sources beyond `limits.targets`.', ({ overCap }) => overCap);
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
    const workload = workloadOf(labels);
    known.set(key, workload);
    return workload;
  };
}

function workloadOf(labels: LabelSet): WorkloadLabels {
  const { namespace = '', workload_kind = '', workload = '', container = '' } = labels;
  return { namespace, workload_kind, workload, container };
}
