import type { DiscoveryProblem, Explanation } from '../discovery/discoverer.ts';
import type { HttpDeps, Readiness, StatusAnswer } from '../http/deps.ts';
import type { Target } from '../model/target.ts';
import type { UnixMs } from '../model/units.ts';
import type { MetricsRegistry } from '../observe/metrics.ts';
import type { QueryPool } from '../query/pool.ts';
import type { ScrapePool } from '../scrape/scrape-pool.ts';
import type { Cluster } from './cluster.ts';
import { explainWithoutCluster } from './discoverers.ts';
import { withTransports } from './explain-transports.ts';
import { explainStandby, type Leadership } from './leadership.ts';
import type { Numbers } from './numbers.ts';
import type { Pauses } from './pauses.ts';
import type { Reloads } from './reload.ts';
import type { SidecarsPart } from './sidecars.ts';
import { snap } from './snap.ts';
import { statusOf } from './status.ts';

/** The parts that answer for HTTP. */
export interface AnsweringParts
  extends Pick<HttpDeps, 'ingest' | 'growth' | 'selfProfiler' | 'answered' | 'limited' | 'log' | 'now'> {
  readonly startedMs: UnixMs;
  readonly query: QueryPool;
  readonly pool: ScrapePool;
  readonly cluster: Cluster | undefined;
  readonly leadership: Leadership;
  readonly pauses: Pauses;
  readonly pausedBecause: (target: Target) => string | undefined;
  readonly reloads: Reloads;
  readonly sidecars: SidecarsPart;
  readonly numbers: Numbers;
  readonly problems: () => readonly DiscoveryProblem[];
  readonly metrics: MetricsRegistry;
}

/** What HTTP is given: functions of the parts, so that it knows none of them. */
export function httpDeps(parts: AnsweringParts): HttpDeps {
  const { pool, cluster, pauses, pausedBecause, reloads, sidecars, numbers, metrics } = parts;
  const { query, ingest, growth, selfProfiler, answered, limited, log, now } = parts;
  return {
    query,
    ingest,
    growth,
    selfProfiler,
    answered,
    limited,
    log,
    now,
    targets: () => pool.statuses(),
    asked: (kind) => pool.asked(kind),
    explain: (subject, namespaces) => explained(parts, subject, namespaces),
    snap: (request, signal) => snap(request, signal, { discoverer: cluster?.discoverer, pool, pausedBecause }),
    pause: (scope) => pauses.add(scope),
    resume: (scope) => pauses.remove(scope),
    pauses: () => pauses.all(),
    reload: () => reloads.reload(),
    sidecars: () => sidecars.status(),
    status: async () => {
      await numbers.refresh();
      return statusNow(parts);
    },
    ready: () => readiness(numbers),
    metrics: async () => {
      await numbers.refresh();
      return metrics.text();
    },
    get detailHorizonMs() {
      return reloads.inForce.storage.retention;
    },
  };
}

async function explained(
  { cluster, leadership, pool }: AnsweringParts,
  ...[subject, namespaces]: Parameters<HttpDeps['explain']>
): Promise<Explanation> {
  if (!cluster) return explainWithoutCluster(subject);
  const found = explainStandby(await cluster.discoverer.explain(subject, namespaces), leadership);
  return withTransports(found, subject, pool.statuses());
}

function statusNow({ reloads, startedMs, numbers, pool, problems, pauses, ...parts }: AnsweringParts): StatusAnswer {
  return statusOf({
    config: reloads.inForce,
    startedMs,
    numbers,
    targets: pool.statuses(),
    scrapes: pool.snapshot([]),
    problems: problems(),
    pauses: pauses.all(),
    lease: parts.leadership.status(),
    growth: parts.growth.status,
    queries: parts.query.numbers(),
    ...readiness(numbers),
  });
}

/** Ready means that what is scraped is stored, too. */
function readiness({ store }: Numbers): Readiness {
  const reasons = store?.fullBecause ? [store.fullBecause] : [];
  return { ready: reasons.length === 0, reasons };
}
