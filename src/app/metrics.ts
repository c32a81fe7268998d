import { isSelf } from '../discovery/self-target.ts';
import type { IngestStats } from '../ingest/messages.ts';
import type { Target } from '../model/target.ts';
import type { Bytes, UnixMs } from '../model/units.ts';
import type { MetricsRegistry } from '../observe/metrics.ts';
import type { QueryNumbers } from '../query/pool.ts';
import type { StoreFileKind, StoreStats } from '../store/profile-store.ts';
import { version } from '../version.ts';
import { type CompactionNumbers, registerCompactionMetrics } from './compaction-metrics.ts';
import type { LeadershipStatus } from './leadership.ts';
import { registerQueryMetrics } from './query-metrics.ts';
import { registerTransportMetrics } from './transport-metrics.ts';
import type { TransportNumbers } from './transports.ts';

export interface AppNumbers {
  readonly numbers: ThreadNumbers;
  readonly cluster:
    | { readonly discoverer: { readonly optInsRemoved: number }; reflectors(): readonly ReflectorNumbers[] }
    | undefined;
  readonly problems: () => readonly unknown[];
  readonly lease: () => LeadershipStatus;
  readonly targets: () => Iterable<Target>;
  /** `storage.maxBytes`. */
  readonly storeLimitBytes: () => Bytes;
  readonly now: () => UnixMs;
  readonly queries: () => QueryNumbers;
  readonly compaction: () => CompactionNumbers;
  readonly transports: () => TransportNumbers;
}

/** Registers what no single stage knows; answers what counts HTTP requests. */
export function registerAppMetrics(registry: MetricsRegistry, of: AppNumbers) {
  const { numbers, cluster, problems, lease, targets, queries, compaction } = of;
  registerBuildInfo(registry);
  registerQueryMetrics(registry, queries);
  registerCompactionMetrics(registry, compaction);
  registerTransportMetrics(registry, of.transports);
  registerStoreMetrics(registry, () => numbers, of.storeLimitBytes);
  const discovery = (): DiscoveryNumbers => ({
    targets: countStates(targets()),
    optInsRemoved: cluster?.discoverer.optInsRemoved ?? 0,
    problems: problems().length,
    reflectors: cluster?.reflectors() ?? [],
    nowMs: of.now(),
  });
  registerDiscoveryMetrics(registry, registry.oncePerPage(discovery));
  registry.gauge(
    'flameherd_scraping',
    '1 while this collector scrapes the cluster, 0 while another one holds the Lease.',
    [],
    () => one(lease().role === 'standby' ? 0 : 1),
  );
  return registerHttpMetrics(registry);
}

/** Who found targets, and `self` for the daemon as a target of its own. */
const discoverers = ['kubernetes', 'static', 'self'] as const;
const targetStates = ['active', 'unresolved', 'held', 'candidate'] as const;

function countStates(targets: Iterable<Target>): DiscoveryNumbers['targets'] {
  const counts = new Map<string, { discoverer: string; state: string; count: number }>();
  for (const discoverer of discoverers) {
    for (const state of targetStates) counts.set(`${discoverer} ${state}`, { discoverer, state, count: 0 });
  }
  for (const target of targets) {
    const discoverer = isSelf(target) ? 'self' : target.discoverer;
    const counted = counts.get(`${discoverer} ${target.state.kind}`);
    if (counted) counted.count++;
  }
  return [...counts.values()];
}

/** The last known numbers of the threads that are asked now and then; undefined until the first answer. */
interface ThreadNumbers {
  readonly ingest: IngestStats | undefined;
  readonly store: StoreStats | undefined;
}

interface DiscoveryNumbers {
  readonly targets: readonly { readonly discoverer: string; readonly state: string; readonly count: number }[];
  readonly optInsRemoved: number;
  readonly problems: number;
  readonly reflectors: readonly ReflectorNumbers[];
  readonly nowMs: UnixMs;
}

export interface ReflectorNumbers {
  readonly resource: string;
  readonly records: number;
  readonly lists: number;
  readonly watches: number;
  readonly events: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly startedMs: UnixMs;
  readonly lastEventMs: UnixMs | undefined;
  readonly listedMs: UnixMs | undefined;
}

const mapped = <T, R>(value: T | undefined, of: (value: T) => R): R | undefined =>
  value === undefined ? undefined : of(value);
const one = (value: number | undefined) => (value === undefined ? [] : [{ labels: {}, value }]);

function registerBuildInfo(registry: MetricsRegistry): void {
  registry.gauge('flameherd_build_info', 'Always 1; the version of this build.', ['version', 'node'], () => [
    { labels: { version, node: process.version }, value: 1 },
  ]);
}

/** What the ingest thread and the store know. */
function registerStoreMetrics(registry: MetricsRegistry, read: () => ThreadNumbers, limitBytes: () => Bytes): void {
  const ingestCounter = (name: string, help: string, of: (now: IngestStats) => number) =>
    registry.readCounter(name, help, [], () => one(mapped(read().ingest, of)));
  const ingestGauge = (name: string, help: string, of: (now: IngestStats) => number) =>
    registry.gauge(name, help, [], () => one(mapped(read().ingest, of)));
  const storeGauge = (name: string, help: string, of: (now: StoreStats) => number | undefined) =>
    registry.gauge(name, help, [], () => one(mapped(read().store, of)));

  ingestGauge('flameherd_ingest_queue_profiles', 'Profiles that wait to be decoded.', (now) => now.queuedJobs);
  ingestGauge('flameherd_ingest_queue_bytes', 'Their bytes; `limits.queue` is the bound.', (now) => now.queuedBytes);
  ingestCounter('flameherd_profiles_stored_total', 'Profiles committed.', (now) => now.stored);
  ingestCounter(
    'flameherd_profiles_refused_total',
    'Profiles that were no profile, or could not be placed.',
    (now) => now.refused,
  );
  ingestCounter(
    'flameherd_profiles_dropped_total',
    'Profiles dropped because the queue was full.',
    (now) => now.dropped,
  );
  ingestCounter(
    'flameherd_profile_resets_total',
    'Processes whose counters fell inside one identity.',
    (now) => now.resets,
  );
  ingestCounter(
    'flameherd_profile_seeds_total',
    'First profiles of processes that only set a base.',
    (now) => now.seeds,
  );
  ingestCounter(
    'flameherd_samples_folded_total',
    'Samples folded into `(other)` by a limit.',
    (now) => now.trimmedSamples,
  );
  registry.readCounter(
    'flameherd_labels_dropped_total',
    'pprof labels of samples that were left out of their stacks: `name`, for what they are called (`limits.droppedLabels`); `values`, for how many texts they have (`limits.labelValues`).',
    ['reason'],
    () => Object.entries(read().ingest?.droppedLabels ?? {}).map(([reason, value]) => ({ labels: { reason }, value })),
  );
  ingestCounter('flameherd_commits_total', 'Group commits.', (now) => now.commits);
  const byKind = (of: (held: StoreStats['byKind'][StoreFileKind]) => number) => () =>
    Object.entries(read().store?.byKind ?? {}).map(([kind, held]) => ({ labels: { kind }, value: of(held) }));
  registry.gauge(
    'flameherd_store_bytes',
    'Size of the data folder, by what its files hold: meta, state, head, detail, roll1h, roll1d.',
    ['kind'],
    byKind((held) => held.bytes),
  );
  registry.gauge(
    'flameherd_store_limit_bytes',
    'Size of the data folder above which the oldest is removed: `storage.maxBytes`.',
    [],
    () => one(limitBytes()),
  );
  registry.gauge(
    'flameherd_store_files',
    'Files of the store, by what they hold.',
    ['kind'],
    byKind((held) => held.files),
  );
  storeGauge(
    'flameherd_store_damaged',
    'Hours whose single profiles are damaged; the log names them.',
    (now) => now.damagedHoursMs.length,
  );
  storeGauge('flameherd_store_series', 'Series that are known.', (now) => now.series);
  storeGauge('flameherd_store_partitions', 'Trees of stacks.', (now) => now.partitions);
  storeGauge(
    'flameherd_store_tree_bytes',
    'Memory of the trees that are being written to; those without a profile for an hour or two are let go of.',
    (now) => now.treeBytes,
  );
  registry.gauge(
    'flameherd_store_full',
    '1 while nothing is stored: `full`, because of too little free disk, or `read_only`, because it cannot be written to.',
    ['reason'],
    () => {
      const { store } = read();
      const reasons = store ? (['full', 'read_only'] as const) : [];
      return reasons.map((reason) => ({ labels: { reason }, value: store?.fullReason === reason ? 1 : 0 }));
    },
  );
  storeGauge(
    'flameherd_store_oldest_timestamp_seconds',
    'The oldest single profile; roll-ups go back further.',
    (now) => seconds(now.oldestMs),
  );
  storeGauge('flameherd_store_newest_timestamp_seconds', 'The newest profile.', (now) => seconds(now.newestMs));
}

function registerDiscoveryMetrics(registry: MetricsRegistry, read: () => DiscoveryNumbers): void {
  registry.gauge(
    'flameherd_discovered_targets',
    'Targets by state (active, unresolved, held, candidate) and by who found them: kubernetes, static, or self for the daemon.',
    ['state', 'discoverer'],
    () => read().targets.map(({ discoverer, state, count }) => ({ labels: { state, discoverer }, value: count })),
  );
  registry.readCounter(
    'flameherd_optin_removed_total',
    'Opt-ins that vanished together with a new generation.',
    [],
    () => one(read().optInsRemoved),
  );
  registry.gauge(
    'flameherd_discovery_problems',
    'What keeps discovery from seeing all; `flameherd status` names it.',
    [],
    () => one(read().problems),
  );
  const perResource = (of: (now: ReflectorNumbers) => number | undefined) => () =>
    read().reflectors.flatMap((now) =>
      one(of(now)).map(({ value }) => ({ labels: { resource: now.resource }, value })),
    );
  registry.gauge(
    'flameherd_kubernetes_records',
    'Objects held.',
    ['resource'],
    perResource((now) => now.records),
  );
  registry.readCounter(
    'flameherd_kubernetes_lists_total',
    'Lists, paged or streamed.',
    ['resource'],
    perResource((now) => now.lists),
  );
  registry.readCounter(
    'flameherd_kubernetes_watches_total',
    'Watches opened.',
    ['resource'],
    perResource((now) => now.watches),
  );
  registry.readCounter(
    'flameherd_kubernetes_events_total',
    'Watch events.',
    ['resource'],
    perResource((now) => now.events),
  );
  registry.readCounter(
    'flameherd_kubernetes_errors_total',
    'Failed lists and watches, by cause.',
    ['resource', 'cause'],
    () =>
      read().reflectors.flatMap(({ resource, errors }) =>
        Object.entries(errors).map(([cause, value]) => ({ labels: { resource, cause }, value })),
      ),
  );
  registry.gauge(
    'flameherd_kubernetes_last_event_timestamp_seconds',
    'When the server last said anything, if only that there is nothing new.',
    ['resource'],
    perResource((now) => seconds(now.lastEventMs)),
  );
  registry.gauge(
    'flameherd_kubernetes_last_list_timestamp_seconds',
    'When all objects were listed last.',
    ['resource'],
    perResource((now) => seconds(now.listedMs)),
  );
  registry.gauge(
    'flameherd_discovery_behind_seconds',
    'For how long nothing was heard of pods, where they are watched: for so long new ones may have been missed.',
    [],
    () => one(behindSeconds(read())),
  );
}

/** The watch of pods that was silent for longest; bookmarks come every minute. */
function behindSeconds({ reflectors, nowMs }: DiscoveryNumbers): number | undefined {
  const heardMs = reflectors
    .filter(({ resource }) => resource === 'pods' || resource.endsWith('/pods'))
    .map(({ lastEventMs, startedMs }) => lastEventMs ?? startedMs);
  return heardMs.length === 0 ? undefined : Math.max(0, nowMs - Math.min(...heardMs)) / 1000;
}

/** Counts requests by route pattern and status class. */
function registerHttpMetrics(
  registry: MetricsRegistry,
): (answered: {
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
}) => void {
  const requests = registry.counter('flameherd_http_requests_total', 'Requests answered.', [
    'route',
    'method',
    'status',
  ]);
  const duration = registry.histogram(
    'flameherd_http_request_duration_seconds',
    'Time to the last byte.',
    ['route'],
    [0.005, 0.025, 0.1, 0.5, 2.5, 10, 60],
  );
  return ({ route, method, status, seconds }) => {
    requests.add({ route, method, status: String(status) });
    duration.observe({ route }, seconds);
  };
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
