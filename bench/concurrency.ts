import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { hour, minute } from '../src/model/units.ts';
import type { Daemon } from '../test/support/daemon.ts';
import { Asker } from './budgets/ask.ts';
import { fillHeads, moveToRecent } from './budgets/fill.ts';
import type { Fed } from './concurrency/feeder.ts';
import { cpuSeconds, metric, openDaemon, residentBytes } from './daemon.ts';
import { median, printTable, quantile, shortNumber } from './table.ts';
import { wideParts } from './workload/reference.ts';

/**
 * Small questions while profiles pour in and an hour of them is compacted:
 *
 *     node bench/concurrency.ts [--rate 200] [--seconds 60] [--services 50] [--runs 3]
 *
 * The store holds an hour of the workload that is over and not yet compacted: the daemon does it within the minute.
 */
const { values: options } = parseArgs({
  options: {
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '60' },
    services: { type: 'string', default: '50' },
    runs: { type: 'string', default: '3' },
  },
});
const services = Number(options.services);
const seconds = Number(options.seconds);
const questionsPerSecond = 20;
/** Of a minute: the daemon starts, is warm, and then the minute's jobs begin. */
const startSecond = 48;
/** The daemon's event loop is looked at this often, which is part of what its lag metric shows. */
const lagResolutionMs = 10;

interface Run {
  readonly rate: number;
  readonly acknowledgeMs: readonly [p50: number, p99: number];
  readonly questionMs: readonly [p50: number, p99: number];
  readonly loopDelayMs: number;
  readonly compacted: number;
  /** From the start of the load until all of the hour was compacted and rolled up. */
  readonly compactedAfterSeconds: number;
  readonly compactionCpuSeconds: number;
  readonly cores: number;
  readonly residentMb: number;
}

const folder = mkdtempSync(join(tmpdir(), 'flameherd-concurrency-'));
try {
  const filled = join(folder, 'filled');
  const parts = wideParts.filter(({ fromService }) => fromService < services);
  const moveMs = moveToRecent(Date.now());
  const { fromMs, profiles } = await fillHeads(
    filled,
    parts.map((part) => ({ ...part, toService: Math.min(part.toService, services) })),
    moveMs,
  );
  console.log(`${options.rate} profiles/s for ${seconds} s; ${profiles} profiles of an hour wait for compaction\n`);
  const runs: Run[] = [];
  for (let run = 0; run < Number(options.runs); run++) {
    const dataDir = join(folder, `run-${run}`);
    cpSync(filled, dataDir, { recursive: true });
    runs.push(await runOnce(dataDir, fromMs));
    rmSync(dataDir, { recursive: true });
  }
  print(runs);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function runOnce(dataDir: string, hourMs: number): Promise<Run> {
  // Compaction begins with the minute; the daemon is to have met nothing of it yet.
  await delay(untilSecond(startSecond));
  const daemon = await openDaemon(dataDir);
  try {
    const { pid } = daemon.process;
    await ask(daemon, hourMs, 2);
    await loopDelayMs(daemon);
    const cpuBefore = cpuSeconds(pid);
    const startMs = performance.now();
    const compacting = untilCompacted(daemon);
    const [fed, questionTimes] = await Promise.all([feed(daemon), ask(daemon, hourMs, seconds)]);
    const delayMs = await loopDelayMs(daemon);
    const [cores, residentMb] = [(cpuSeconds(pid) - cpuBefore) / fed.seconds, residentBytes(pid) / 1e6];
    const compactedAtMs = await compacting;
    return {
      rate: fed.acknowledged / fed.seconds,
      acknowledgeMs: [quantile(fed.latencies, 0.5), quantile(fed.latencies, 0.99)],
      questionMs: [quantile(questionTimes, 0.5), quantile(questionTimes, 0.99)],
      loopDelayMs: delayMs,
      compacted: (await metric(daemon, 'flameherd_compacted_profiles_total')) ?? 0,
      compactedAfterSeconds: (compactedAtMs - startMs) / 1000,
      compactionCpuSeconds: (await metric(daemon, 'flameherd_compaction_cpu_seconds_total')) ?? 0,
      cores,
      residentMb,
    };
  } finally {
    await daemon.stop();
  }
}

/** When the waiting hour was compacted; gives up after some minutes. */
async function untilCompacted(daemon: Daemon): Promise<number> {
  const lastMs = performance.now() + 5 * minute;
  while (performance.now() < lastMs && !daemon.log.some(({ message }) => String(message).startsWith('compacted'))) {
    await delay(250);
  }
  return performance.now();
}

/** Milliseconds until a second of the clock's minute. */
function untilSecond(second: number): number {
  return (minute + second * 1000 - (Date.now() % minute)) % minute;
}

/** Since it was last asked. */
async function loopDelayMs(daemon: Daemon): Promise<number> {
  const lag = (await metric(daemon, 'nodejs_eventloop_lag_p99_seconds')) ?? Number.NaN;
  return Math.max(0, 1000 * lag - lagResolutionMs);
}

async function feed(daemon: Daemon): Promise<Fed> {
  const script = fileURLToPath(new URL('./concurrency/feeder.ts', import.meta.url));
  const fromMs = Date.now() - 5 * minute;
  const args = [script, daemon.url, options.rate, options.seconds, String(fromMs), String(services)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const text = await Array.fromAsync(child.stdout as AsyncIterable<Buffer>);
  return JSON.parse(Buffer.concat(text).toString()) as Fed;
}

/** One service and one hour each, by turns what is being written and what is being compacted; at a rate, come what may. */
async function ask(daemon: Daemon, hourMs: number, forSeconds: number): Promise<number[]> {
  const asker = new Asker(daemon);
  const startMs = performance.now();
  const asked: Promise<number>[] = [];
  for (let number = 0; number < forSeconds * questionsPerSecond; number++) {
    const dueMs = startMs + (1000 * number) / questionsPerSecond;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await delay(waitMs);
    const query = `${number % 4 < 2 ? 'cpu' : 'heap'}{workload="svc-${(7 * number) % services}"}`;
    const fromMs = number % 2 === 0 ? hourMs : Date.now() - hour;
    const parameters = { query, from: fromMs, to: fromMs + hour, format: 'flamegraph' };
    asked.push(asker.ask('/api/v1/merge', parameters).then(({ ms }) => ms));
  }
  const times = await Promise.all(asked);
  asker.close();
  return times;
}

function print(runs: readonly Run[]): void {
  const row = (name: string, of: (run: Run) => number, goal = ''): string[] => [
    name,
    ...runs.map((run) => shortNumber(of(run))),
    shortNumber(median(runs.map(of))),
    goal,
  ];
  printTable(
    ['', ...runs.map((_, at) => `run ${at + 1}`), 'median', 'goal'],
    [
      row('profiles/s acknowledged', ({ rate }) => rate, options.rate),
      row('acknowledged after, p50, ms', ({ acknowledgeMs }) => acknowledgeMs[0]),
      row('acknowledged after, p99, ms', ({ acknowledgeMs }) => acknowledgeMs[1]),
      row(`small questions, ${questionsPerSecond}/s, p50, ms`, ({ questionMs }) => questionMs[0]),
      row(`small questions, ${questionsPerSecond}/s, p99, ms`, ({ questionMs }) => questionMs[1], '≤ 100'),
      row('delay of the main loop, p99, ms', ({ loopDelayMs: delayMs }) => delayMs, '≤ 20'),
      row('profiles compacted', ({ compacted }) => compacted),
      row('… s after the load began', ({ compactedAfterSeconds }) => compactedAfterSeconds, `≤ ${seconds}`),
      row('compaction and roll-ups, CPU s', ({ compactionCpuSeconds }) => compactionCpuSeconds),
      row('cores', ({ cores }) => cores),
      row('RSS at the end, MB', ({ residentMb }) => residentMb),
    ],
  );
}
