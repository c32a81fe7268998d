import type { DiscoveryProblem } from '../discovery/discoverer.ts';
import type { GrowthStatus } from '../growth/contract.ts';
import type { PauseScope } from '../model/pause.ts';
import { countTargets, type TargetStatus } from '../model/target.ts';
import type { UnixMs } from '../model/units.ts';
import { version } from '../version.ts';
import type { LeadershipStatus } from './leadership.ts';
import type { Numbers } from './numbers.ts';

export interface StatusSources {
  readonly startedMs: UnixMs;
  readonly numbers: Numbers;
  readonly targets: readonly TargetStatus[];
  readonly problems: readonly DiscoveryProblem[];
  readonly pauses: readonly PauseScope[];
  readonly lease: LeadershipStatus;
  readonly growth: GrowthStatus;
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

/** What `/api/v1/status` answers. */
export function statusOf({ numbers, targets, ...rest }: StatusSources) {
  return {
    version,
    node: process.version,
    ...rest,
    targets: countTargets(targets),
    ingest: numbers.ingest ?? null,
    store: numbers.store ?? null,
  };
}
