import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DemoError } from './demo-error.ts';

export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Answers with 200 as soon as it is ready. */
  readonly readyUrl: string;
}

/** How long a start may take: the first one on a slow machine compiles everything. */
const startMs = 60_000;
/** After so long an end is forced; the daemon drains for 25 s at most. */
const endMs = 30_000;

/** Programs that live and end together. What they print goes to `FOLDER/NAME.log`. */
export class Programs implements AsyncDisposable {
  readonly #folder: string;
  readonly #running: { readonly name: string; readonly child: ChildProcess }[] = [];
  readonly #broken = Promise.withResolvers<never>();
  #ending = false;

  constructor(folder: string) {
    this.#folder = folder;
    this.#broken.promise.catch(() => undefined);
  }

  /** Rejects when one of them ends by itself. */
  get broken(): Promise<never> {
    return this.#broken.promise;
  }

  /** Resolves when it is ready; rejects with the end of its log when it does not get so far. */
  async start({ name, command, args, env, readyUrl }: Program): Promise<void> {
    const log = openSync(this.#logOf(name), 'w');
    // In a group of its own: Ctrl-C is for us alone, and we end them one after the other.
    const child = spawn(command, [...args], {
      env: { ...ownEnvironment(), ...env },
      stdio: ['ignore', log, log],
      detached: true,
    });
    this.#running.push({ name, child });
    const failed = once(child, 'error').then(([error]) => Promise.reject(error as Error));
    void this.#whenEnded(name, child);
    await Promise.race([untilReady(readyUrl), this.broken, failed]).catch(async (error: unknown) => {
      throw new DemoError(`${name} does not start: ${messageOf(error)}\n${await this.#tailOf(name)}`, { cause: error });
    });
  }

  /** The youngest first; resolves when all have ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending = true;
    for (const { child } of this.#running.toReversed()) await endOf(child);
  }

  async #whenEnded(name: string, child: ChildProcess): Promise<void> {
    const [code, signal] = (await once(child, 'exit').catch(() => [])) as (number | string | null)[];
    if (!this.#ending) {
      this.#broken.reject(new DemoError(`${name} ended (${signal ?? code})\n${await this.#tailOf(name)}`));
    }
  }

  async #tailOf(name: string): Promise<string> {
    const text = await readFile(this.#logOf(name), 'utf8').catch(() => '');
    return text.trimEnd().split('\n').slice(-8).join('\n');
  }

  #logOf(name: string): string {
    return join(this.#folder, `${name}.log`);
  }
}

/** What a person's shell says of flameherd is not meant for the demo. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FLAMEHERD_')));
}

async function untilReady(url: string): Promise<void> {
  const givenUpMs = Date.now() + startMs;
  while (Date.now() < givenUpMs) {
    const response = await fetch(url).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return;
    await delay(100);
  }
  throw new DemoError(`${url} does not answer within ${startMs / 1000} s`);
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), endMs);
  await exit;
  clearTimeout(force);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
