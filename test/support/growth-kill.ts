import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { CounterWatch, seriesKey } from './counter-watch.ts';
import { type Daemon, startDaemon, temporaryFolder } from './daemon.ts';
import { objectBytes, type SyntheticProgram, serveSynthetic } from './growth-targets.ts';
import { freePort, type Prometheus, startPrometheus } from './prometheus.ts';

export interface KillRun {
  readonly programs: readonly SyntheticProgram[];
  readonly kills: number;
  readonly intervalSeconds: number;
  readonly bucketSeconds: number;
  /** How long the first daemon lives. */
  readonly firstLifeMs: number;
  /** The shortest and the longest life of the others, and how long after a kill there is none. */
  readonly livesMs: readonly [number, number];
  readonly gapsMs: readonly [number, number];
  /** The rules that Prometheus evaluates. */
  readonly rules: readonly string[];
}

/** The window of every `rate()`. */
export const rateSeconds = 30;
/** A counter may be read this many times as fast as it really rose. */
export const mostOfTruth = 1.5;
/** Prometheus and the watch read at moments of their own. */
const slackMs = 1500;

export interface KilledRun {
  readonly daemon: Daemon;
  readonly prometheus: Prometheus;
  readonly watch: CounterWatch;
  readonly startedMs: number;
  /** When the first daemon was killed. */
  readonly firstKillMs: number;
  readonly endedMs: number;
}

/**
 * A daemon that scrapes programs whose counters are known, killed by SIGKILL again and again at moments that are drawn, and a
 * Prometheus that scrapes it each second all along. `look` is called before each kill and at the end.
 */
export async function runWithKills(
  t: TestContext,
  run: KillRun,
  look: (daemon: Daemon, kill: number) => Promise<void>,
): Promise<KilledRun> {
  const folder = await temporaryFolder(t);
  const server = await serveSynthetic(run.programs);
  t.after(() => server.close());
  const [port, opsPort] = [await freePort(), await freePort()];
  const ops = `127.0.0.1:${opsPort}`;
  const prometheus = await startPrometheus({ targets: [ops], rules: run.rules });
  t.after(() => prometheus[Symbol.asyncDispose]());
  const start = () =>
    startDaemon(
      folder,
      [
        '--listen',
        `127.0.0.1:${port}`,
        '--ops-listen',
        ops,
        '--no-self',
        '--interval',
        `${run.intervalSeconds}s`,
      ].concat(run.programs.flatMap(({ name }) => ['--target', `${name}=${server.url}/${name}/debug/pprof`])),
      {
        FLAMEHERD_SCRAPE_PROFILES: 'cpu,heap,goroutine',
        FLAMEHERD_SCRAPE_CPU_SECONDS: '1',
        FLAMEHERD_GROWTH_BUCKET: `${run.bucketSeconds}s`,
      },
    );
  const watch = new CounterWatch(`http://${ops}`);
  const startedMs = Date.now();
  let firstKillMs = 0;
  for (let kill = 0; ; kill++) {
    const daemon = await start();
    t.after(() => daemon.kill());
    const stopping = new AbortController();
    const following = watch.follow(stopping.signal);
    await delay(kill === 0 ? run.firstLifeMs : between(run.livesMs));
    await look(daemon, kill);
    if (kill === run.kills) {
      stopping.abort();
      await following;
      return { daemon, prometheus, watch, startedMs, firstKillMs, endedMs: Date.now() };
    }
    await daemon.kill();
    firstKillMs ||= Date.now();
    await following;
    await delay(between(run.gapsMs));
  }
}

/** What a counter must rise by in a second, known from what the programs do and from the schedule. */
export interface KnownRate {
  /** Selects one series. */
  readonly selector: string;
  readonly perSecond: number;
}

export function knownRates({ programs, intervalSeconds }: KillRun): readonly KnownRate[] {
  return programs.flatMap(({ name: workload, functions }) => {
    const of = (name: string, perSecond: number, more = ''): KnownRate => ({
      selector: `${name}{workload="${workload}"${more}}`,
      perSecond,
    });
    const allocated = functions.reduce((sum, { allocates }) => sum + allocates, 0);
    return [
      of('flameherd_heap_alloc_bytes_total', allocated),
      of('flameherd_heap_alloc_objects_total', allocated / objectBytes),
      ...functions.flatMap(({ name, allocates, cores }) => [
        of('flameherd_function_heap_alloc_bytes_total', allocates, `,function="${name}"`),
        of('flameherd_function_cpu_seconds_total', cores, `,function="${name}"`),
      ]),
      // cpu, heap and goroutine.
      of('flameherd_scrapes_total', 3 / intervalSeconds),
    ];
  });
}

export interface SeriesRates {
  readonly series: string;
  readonly points: readonly { readonly timeMs: number; readonly value: number }[];
}

/** What `rate()` gave in each second from a moment to the end, by series. */
export async function ratesOf(run: KilledRun, selector: string, fromMs: number, toMs = run.endedMs) {
  const expression = `rate(${selector}[${rateSeconds}s])`;
  const found = await run.prometheus.queryRange(expression, fromMs, toMs, 1000);
  const [name = ''] = selector.split('{');
  return found.map(({ labels, points }): SeriesRates => ({ series: seriesKey(name, labels), points }));
}

/** Moments at which Prometheus said more than the daemons counted, worst of each series. */
export function overcounted(watch: CounterWatch, { series, points }: SeriesRates): string | undefined {
  let worst = { times: 0, text: '' };
  for (const { timeMs, value } of points) {
    const counted = watch.increase(series, timeMs - rateSeconds * 1000 - slackMs, timeMs + slackMs);
    const read = value * rateSeconds;
    const times = read / counted;
    if (read > mostOfTruth * counted + 1e-9 && times > worst.times)
      worst = { times, text: `${series}: ${read} read, ${counted} counted in ${rateSeconds} s` };
  }
  return worst.times > 0 ? worst.text : undefined;
}

function between([least, most]: readonly [number, number]): number {
  return least + (most - least) * Math.random();
}

/** A counter that goes on from an older value is the mistake that this is about. */
export function assertBeginsAnew(watch: CounterWatch, series: string): void {
  const { before, after } = watch.acrossKill(0, series) ?? { before: 0, after: 0 };
  if (before > 0) assert.ok(after <= before / 2, `${series} was ${before} before the kill and ${after} after it`);
}
