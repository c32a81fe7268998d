import { isDeepStrictEqual } from 'node:util';
import { configKeys } from './keys.ts';

/** Keys and sections that are in force from a reload on; the others need a restart. `docs/CONFIG.md` lists them. */
export const liveKeys = ['growth.deny', 'growth.webhook', 'metrics.maxSeries', 'log.level'] as const;

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
