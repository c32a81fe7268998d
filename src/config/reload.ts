import { isDeepStrictEqual } from 'node:util';
import { configKeys } from './keys.ts';

/**
 * Keys and sections that are in force from a reload on; the others need a restart. `docs/CONFIG.md` marks each. Live is what
 * one part holds and may exchange whole; what is built into threads, sockets, watches or the names of series is not.
 */
export const liveKeys = [
  'scrape.interval',
  'scrape.cpuSeconds',
  'scrape.profiles',
  'targets',
  'discovery.namespaces.include',
  'discovery.namespaces.exclude',
  'discovery.deny',
  'discovery.dialects',
  'discovery.pathPattern',
  'limits.minInterval',
  'limits.targetsPerNamespace',
  'storage.retention',
  'storage.rollup1h',
  'storage.rollup1d',
  'storage.maxBytes',
  'growth.deny',
  'growth.webhook',
  'metrics.maxSeries',
  'log.level',
  'log.slowQuery',
] as const;

type Plain = Readonly<Record<string, unknown>>;

/** Keys whose values differ, by whether a reload is enough for them. */
export interface ConfigChanges {
  readonly live: readonly string[];
  readonly needRestart: readonly string[];
}

/** Compares two configurations as they are written, before texts are parsed. */
export function changesBetween(running: Plain, read: Plain): ConfigChanges {
  const changed = configKeys
    .map(({ path }) => path)
    .filter((path) => !isDeepStrictEqual(valueAt(running, path), valueAt(read, path)));
  return { live: changed.filter(isLive), needRestart: changed.filter((path) => !isLive(path)) };
}

export function isLive(path: string): boolean {
  return liveKeys.some((key) => path === key || path.startsWith(`${key}.`));
}

function valueAt(config: Plain, path: string): unknown {
  return path.split('.').reduce<unknown>((at, name) => (at as Plain | undefined)?.[name], config);
}
