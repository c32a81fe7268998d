import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Daemon, startDaemon } from '../test/support/daemon.ts';
import { builtEntry } from './built.ts';
import { median } from './table.ts';

/** Flags and environment of a daemon that looks after a store and scrapes nothing. */
export const readingDaemon = ['--no-self', '--no-kubernetes'] as const;
/** As the image and `npm start` run it. */
export const shipped = {
  NODE_OPTIONS: '--max-semi-space-size=4',
  MALLOC_ARENA_MAX: '1',
};

/** Starts the daemon as it is shipped: built, and with what keeps its memory small. */
export async function openDaemon(
  dataDir: string,
  flags: readonly string[] = readingDaemon,
  env: NodeJS.ProcessEnv = {},
): Promise<Daemon> {
  const daemon = await startDaemon(dataDir, flags, { ...shipped, ...env }, builtEntry());
  await waitUntilReady(daemon);
  return daemon;
}

/** From `spawn` until `/-/ready` answers 200: the median of several starts, in milliseconds. */
export async function readyAfterMs(dataDir: string, starts: number): Promise<number> {
  const times: number[] = [];
  for (let start = 0; start < starts; start++) {
    const startedMs = performance.now();
    const daemon = await openDaemon(dataDir);
    times.push(performance.now() - startedMs);
    await daemon.stop();
  }
  return median(times);
}

/** Resident memory of a process as the kernel counts it, in bytes. */
export function residentBytes(pid: number | undefined, peak = false): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const [, kilobytes = '0'] = new RegExp(`^${peak ? 'VmHWM' : 'VmRSS'}:\\s+(\\d+)`, 'm').exec(status) ?? [];
  return Number(kilobytes) * 1024;
}

/** CPU of a process so far in seconds, all threads that it has. */
export function cpuSeconds(pid: number | undefined): number {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).reduce((sum, task) => sum + cpuNanos(`${tasks}/${task}/schedstat`), 0) / 1e9;
}

/** A thread may end while it is looked at. */
function cpuNanos(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8').split(' ')[0]);
  } catch {
    return 0;
  }
}

/** The value of a metric without labels; undefined where there is none. */
export async function metric(daemon: Daemon, name: string): Promise<number | undefined> {
  const text = await (await fetch(`${daemon.opsUrl}/metrics`)).text();
  const [, value] = new RegExp(`^${name} (\\S+)$`, 'm').exec(text) ?? [];
  return value === undefined ? undefined : Number(value);
}

async function waitUntilReady(daemon: Daemon): Promise<void> {
  for (;;) {
    const { status } = await fetch(`${daemon.opsUrl}/-/ready`);
    if (status === 200) return;
    await delay(5);
  }
}
