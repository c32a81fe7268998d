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
import { DirectTransport } from '../../src/scrape/transports/direct.ts';
import type { FetchReply, FetchRequest, Transport } from '../../src/scrape/transports/transport.ts';
import { cpuSeconds, type RecordedCluster, recordedCluster } from './app-cluster.ts';
import type { Recording } from './app-recording.ts';
import { startFakeApiServer } from './fake-api-server.ts';
import { type PprofServer, type Script, startPprofServer } from './pprof-server.ts';
import { specOf } from './scrape-targets.ts';

/** A recording to be scraped: its tick k is at `tickZeroMs + k · intervalMs`, a multiple of the interval. */
export interface ScrapedRecording {
  readonly recording: Recording;
  readonly tickZeroMs: number;
}

/** Each pod is scraped this long after the tick, as near to each other as the pods of a recording were. */
const phase = { fromMs: 3000, widthMs: 100 };
/** How long changes of the cluster are gathered, by the watch and then by discovery. */
const gatheringMs = 2000;
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

/**
 * The same recording with a tick every two minutes, where the schedule of a collector has them, all of it before `ms`. (Kinds are
 * scraped one after the other, seconds apart: of a short interval that would be a large part.) Processes that came within
 * the recording start with their first tick; the others are an hour old.
 */
export function onSchedule(original: Recording, ms: number): ScrapedRecording {
  const recording = { ...original, intervalMs: 120_000 };
  const { intervalMs } = recording;
  const ticks = Math.max(...recording.scrapes.map(({ tick }) => tick)) + 2;
  const tickZeroMs = Math.floor(ms / intervalMs - ticks) * intervalMs;
  const firstTick = new Map<string, number>();
  for (const { pod, incarnation, tick } of recording.scrapes) {
    const process = `${pod}/${incarnation}`;
    firstTick.set(process, Math.min(tick, firstTick.get(process) ?? tick));
  }
  const scrapes = recording.scrapes.map((scrape) => {
    const first = firstTick.get(`${scrape.pod}/${scrape.incarnation}`) ?? 0;
    const startedMs = first === 0 ? tickZeroMs - 3_600_000 : tickZeroMs + first * intervalMs;
    return { ...scrape, startedMs, ms: tickZeroMs + scrape.tick * intervalMs };
  });
  return { recording: { ...recording, scrapes }, tickZeroMs };
}

/**
 * Scrapes a whole recording into a folder: an API server tells of its pods, a pprof server answers for them, and the parts of
 * the daemon are joined as `app.ts` joins them. Time is mocked and moves on when nothing is under way, so that it takes
 * seconds. The store is closed in the end.
 */
export async function scrapeRecording(t: TestContext, scraped: ScrapedRecording, dataDir: string): Promise<void> {
  const { recording, tickZeroMs } = scraped;
  const { intervalMs } = recording;
  await using apiServer = await startFakeApiServer();
  const cluster = recordedCluster(apiServer, { recording, collectorId, phase });
  await using server = await startPprofServer(podsOf(scraped, cluster));
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: tickZeroMs - 1000 });
  const ticks = new Set(recording.scrapes.map(({ tick }) => tick));
  let processes = cluster.moveTo(0);
  const collector = await startCollector(dataDir, apiServer.kubeconfig(), server);
  try {
    for (const tick of ticks) {
      await collector.passUntil(t, tickZeroMs + tick * intervalMs);
      if (tick > 0) processes = cluster.moveTo(tick);
      else collector.discover();
      await collector.passUntilScraping(t, processes);
    }
    await collector.passUntil(t, tickZeroMs + ticks.size * intervalMs);
  } finally {
    t.mock.timers.reset();
    await collector.close();
  }
}

/** Answers what the recording has for the pod at this address at this tick; a missed scrape is a 500. */
function podsOf({ recording, tickZeroMs }: ScrapedRecording, cluster: RecordedCluster): Script {
  const byPod = new Map(recording.scrapes.map((scrape) => [`${scrape.pod} ${scrape.tick}`, scrape]));
  return ({ path }) => {
    const [, address = '', , , name = ''] = path.split('/');
    const tick = Math.floor((Date.now() - tickZeroMs) / recording.intervalMs);
    const scrape = byPod.get(`${cluster.podAt(address)} ${tick}`);
    const bytes = scrape?.files[name === 'profile' ? 'cpu' : name];
    if (bytes) return { kind: 'profile', bytes };
    return { kind: 'status', status: 500, text: scrape ? 'missed' : 'no such pod now' };
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
    transports: [transport],
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
        if (round > 20) await step(t, passedMs < gatheringMs ? 25 : 1);
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
