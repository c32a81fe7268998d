import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const source = resolve(import.meta.dirname, '../fixtures/programs/burn/main.go');

/** A Go program that uses a given share of one core and serves its own profiles. */
export interface BurningProgram extends AsyncDisposable {
  readonly url: string;
  /** What the kernel says that it has used until now. */
  used(): Promise<{ readonly unixMs: number; readonly cpuMs: number }>;
}

/** Builds the program into a folder and answers where it is. */
export function buildBurner(folder: string): string {
  const path = join(folder, 'burn');
  const built = spawnSync('go', ['build', '-o', path, source], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(built.stderr);
  return path;
}

/** Starts it; resolves when it listens. */
export async function startBurner(path: string, cores: number): Promise<BurningProgram> {
  const child = spawn(path, ['-cores', String(cores)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await firstLine(child);
  return {
    url,
    async used() {
      const response = await fetch(`${url}/used`);
      return (await response.json()) as { unixMs: number; cpuMs: number };
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the program has no output');
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('the program ended before it listened');
}
