import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { openCluster, watchCluster } from '../../src/app/cluster.ts';
import { runDiscoverers } from '../../src/app/discoverers.ts';
import { ingestOptions, safetyRules, scrapeLimits } from '../../src/app/settings.ts';
import { configOf } from '../../src/config/load.ts';
import { startIngest } from '../../src/ingest/client.ts';
import type { Target } from '../../src/model/target.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { safetyCheck } from '../../src/scrape/safety.ts';
import { kindSlots } from '../../src/scrape/schedule.ts';
import { ScrapePool } from '../../src/scrape/scrape-pool.ts';
import { TransportBook } from '../../src/scrape/transport-book.ts';
import { DirectTransport } from '../../src/scrape/transports/direct.ts';
import type { FetchReply, FetchRequest, Transport } from '../../src/scrape/transports/transport.ts';
import { cpuSeconds, type RecordedCluster, recordedCluster } from './app-cluster.ts';
import type { Recording } from './app-recording.ts';
import { startFakeApiServer } from './fake-api-server.ts';
import { type PprofServer, type Script, startPprofServer } from './pprof-server.ts';
import { specOf } from './scrape-targets.ts';

/** Each pod is scraped this long after the tick, as near to each other as the pods of a recording were. */
const phase = { fromMs: 8000, widthMs: 200 };
/** How long changes of the cluster are gathered, by the watch and then by discovery. */
const gatheringMs = 1000;
const slots = kindSlots(
  ['cpu', 'heap', 'goroutine', 'block', 'mutex'].map((kind) =>
    specOf(kind, { intervalMs: 60_000, seconds: kind === 'cpu' ? cpuSeconds : undefined }),
  ),
);
const collectorId = 'the-collector-of-the-test';

/** How long after a tick a kind of a pod is scraped, once the pod has been scraped for the first time. */
export function delayOfKind(kind: string): number {
  return phase.fromMs + (slots.get(kind) ?? 0);
}

/** Ticks are four minutes apart: kinds are scraped seconds one after the other, of a short interval a large part. */
const intervalMs = 240_000;

/**
 * The same recording with its first tick at a moment that suits the schedule of a collector, all of it before `ms`. Processes
 * that came within the recording start with their first tick; the others are an hour old.
 */
export function onSchedule(recording: Recording, ms: number): Recording {
  const zeroMs = Math.floor(ms / intervalMs - mostTicks) * intervalMs;
  const firstTick = new Map<string, number>();
  for (const { pod, incarnation, tick } of recording.scrapes) {
    const process = `${pod}/${incarnation}`;
    firstTick.set(process, Math.min(tick, firstTick.get(process) ?? tick));
  }
  const scrapes = recording.scrapes.map((scrape) => {
    const first = firstTick.get(`${scrape.pod}/${scrape.incarnation}`) ?? 0;
    const startedMs = first === 0 ? zeroMs - 3_600_000 : zeroMs + first * intervalMs;
    return { ...scrape, startedMs, ms: zeroMs + scrape.tick * intervalMs };
  });
  return { ...recording, intervalMs, scrapes };
}

/** No recording has more. */
const mostTicks = 30;

/**
 * Scrapes recordings, which are on schedule from the same moment on, into a folder: an API server tells of their pods, a
 * pprof server answers for them, and the parts of the daemon are joined as `app.ts` joins them. Time is mocked and moves on
 * when nothing is under way, so that it takes seconds. The store is closed in the end.
 */
export async function scrapeRecordings(
  t: TestContext,
  recordings: readonly Recording[],
  dataDir: string,
): Promise<void> {
  const zeroMs = Math.min(...recordings.flatMap(({ scrapes }) => scrapes.map(({ ms }) => ms)));
  const lastTick = Math.max(...recordings.map(lastTickOf));
  await using apiServer = await startFakeApiServer();
  const clusters = recordings.map((recording, index) =>
    recordedCluster(apiServer, { recording, network: index + 1, collectorId, phase }),
  );
  await using server = await startPprofServer(podsOf(clusters, zeroMs));
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: zeroMs - 1000 });
  const processes = clusters.map((cluster) => cluster.moveTo(0));
  const collector = await startCollector(dataDir, apiServer.kubeconfig(), server);
  try {
    for (let tick = 0; tick <= lastTick; tick++) {
      await collector.passUntil(t, zeroMs + tick * intervalMs);
      if (tick === 0) collector.discover();
      for (const [index, cluster] of clusters.entries()) {
        // A recording that is over leaves its pods as they are, and they answer no more.
        if (tick > 0 && tick <= lastTickOf(cluster.recording)) processes[index] = cluster.moveTo(tick);
      }
      await collector.passUntilScraping(t, new Set(processes.flatMap((of) => [...of])));
    }
    await collector.passUntil(t, zeroMs + (lastTick + 1) * intervalMs);
  } finally {
    t.mock.timers.reset();
    await collector.close();
  }
}

function lastTickOf({ scrapes }: Recording): number {
  return Math.max(...scrapes.map(({ tick }) => tick));
}

/** Answers what the recording has for the pod at this address at this tick; a missed scrape is a 500. */
function podsOf(clusters: readonly RecordedCluster[], zeroMs: number): Script {
  const files = new Map(
    clusters.flatMap(({ recording }, index) =>
      recording.scrapes.map((scrape) => [`${index} ${scrape.pod} ${scrape.tick}`, scrape.files] as const),
    ),
  );
  return ({ path }) => {
    const [, address = '', , , name = ''] = path.split('/');
    const index = clusters.findIndex((cluster) => cluster.podAt(address) !== undefined);
    const tick = Math.floor((Date.now() - zeroMs) / intervalMs);
    const bytes = files.get(`${index} ${clusters[index]?.podAt(address)} ${tick}`)?.[name === 'profile' ? 'cpu' : name];
    return bytes ? { kind: 'profile', bytes } : { kind: 'status', status: 500, text: 'missed' };
  };
}

/** The parts that scrape and store, with a transport that finds all pods on one server of this machine. */
async function startCollector(dataDir: string, kubeconfig: string, server: PprofServer) {
  const { config } = configOf([
    { data: dataDir, discovery: { kubernetes: 'on', kubeconfig }, log: { level: 'error' } },
  ]);
  const logger = createLogger(config.log);
  const faults: Error[] = [];
  const ingest = await startIngest({ ...ingestOptions(config), onError: (error) => faults.push(error) });
  const access = (await openCluster(config)) ?? assert.fail('no cluster');
  const transport = new MappedTransport(safetyCheck(safetyRules(config, access)), server.port);
  let ingesting = 0;
  let submittedMs = 0;
  const pool = new ScrapePool({
    collectorId,
    transports: new TransportBook({ transports: [transport] }),
    limits: scrapeLimits(config),
    async ingest(job) {
      ingesting++;
      submittedMs = Date.now();
      try {
        return await ingest.submit(job);
      } finally {
        ingesting--;
      }
    },
  });
  const watched = watchCluster({
    access,
    config,
    logger,
    paused: [],
    probe: () => Promise.resolve(undefined),
    onProcessEnd: (id, endedMs) => ingest.endProcess(id, endedMs),
    now: Date.now,
  });
  let discovering: AsyncDisposable | undefined;

  /** One step of time: as large as `mostMs` when nothing is under way, small while something waits for a timer, else none. */
  async function step(t: TestContext, mostMs: number): Promise<void> {
    await turn();
    // What is to be stored waits a few milliseconds for company; from then on the thread is at work.
    const waitsForCompany = ingesting > 0 && Date.now() - submittedMs < 30;
    if (transport.underWay === 0 && waitsForCompany) t.mock.timers.tick(10);
    else if (transport.underWay > 0 || ingesting > 0) await realTime(1);
    else {
      t.mock.timers.tick(mostMs);
      for (let turns = 0; turns < 3; turns++) await turn();
    }
  }

  return {
    discover() {
      discovering = runDiscoverers(
        [watched.discoverer],
        (groups) => pool.sync(groups),
        (error) => faults.push(error),
      );
    },
    async passUntil(t: TestContext, ms: number): Promise<void> {
      while (Date.now() < ms) {
        const due = pool.statuses().flatMap(({ scrapes }) => scrapes.map(({ nextScrapeMs = ms }) => nextScrapeMs));
        await step(t, Math.max(5, Math.min(ms, ...due) - Date.now()));
      }
    },
    /**
     * Until exactly these processes are scraped, which must be before the others are due. News takes real time first, then
     * what it takes to gather them.
     */
    async passUntilScraping(t: TestContext, processes: ReadonlySet<string>): Promise<void> {
      const wanted = [...processes].sort().join();
      const startMs = Date.now();
      for (let round = 0; ; round++) {
        const active = pool
          .statuses()
          .flatMap(({ target }) => (target.state.kind === 'active' ? [target.process.id] : []));
        if (active.sort().join() === wanted) return;
        const passedMs = Date.now() - startMs;
        assert.ok(passedMs < phase.fromMs, `scraped are ${active.join()} instead of ${wanted}`);
        await realTime(3);
        if (round > 40) await step(t, passedMs < gatheringMs ? 25 : 2);
      }
    },
    async close(): Promise<void> {
      await discovering?.[Symbol.asyncDispose]();
      await watched[Symbol.asyncDispose]();
      await pool.close(0);
      await access[Symbol.asyncDispose]();
      await ingest[Symbol.asyncDispose]();
      assert.deepEqual(faults, []);
    },
  };
}

/** Timers are mocked, but not this one. */
const realSetTimeout = setTimeout;

function realTime(ms: number): Promise<void> {
  return new Promise((resolve) => realSetTimeout(resolve, ms));
}

/** Asks `http://127.0.0.1:PORT/ADDRESS/…` where a pod's own address is meant, after the check that the address must pass. */
class MappedTransport implements Transport {
  readonly name = 'direct';
  underWay = 0;
  readonly #refuse: ReturnType<typeof safetyCheck>;
  readonly #direct = new DirectTransport({ refuse: () => undefined });
  readonly #port: number;

  constructor(refuse: ReturnType<typeof safetyCheck>, port: number) {
    this.#refuse = refuse;
    this.#port = port;
  }

  async fetch(target: Target, request: FetchRequest, signal: AbortSignal): Promise<FetchReply> {
    const { endpoint, path } = request;
    assert.equal(this.#refuse(target, endpoint), undefined);
    const mapped = { ...endpoint, host: '127.0.0.1', port: this.#port };
    this.underWay++;
    try {
      return await this.#direct.fetch(
        target,
        { ...request, endpoint: mapped, path: `/${endpoint.host}${path}` },
        signal,
      );
    } finally {
      this.underWay--;
    }
  }
}
