import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { FunctionSeries } from '../src/app/function-series.ts';
import { Numbers } from '../src/app/numbers.ts';
import { ingestOptions } from '../src/app/settings.ts';
import { configOf } from '../src/config/load.ts';
import { type IngestThread, startIngest } from '../src/ingest/client.ts';
import { rankEveryMs } from '../src/ingest/growth/settings.ts';
import type { IngestJob } from '../src/ingest/messages.ts';
import type { GrowthSignal, GrowthVerdict, SignalVerdict, WorkloadNumbers } from '../src/model/growth.ts';
import type { Target } from '../src/model/target.ts';
import { createMetrics, type MetricsRegistry } from '../src/observe/metrics.ts';
import { ScrapePool } from '../src/scrape/scrape-pool.ts';
import { TransportBook } from '../src/scrape/transport-book.ts';
import { registerAllMetrics } from '../test/support/all-metrics.ts';
import { kinds, ProfilesOfPods, podOf, profileOf } from './metrics/cluster.ts';
import { median, printTable, shortNumber } from './table.ts';

/**
 * What a page of /metrics takes and how large it is with many workloads: the real pool scrapes pods that answer at once,
 * the real ingest thread stores and counts, and the page is that of the daemon. CPU is of all threads. `all changed`: every
 * process had a new heap and CPU profile since the page before, as when Prometheus asks once a minute. Arguments: workloads,
 * pods of each; `--max-series N`.
 */

const [workloads = 500, pods = 4] = process.argv
  .slice(2)
  .filter((text) => /^\d+$/.test(text))
  .map(Number);
const maxSeriesAt = process.argv.indexOf('--max-series');
const goal = { cpuMs: 50, bytes: 2_000_000 };
const rounds = 5;
const warmUpRounds = 3;
const quietPages = 20;

const dataDir = mkdtempSync(join(tmpdir(), 'flameherd-bench-metrics-'));
try {
  await run();
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const { config } = configOf([
    { data: dataDir, metrics: maxSeriesAt < 0 ? {} : { maxSeries: Number(process.argv[maxSeriesAt + 1]) } },
  ]);
  const fail = (error: Error): void => {
    throw error;
  };
  await using ingest = await startIngest({ ...ingestOptions(config), onError: fail });
  const functions = new FunctionSeries(config.metrics.maxSeries);
  const numbers = new Numbers({ ingest, functions, now: Date.now });
  const metrics = createMetrics();
  const targets = Array.from({ length: workloads * pods }, (_, index) => podOf(Math.floor(index / pods), index % pods));
  await using pool: ScrapePool = new ScrapePool({
    collectorId: 'bench',
    transports: new TransportBook({ transports: [new ProfilesOfPods()] }),
    ingest: (job) => ingest.submit(job),
    metrics: registerAllMetrics(metrics, {
      snapshot: () => pool.snapshot(),
      app: { numbers, targets: () => pool.targets(), storeLimitBytes: () => config.storage.maxBytes, now: Date.now },
      growth: {
        workloads: () => numbers.workloads,
        functions,
        verdicts: () => verdictsOf(numbers.workloads),
        targets: () => pool.targets(),
        ingest: () => numbers.ingest?.growth,
      },
    }),
    limits: { firstScrapes: { perSecond: 10_000, burst: 10_000 } },
  });
  pool.sync(targets.map((target) => ({ key: target.source, targets: [target] })));
  await stored(ingest, targets.length * kinds.length);
  for (let round = 2; round < 2 + warmUpRounds; round++) {
    await scrapeAgain(ingest, targets, round);
    await page(numbers, metrics);
  }
  // Which functions are the largest is looked at once in a while; the first time nothing was allocated yet.
  await delay(rankEveryMs);
  const changed: Page[] = [];
  for (let round = 0; round < rounds; round++) {
    await scrapeAgain(ingest, targets, 2 + warmUpRounds + round);
    changed.push(await page(numbers, metrics));
  }
  const quiet: Page[] = [];
  for (let index = 0; index < quietPages; index++) quiet.push(await page(numbers, metrics));
  report(changed, quiet);
}

interface Page {
  readonly cpuMs: number;
  readonly ms: number;
  readonly body: string;
}

/** As `/metrics` answers it, over all threads of the process. */
async function page(numbers: Numbers, metrics: MetricsRegistry): Promise<Page> {
  const [before, startMs] = [process.cpuUsage(), performance.now()];
  await numbers.refresh();
  const { body } = await metrics.text();
  Buffer.from(body);
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1000, ms: performance.now() - startMs, body };
}

/** A heap and a CPU profile of every process, a minute after the last ones as their stamps have it. */
async function scrapeAgain(ingest: IngestThread, targets: readonly Target[], round: number): Promise<void> {
  for (let from = 0; from < targets.length; from += 200) {
    const some = targets
      .slice(from, from + 200)
      .flatMap((target) => [jobOf(target, 'heap', round), jobOf(target, 'cpu', round)]);
    for (const outcome of await Promise.all(some.map((job) => ingest.submit(job)))) {
      if (outcome.kind !== 'stored') throw new Error(JSON.stringify(outcome));
    }
  }
  // Garbage of what was stored is collected now, not while a page is measured.
  await delay(500);
}

function jobOf(target: Target, kind: 'heap' | 'cpu', round: number): IngestJob {
  return {
    source: target.source,
    labels: target.labels,
    process: target.process,
    kind,
    bytes: profileOf(target, kind, round),
    stampMs: Date.now() + round * 10_000,
    intervalMs: 60_000,
    origin: 'scrape',
    firstKnownMs: Date.now() - 60_000,
    asDelta: false,
    endedMs: undefined,
  };
}

async function stored(ingest: IngestThread, count: number): Promise<void> {
  for (let seen = 0; seen < count; ) {
    await delay(200);
    ({ stored: seen } = await ingest.stats());
  }
}

/** As the detector would have it: one workload in twenty grows. Made anew for each page, at the cost of some objects. */
function verdictsOf(all: readonly WorkloadNumbers[]): readonly GrowthVerdict[] {
  return all.map(({ workload }, index) => ({
    workload,
    atMs: 0,
    processes: pods,
    signals: (['heap', 'goroutines', 'allocations'] as const).map((signal) => signalOf(signal, index % 20 === 0)),
  }));
}

function signalOf(signal: GrowthSignal, isFound: boolean): SignalVerdict {
  return {
    signal,
    tier: isFound ? 'suspected' : undefined,
    startMs: 1_800_000_000_000,
    perSecond: 1234.5678,
    rise: 3,
    baseline: { kind: 'plateau', level: 2 },
    functions: [],
    pods: [],
    judged: pods,
    gates: [],
  };
}

function report(changed: readonly Page[], quiet: readonly Page[]): void {
  const body = changed.at(-1)?.body ?? '';
  const row = (name: string, pages: readonly Page[]): string[] => [
    name,
    shortNumber(median(pages.map(({ cpuMs }) => cpuMs))),
    shortNumber(Math.min(...pages.map(({ cpuMs }) => cpuMs))),
    shortNumber(median(pages.map(({ ms }) => ms))),
  ];
  printTable(['page', 'CPU ms', 'least', 'ms'], [row('all changed', changed), row('nothing changed', quiet)]);
  console.log();
  const families = Map.groupBy(
    body.split('\n').filter((line) => line !== ''),
    (line) => (line.startsWith('#') ? (line.split(' ')[2] ?? '') : (/^\w+/.exec(line)?.[0] ?? '')),
  );
  const sized = [...families].map(([name, lines]) => ({
    name,
    series: lines.filter((line) => !line.startsWith('#')).length,
    bytes: lines.join('\n').length + 1,
  }));
  const largest = sized.sort((a, b) => b.bytes - a.bytes).slice(0, 24);
  printTable(
    ['metric', 'series', 'KB', 'bytes each'],
    largest.map(({ name, series, bytes }) => [
      name,
      String(series),
      shortNumber(bytes / 1000),
      shortNumber(bytes / series),
    ]),
  );
  const series = sized.reduce((sum, each) => sum + each.series, 0);
  console.log(
    `\n${workloads} workloads of ${pods} pods: ${series} series, ${(Buffer.byteLength(body) / 1e6).toFixed(2)} MB, ${(gzipSync(body).length / 1e6).toFixed(2)} MB as gzip; goal ${goal.bytes / 1e6} MB, ${goal.cpuMs} ms CPU`,
  );
}
