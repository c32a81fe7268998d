import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { CounterWatch } from './counter-watch.ts';
import { type Daemon, eventually, startDaemon, temporaryFolder } from './daemon.ts';
import { printedRules } from './growth-answers.ts';
import { type SyntheticProgram, serveSynthetic } from './growth-targets.ts';
import { freePort, type Prometheus, startPrometheus } from './prometheus.ts';

export interface KillRun {
  readonly programs: readonly SyntheticProgram[];
  readonly profiles: readonly ('cpu' | 'heap' | 'goroutine')[];
  readonly intervalSeconds: number;
  readonly bucketSeconds: number;
  readonly kills: number;
  /** The first daemon lives until this is so, and as long as it takes to know rates without a kill. */
  readonly isSettled: (daemon: Daemon) => Promise<boolean>;
  /** The shortest and the longest life of the others, and for how long there is none after a kill. */
  readonly livesMs: readonly [number, number];
  readonly gapsMs: readonly [number, number];
  /** … but for so long once, half-way: what was not seen meanwhile must not look like a burst. */
  readonly outageMs: number;
}

export interface KilledRun {
  /** The last one, which is alive. */
  readonly daemon: Daemon;
  readonly prometheus: Prometheus;
  readonly watch: CounterWatch;
  readonly startedMs: number;
  readonly firstKillMs: number;
  readonly endedMs: number;
}

/** The window of every `rate()` that is looked at. */
export const rateMs = 30_000;
const settledWithinMs = 600_000;

/**
 * A daemon that scrapes programs whose counters are known, killed by SIGKILL again and again at moments that are drawn, and a
 * Prometheus that scrapes it each second all along, with the shipped rules. `look` is called before each kill and at the end.
 */
export async function runWithKills(
  t: TestContext,
  run: KillRun,
  look: (daemon: Daemon) => Promise<void>,
): Promise<KilledRun> {
  const cleanUps: (() => Promise<unknown>)[] = [];
  t.after(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  });
  const folder = await temporaryFolder({ after: (remove) => cleanUps.push(remove) });
  const server = await serveSynthetic(run.programs);
  cleanUps.push(() => server.close());
  const [api, ops] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const env = environmentOf(run);
  const rules = await printedRules(`http://${api}`, env);
  const prometheus = await startPrometheus({ targets: [ops], rules: [rules] });
  cleanUps.push(async () => prometheus[Symbol.asyncDispose]());
  const targets = run.programs.flatMap(({ name }) => ['--target', `${name}=${server.url}/${name}/debug/pprof`]);
  const flags = ['--listen', api, '--ops-listen', ops, '--no-self', ...targets];

  const watch = new CounterWatch(`http://${ops}`);
  const startedMs = Date.now();
  let firstKillMs = 0;
  for (let kill = 0; ; kill++) {
    const daemon = await startDaemon(folder, flags, env);
    cleanUps.push(() => daemon.kill());
    const stopping = new AbortController();
    const following = watch.follow(stopping.signal);
    await delay(kill === 0 ? 2 * rateMs : between(run.livesMs));
    if (kill === 0) await eventually(() => run.isSettled(daemon), settledWithinMs, 'first life that has settled');
    await look(daemon);
    if (kill === run.kills) {
      stopping.abort();
      await following;
      return { daemon, prometheus, watch, startedMs, firstKillMs, endedMs: Date.now() };
    }
    // Prometheus may have looked since the last reading.
    await watch.read();
    await daemon.kill();
    firstKillMs ||= Date.now();
    await following;
    await delay(kill === Math.floor(run.kills / 2) ? run.outageMs : between(run.gapsMs));
  }
}

function environmentOf({ profiles, intervalSeconds, bucketSeconds }: KillRun): Readonly<Record<string, string>> {
  return {
    FLAMEHERD_SCRAPE_INTERVAL: `${intervalSeconds}s`,
    FLAMEHERD_SCRAPE_PROFILES: profiles.join(),
    FLAMEHERD_SCRAPE_CPU_SECONDS: '1',
    FLAMEHERD_GROWTH_BUCKET: `${bucketSeconds}s`,
  };
}

function between([least, most]: readonly [number, number]): number {
  return least + (most - least) * Math.random();
}
