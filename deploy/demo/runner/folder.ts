import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where people and programs reach the parts of a demo that runs; undefined when there is no such part. */
export interface DemoUrls {
  readonly api: string;
  readonly checkout: string;
  readonly search: string;
  readonly prometheus: string | undefined;
  /** The page of Prometheus for people. */
  readonly alerts: string | undefined;
}

interface Running extends DemoUrls {
  readonly pid: number;
}

const file = (folder: string): string => join(folder, 'running.json');

/** Lets `npm run demo -- leak` find the demo of another terminal. */
export async function sayRunning(folder: string, urls: DemoUrls): Promise<void> {
  await writeFile(file(folder), `${JSON.stringify({ pid: process.pid, ...urls } satisfies Running, null, 2)}\n`);
}

export async function sayEnded(folder: string): Promise<void> {
  await rm(file(folder), { force: true });
}

/** The demo that runs on this folder, if one does. */
export async function runningDemo(folder: string): Promise<DemoUrls | undefined> {
  const text = await readFile(file(folder), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const running = JSON.parse(text) as Running;
  return isAlive(running.pid) ? running : undefined;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
