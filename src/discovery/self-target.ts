import type { Target } from '../model/target.ts';
import type { UnixMs } from '../model/units.ts';
import { type StaticDefaults, specsOfUrl, targetOfUrl } from './static-discoverer.ts';

export interface SelfTargetOptions {
  /** Where the daemon itself serves `/debug/pprof`: `http://127.0.0.1:4280`. */
  readonly url: string;
  /** When this run of the daemon began: with each run its counters begin anew. */
  readonly startedMs: UnixMs;
  readonly version: string;
  readonly defaults: StaticDefaults;
}

/** The kinds that the daemon serves of itself. */
const selfKinds = ['cpu', 'heap'];

/** The daemon as a target of its own: `local/flameherd`. */
export function selfTarget({ url, startedMs, version, defaults }: SelfTargetOptions): Target {
  const parsed = new URL(url);
  const specs = specsOfUrl(parsed, selfKinds, defaults.intervalMs, defaults);
  const target = targetOfUrl(parsed, 'flameherd', specs, { ...defaults.externalLabels, version });
  return {
    ...target,
    source: `${target.source}#${startedMs}`,
    process: { id: `self:${startedMs}`, slot: selfSlot, startedMs },
  };
}

const selfSlot = 'self';

/** Whether it is the daemon itself. */
export function isSelf({ discoverer, process }: Target): boolean {
  return discoverer === 'static' && process.slot === selfSlot;
}
