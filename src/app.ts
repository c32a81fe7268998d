import { openAuthCluster, openAuthenticator } from './app/auth.ts';
import { storeBootProfile } from './app/boot.ts';
import { openCluster, watchCluster } from './app/cluster.ts';
import { quarantineIn } from './app/damage.ts';
import { runDiscoverers } from './app/discoverers.ts';
import { openDoor } from './app/door.ts';
import { FunctionSeries } from './app/function-series.ts';
import { openGrowth } from './app/growth.ts';
import { registerGrowthMetrics } from './app/growth-metrics.ts';
import { growthTellers } from './app/growth-tellers.ts';
import { httpDeps } from './app/http-deps.ts';
import { type Job, startJobs } from './app/jobs.ts';
import { KnownNamespaces, namespaceSources } from './app/known-namespaces.ts';
import { startLeadership } from './app/leadership.ts';
import { Maintenance } from './app/maintenance.ts';
import { registerAppMetrics } from './app/metrics.ts';
import { Numbers } from './app/numbers.ts';
import { Pauses } from './app/pauses.ts';
import { probeOver } from './app/probe.ts';
import { Reloads, registerReloadMetrics } from './app/reload.ts';
import { collectorId, knownProcesses } from './app/remembered.ts';
import { startRights } from './app/rights.ts';
import { compactionOptions, dataDirOf, queryOptions, retentionOf, scrapeLimits } from './app/settings.ts';
import { registerSidecarMetrics } from './app/sidecar-metrics.ts';
import { type SeenCluster, startSidecars } from './app/sidecars.ts';
import { SlowQueries } from './app/slow-queries.ts';
import { openTransports } from './app/transports.ts';
import { startCompaction } from './compaction/client.ts';
import type { LoadedConfig } from './config/load.ts';
import type { ConfigChanges } from './config/reload.ts';
import type { Config } from './config/schema.ts';
import { type DiscoveryRules, discoveryRules } from './discovery/rules.ts';
import { selfTarget } from './discovery/self-target.ts';
import { StaticDiscoverer, staticTargets } from './discovery/static-discoverer.ts';
import type { IngestThread } from './ingest/client.ts';
import type { GrowthEvent } from './model/growth.ts';
import type { Target } from './model/target.ts';
import { second } from './model/units.ts';
import type { BootProfile } from './observe/boot-profile.ts';
import type { LevelledLogger } from './observe/logger.ts';
import { createMetrics } from './observe/metrics.ts';
import { createSelfProfiler } from './observe/self-profile.ts';
import { startQueryPool } from './query/pool.ts';
import { registerScrapeMetrics } from './scrape/prometheus-metrics.ts';
import { ScrapePool } from './scrape/scrape-pool.ts';
import { openSqliteState } from './store/sqlite/state.ts';
import { version } from './version.ts';

export interface App {
  /** Where the API listens: `http://127.0.0.1:4280`. */
  readonly url: string;
  readonly opsUrl: string | undefined;
  readonly dataDir: string;
  /** Reads the configuration again; what it answers is logged, too. Throws `bad_config`, and the old one stays. */
  reload(): Promise<ConfigChanges>;
  /** Takes nothing new, lets what is under way end, stores what was scraped, closes. */
  close(): Promise<void>;
}

/** What was begun before this module was loaded. */
export interface Begun {
  /** The ingest thread; `startApp` ends it, also when it fails itself. */
  readonly starting: Promise<IngestThread>;
  readonly onFault: (error: Error) => void;
  readonly boot: BootProfile | undefined;
  /** Reads the same file, environment and flags again. Throws `bad_config`. */
  readonly load: () => Promise<LoadedConfig>;
}

const httpGraceMs = 5 * second;
const scrapeGraceMs = 12 * second;

/**
 * The whole system, sink first: a part is started after what it hands its results to, and closed before it. `onFault` is
 * told when a part died and nothing useful can go on. Throws `FlameherdError` when a part cannot start; then all are closed.
 */
export async function startApp(
  loaded: LoadedConfig,
  logger: LevelledLogger,
  { starting, onFault, boot, load }: Begun,
): Promise<App> {
  const { config } = loaded;
  await using parts = new AsyncDisposableStack();
  parts.defer(async () => (await starting.catch(() => undefined))?.[Symbol.asyncDispose]());
  const now = Date.now;
  const startedMs = now();
  const dataDir = dataDirOf(config);
  const rules = discoveryRules(config);
  const metrics = createMetrics();
  const selfProfiler = parts.use(createSelfProfiler());

  // The only writer of the store works in the ingest thread; opening it takes the lock of the folder.
  // While it starts, this thread loads the HTTP server, the largest part of the rest.
  const [ingest, { startHttp }] = await Promise.all([starting, import('./http/server.ts')]);
  const state = parts.use(openSqliteState({ dataDir, synchronous: config.storage.synchronous }));
  const pauses: Pauses = new Pauses(state, (scopes) => cluster?.discoverer.setPaused(scopes));

  // Questions are answered in threads of their own.
  const slow = new SlowQueries(() => reloads.inForce.log.slowQuery, logger);
  slow.register(metrics);
  const query = parts.use(
    startQueryPool({
      ...queryOptions(config),
      onFault: (error) => logger.error(error.message),
      onDamage: quarantineIn(ingest, logger),
      onEnded: (ended) => slow.note(ended),
    }),
  );

  // Hours that are over are made into columns in a thread of its own, which starts when there is something to do.
  const compaction = startCompaction({
    ...compactionOptions(config),
    onError: (error) => logger.error(error.message),
  });

  // One loop for each target, over the transports that are enabled.
  const access = await openCluster(config);
  if (access) parts.use(access);
  // Who calls may be asked of a cluster in which nothing is watched.
  const authAccess = await openAuthCluster(config, access);
  if (authAccess && authAccess !== access) parts.use(authAccess);
  // What the API server lets us do, and who of several collectors scrapes the cluster.
  const rights = parts.use(startRights(config, access, authAccess));
  const leadership = parts.use(
    startLeadership({ config, access, collectorId: collectorId(state), logger, onForbidden: () => rights.refused() }),
  );
  const seen = (): SeenCluster | undefined => cluster?.seen;
  const sidecars = parts.use(
    startSidecars({ config, access, cluster: seen, rights, collectorId: collectorId(state), logger, now }),
  );
  const transports = parts.use(openTransports({ config, access, rights, now, more: sidecars.transports }));
  const pausedBecause = (target: Target) => pauses.reasonFor(target.labels) ?? leadership.standbyBecause(target);
  const known = await knownProcesses(dataDir, startedMs);
  const pool = new ScrapePool({
    collectorId: collectorId(state),
    transports: transports.book,
    ...(config.scrape.replicasSample > 0 ? { cpuReplicas: config.scrape.replicasSample } : {}),
    ingest: (job) => ingest.submit(job),
    metrics: registerScrapeMetrics(metrics, (by) => pool.snapshot(by), config.metrics.targets),
    limits: scrapeLimits(config),
    isKnown: ({ process }) => known.has(process.id),
    pausedBecause,
    isCurrent: (target) => cluster?.runs(target) ?? true,
  });
  parts.defer(() => pool.close(scrapeGraceMs));
  leadership.onTurn(() => pool.catchUp());

  // Who is a target: the cluster's pods by their annotations, and what the configuration names.
  const cluster =
    access &&
    parts.use(
      watchCluster({
        access,
        config,
        logger,
        paused: pauses.all(),
        probe: probeOver(transports.direct),
        onProcessEnd: (id, endedMs) => ingest.endProcess(id, endedMs),
        now,
      }),
    );

  // What grows that should not: judged in a thread of its own over the floors that ingest keeps, and told to whoever asked.
  const linkOf = ({ id }: GrowthEvent) => `${config.http.externalUrl || http.url}/a/${id}`;
  const seenObjects = () => cluster?.seen;
  const tellers = parts.use(
    growthTellers({ config, access, seen: seenObjects, rights, collectorId: collectorId(state), linkOf, logger, now }),
  );
  const functions = new FunctionSeries(config.metrics.maxSeries);
  const numbers = new Numbers({ ingest, functions, now });
  const targets = () => pool.statuses();
  const functionName: Numbers['functionName'] = (id, namespaces) => numbers.functionName(id, namespaces);
  const growth = parts.use(
    openGrowth({ config, state, ingest, query, targets, tellers, linkOf, functionName, logger, now }),
  );
  const retention = () => retentionOf(reloads.inForce);
  const maintenance = new Maintenance({ ingest, compaction, growth, retention, logger, now });

  const problems = () => [...(cluster?.discoverer.problems() ?? []), ...rights.problems(), ...transports.problems()];
  const answered = registerAppMetrics(metrics, {
    numbers,
    problems,
    cluster,
    lease: () => leadership.status(),
    targets: () => pool.targets(),
    storeLimitBytes: () => reloads.inForce.storage.maxBytes,
    now,
    queries: () => query.numbers(),
    transports: () => transports.numbers(),
    compaction: () => ({ totals: maintenance.totals, dueMs: numbers.store?.compactionDueMs, nowMs: now() }),
  });
  registerSidecarMetrics(metrics, sidecars);
  registerGrowthMetrics(metrics, {
    workloads: () => numbers.workloads,
    functions,
    verdicts: () => growth.verdicts({}),
    targets: () => pool.targets(),
    evaluation: () => growth.numbers(),
    status: () => growth.status,
    ingest: () => numbers.ingest?.growth,
  });
  // What may change without a restart; retention reads what is in force by itself.
  const fixed = new StaticDiscoverer(staticTargets(config.targets, rules));
  const apply = (inForce: Config): void => {
    const { deny, webhook } = inForce.growth;
    growth.deny(deny);
    tellers.setWebhook(webhook);
    functions.setMaxSeries(inForce.metrics.maxSeries);
    logger.setLevel(inForce.log.level);
    cluster?.discoverer.setRules(discoveryRules(inForce));
    fixed.setTargets(fixedTargets(inForce));
  };
  const reloads = new Reloads({ loaded, load, apply, logger, now });
  registerReloadMetrics(metrics, reloads);
  // Who may ask, and of which namespaces.
  const seenIn = namespaceSources({ pool, numbers, pauses, growth, query, now });
  const namespaces = new KnownNamespaces(seenIn, now, logger);
  const authenticator = await openAuthenticator({
    config,
    access: authAccess,
    namespaces,
    onForbidden: () => rights.refused(),
    metrics,
    log: logger,
    now,
  });
  const door = parts.use(await openDoor({ config, authenticator, metrics, log: logger, now }));
  const http = await startHttp(
    httpDeps({
      startedMs,
      query,
      ingest,
      pool,
      cluster,
      leadership,
      pauses,
      pausedBecause,
      growth,
      reloads,
      sidecars,
      numbers,
      problems,
      metrics,
      selfProfiler,
      answered,
      limited: door.limited,
      log: logger,
      now,
    }),
    door.options,
  );
  parts.defer(() => http.close(httpGraceMs));

  // Discovery last: its first send starts the scraping.
  const ownTarget = (defaults: DiscoveryRules) => selfTarget({ url: http.url, startedMs, version, defaults });
  const fixedTargets = (inForce: Config): Target[] => {
    const defaults = discoveryRules(inForce);
    return [...staticTargets(inForce.targets, defaults), ...(inForce.scrape.self ? [ownTarget(defaults)] : [])];
  };
  if (boot) await storeBootProfile(boot, ownTarget(rules), ingest, logger);
  fixed.setTargets(fixedTargets(config));
  const discoverers = [fixed, ...(cluster ? [cluster.discoverer] : [])];
  parts.use(runDiscoverers(discoverers, (groups) => pool.sync(groups), onFault));
  parts.use(maintenance);
  const refresh: Job = { name: 'numbers', when: '*/15 * * * * *', run: () => numbers.refresh() };
  parts.use(startJobs([maintenance.job, growth.job, refresh], logger));

  const running = parts.move();
  return {
    url: http.url,
    opsUrl: http.opsUrl,
    dataDir,
    reload: () => reloads.reload(),
    close: () => running.disposeAsync(),
  };
}
