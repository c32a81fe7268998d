import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const main = new URL('../../src/main.ts', import.meta.url).pathname;

export interface Daemon {
  readonly url: string;
  readonly opsUrl: string;
  readonly process: ChildProcess;
  /** What it logged, as parsed lines. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  getJson<T>(path: string): Promise<T>;
  /** SIGTERM, and waits; gives the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, and waits. */
  kill(): Promise<void>;
}

/**
 * Starts the real daemon as a process of its own on free ports; resolves when it listens. Throws with its log when it does
 * not. `entry` is its main file, that of the source unless given.
 */
export async function startDaemon(
  dataDir: string,
  flags: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  entry: string = main,
): Promise<Daemon> {
  const listen = ['--listen', '127.0.0.1:0', '--ops-listen', '127.0.0.1:0', '--data', dataDir];
  const child = spawn(process.execPath, [entry, 'serve', ...listen, ...flags], {
    env: { ...process.env, FLAMEHERD_LOG_FORMAT: 'json', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const log: Record<string, unknown>[] = [];
  const listening = Promise.withResolvers<Record<string, unknown>>();
  createInterface({ input: child.stderr }).on('line', (text) => {
    const line = parseLine(text);
    log.push(line);
    if (typeof line['api'] === 'string') listening.resolve(line);
  });
  void exited.then(([code]) =>
    listening.reject(new Error(`the daemon ended with ${code}: ${JSON.stringify(log.slice(-10))}`)),
  );
  const { api, ops } = await listening.promise;
  const url = String(api);
  return {
    url,
    opsUrl: String(ops),
    process: child,
    log,
    async getJson<T>(path: string): Promise<T> {
      const response = await fetch(new URL(path, url));
      const text = await response.text();
      if (!response.ok) throw new Error(`${path}: HTTP ${response.status} ${text}`);
      return JSON.parse(text) as T;
    },
    async stop() {
      child.kill('SIGTERM');
      return (await exited)[0];
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** A folder for a test's data, removed after it; tried again where a daemon that is ended later still makes files in it. */
export async function temporaryFolder(t: { after(cleanUp: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'flameherd-'));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Waits until `check` gives something; says what was last seen when it does not. */
export async function eventually<T>(
  check: () => Promise<T | undefined | false>,
  timeoutMs: number,
  what: string,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  let lastError: unknown;
  while (Date.now() < end) {
    try {
      const found = await check();
      if (found) return found;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`within ${timeoutMs} ms there was no ${what}`, { cause: lastError });
}

function parseLine(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { message: text };
  }
}
