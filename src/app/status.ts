import type { Config } from '../config/schema.ts';
import type { DiscoveryProblem } from '../discovery/discoverer.ts';
import type { GrowthStatus } from '../growth/contract.ts';
import type { StatusAnswer } from '../http/deps.ts';
import type { PauseScope } from '../model/pause.ts';
import { countTargets, type TargetStatus } from '../model/target.ts';
import type { UnixMs } from '../model/units.ts';
import type { QueryNumbers } from '../query/pool.ts';
import type { ScrapeSnapshot } from '../scrape/metrics.ts';
import { version } from '../version.ts';
import type { LeadershipStatus } from './leadership.ts';
import type { Numbers } from './numbers.ts';

export interface StatusSources {
  readonly config: Config;
  readonly startedMs: UnixMs;
  readonly numbers: Numbers;
  readonly targets: readonly TargetStatus[];
  readonly scrapes: Pick<ScrapeSnapshot, 'overCap' | 'failuresForgotten'>;
  readonly problems: readonly DiscoveryProblem[];
  readonly pauses: readonly PauseScope[];
  readonly lease: LeadershipStatus;
  readonly growth: GrowthStatus;
  readonly queries: QueryNumbers;
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

/** What `/api/v1/status` answers. */
export function statusOf({ config, numbers, targets, scrapes, queries, ...rest }: StatusSources): StatusAnswer {
  return {
    version,
    node: process.version,
    ...rest,
    targets: countTargets(targets),
    targetsOverLimit: scrapes.overCap,
    failuresForgotten: scrapes.failuresForgotten,
    ingest: numbers.ingest ?? null,
    recent: numbers.recent.byMinute(),
    store: numbers.store ?? null,
    queries,
    limits: limitsOf(config),
  };
}

function limitsOf({ http, limits, scrape, storage }: Config): StatusAnswer['limits'] {
  return {
    targets: limits.targets,
    queueBytes: limits.queue,
    storeBytes: storage.maxBytes,
    minFreeBytes: storage.minFree,
    retentionMs: storage.retention,
    rollup1hMs: storage.rollup1h,
    rollup1dMs: storage.rollup1d,
    bodyBytes: scrape.maxBody,
    queryBytes: http.queryMemory,
    queryTimeoutMs: http.queryTimeout,
    queriesWaiting: http.maxQueries,
  };
}
