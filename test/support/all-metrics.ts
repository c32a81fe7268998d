import { registerAuthMetrics } from '../../src/app/auth-metrics.ts';
import { registerDoorMetrics } from '../../src/app/door.ts';
import { FunctionSeries } from '../../src/app/function-series.ts';
import { type GrowthMetricsSources, registerGrowthMetrics } from '../../src/app/growth-metrics.ts';
import { type AppNumbers, registerAppMetrics } from '../../src/app/metrics.ts';
import { registerReloadMetrics } from '../../src/app/reload.ts';
import { registerSidecarMetrics } from '../../src/app/sidecar-metrics.ts';
import { SlowQueries } from '../../src/app/slow-queries.ts';
import { silentLogger } from '../../src/observe/logger.ts';
import type { MetricsRegistry } from '../../src/observe/metrics.ts';
import type { ScrapeMetrics, ScrapeSnapshot } from '../../src/scrape/metrics.ts';
import { registerScrapeMetrics } from '../../src/scrape/prometheus-metrics.ts';

export interface AllSources {
  readonly snapshot: () => ScrapeSnapshot;
  readonly app: Partial<AppNumbers>;
  readonly growth: Partial<GrowthMetricsSources>;
}

const noLane = { running: 0, waiting: 0 };

const quiet: AppNumbers = {
  numbers: { ingest: undefined, store: undefined },
  cluster: undefined,
  problems: () => [],
  lease: () => ({ role: 'alone', lease: '', holder: '', detail: '' }),
  targets: () => [],
  storeLimitBytes: () => 0,
  now: () => 0,
  queries: () => ({
    lanes: { lists: noLane, small: noLane, wide: noLane },
    ended: { cancelled: 0, timeout: 0, too_large: 0, busy: 0 },
    threadsEnded: 0,
  }),
  transports: () => ({ streams: [], kept: undefined }),
  compaction: () => ({
    totals: { hours: 0, profiles: 0, bytesBefore: 0, bytesAfter: 0, cpuMs: 0, failures: 0, hoursToRoll: 0 },
    dueMs: undefined,
    nowMs: 0,
  }),
};

const nothingGrows: GrowthMetricsSources = {
  workloads: () => [],
  functions: new FunctionSeries(0),
  verdicts: () => [],
  targets: () => [],
  evaluation: () => ({
    evaluations: 0,
    failures: 0,
    cpuMs: 0,
    workloads: 0,
    series: 0,
    droppedWorkloads: 0,
    droppedProcesses: 0,
    profileFailures: 0,
    webhookFailures: 0,
    kubernetesEventsDropped: 0,
    openEvents: { heap: 0, goroutines: 0, allocations: 0 },
    floorsKeptMs: 0,
  }),
  status: () => ({ enabled: true, bucketMs: 600_000, evaluatedMs: undefined, workloads: 0 }),
  ingest: () => undefined,
};

/** Registers every metric that the daemon has, with numbers of nothing but what is given. */
export function registerAllMetrics(registry: MetricsRegistry, given: Partial<AllSources> = {}): ScrapeMetrics {
  const idle = { groups: [], inFlight: 0, waiting: 0, inFlightBytes: 0, overCap: 0, failuresForgotten: 0 };
  const scrapes = registerScrapeMetrics(registry, given.snapshot ?? (() => idle));
  registerAppMetrics(registry, { ...quiet, ...given.app });
  registerSidecarMetrics(registry, {
    numbers: () => undefined,
    status: () => ({ enabled: false, pods: [], breakers: [] }),
  });
  registerGrowthMetrics(registry, { ...nothingGrows, ...given.growth });
  registerDoorMetrics(registry, { tls: undefined, sessions: undefined });
  registerAuthMetrics(registry, () => undefined);
  new SlowQueries(() => 0, silentLogger).register(registry);
  registerReloadMetrics(registry, { status: { wasGood: true, goodMs: 0 } });
  return scrapes;
}
