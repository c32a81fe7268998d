import { resolve } from 'node:path';
import type { CompactionThreadSettings } from '../compaction/messages.ts';
import type { Config } from '../config/schema.ts';
import type { Address } from '../config/values.ts';
import type { GrowthThreadSettings } from '../growth/messages.ts';
import type { HttpOptions } from '../http/deps.ts';
import type { IngestOptions } from '../ingest/client.ts';
import { defaultPipelineLimits } from '../ingest/defaults.ts';
import type { ClusterAccess } from '../kubernetes/access.ts';
import { inCluster } from '../kubernetes/in-cluster.ts';
import { day } from '../model/units.ts';
import { defaultDecodeLimits } from '../pprof/decode-limits.ts';
import type { QueryPoolOptions } from '../query/pool.ts';
import type { SafetyRules } from '../scrape/safety.ts';
import { defaultScrapeLimits, type ScrapeLimits } from '../scrape/scrape-pool.ts';
import type { Retention } from '../store/retention.ts';
import { functionsAreHidden, metricsAsk } from './metrics-rule.ts';

/** Of a core: an hour of work that nobody waits for, beside scrapes and questions. */
const compactionShare = 0.25;

/** Workloads that are judged for growth. */
const maxJudgedWorkloads = 10_000;
/** In buckets: younger processes have no verdict. */
const usualMinAge = 33;

/** The slices of the configuration as each part wants them. */

export function dataDirOf({ data }: Config): string {
  return resolve(data);
}

export function ingestOptions(config: Config): Omit<IngestOptions, 'onError'> {
  const { growth, limits, metrics, scrape, storage } = config;
  return {
    dataDir: dataDirOf(config),
    minFreeBytes: storage.minFree,
    synchronous: storage.synchronous,
    retention: retentionOf(config),
    queueBytes: limits.queue,
    decode: {
      ...defaultDecodeLimits,
      bodyBytes: Math.max(scrape.maxBody, config.http.maxBody),
      inflatedBytes: scrape.maxInflated,
    },
    limits: {
      ...defaultPipelineLimits,
      symbols: {
        ...defaultPipelineLimits.symbols,
        labelSetsPerPartition: limits.labelSets,
        labels: {
          ...defaultPipelineLimits.symbols.labels,
          values: limits.labelValues,
          droppedKeys: limits.droppedLabels,
        },
      },
      trim: { ...defaultPipelineLimits.trim, stacks: limits.stacks, depth: limits.depth },
      // A checkpoint is of no use once the increases after it may be gone.
      checkpointAgeMs: storage.retention + day,
    },
    growth: {
      bucketMs: growth.bucket,
      functions: growth.functions,
      maxSeries: growth.maxSeries,
      ownerSkip: growth.ownerSkip,
      metricFunctions: functionsAreHidden(config) ? 0 : metrics.functions,
      samplesReplicas: scrape.replicasSample > 0,
    },
  };
}

export function retentionOf({ storage: { retention, rollup1h, rollup1d, maxBytes } }: Config): Retention {
  return { maxAgeMs: retention, rollup1hMaxAgeMs: rollup1h, rollup1dMaxAgeMs: rollup1d, maxBytes };
}

export function compactionOptions(config: Config): CompactionThreadSettings {
  const { synchronous, maxBytes } = config.storage;
  return { dataDir: dataDirOf(config), synchronous, maxBytes, share: compactionShare };
}

export function growthThreadSettings(config: Config): GrowthThreadSettings {
  const { bucket, minAge, minPeriods, minShare, maxSeries } = config.growth;
  return {
    dataDir: dataDirOf(config),
    synchronous: config.storage.synchronous,
    detector: {
      bucketMs: bucket,
      minAge: minAge === null ? usualMinAge : Math.ceil(minAge / bucket),
      minPeriods,
      minShare,
    },
    bounds: { workloads: maxJudgedWorkloads, series: maxSeries },
  };
}

export function queryOptions(config: Config): Omit<QueryPoolOptions, 'onFault'> {
  const { queryThreads, queryTimeout, queryMemory, maxQueries } = config.http;
  return {
    dataDir: dataDirOf(config),
    threads: queryThreads,
    timeoutMs: queryTimeout,
    questionBytes: queryMemory,
    maxQueued: maxQueries,
  };
}

export function scrapeLimits({ limits, scrape }: Config): Partial<ScrapeLimits> {
  return {
    sources: limits.targets,
    inFlight: { ...defaultScrapeLimits.inFlight, snapshots: scrape.concurrency, bytes: limits.queue },
    maxBodyBytes: scrape.maxBody,
    firstScrapes: { perSecond: scrape.firstPerSecond, burst: scrape.firstPerSecond },
    cpuDuty: limits.cpuDuty,
  };
}

/** Addresses that are never asked, beside those that nobody may ask. */
export function safetyRules({ discovery }: Config, access: ClusterAccess | undefined): SafetyRules {
  return {
    apiServers: access?.client.apiHosts ?? [],
    serviceRanges: [],
    apiPort: access && Number(new URL(access.client.server).port || 443),
    allowHostNetwork: discovery.allowHostNetwork,
  };
}

export function httpOptions({ http, auth }: Config, authenticator: HttpOptions['authenticator']): HttpOptions {
  return {
    listen: http.listen,
    opsListen: http.opsListen ?? defaultOpsListen(),
    externalUrl: http.externalUrl || undefined,
    authenticator,
    allowUnauthenticated: auth.allowUnauthenticated,
    metricsAuth: metricsAsk({ auth }),
    limits: {
      bodyBytes: http.maxBody,
      queryTimeoutMs: http.queryTimeout,
      callers: {
        requestsPerSecond: http.requestsPerSecond,
        concurrent: http.concurrentPerCaller,
        failuresPerMinute: auth.failuresPerMinute,
      },
    },
  };
}

/** In a cluster probes and Prometheus come from outside the pod. */
function defaultOpsListen(): Address {
  return { host: inCluster() ? '0.0.0.0' : '127.0.0.1', port: 4281 };
}
