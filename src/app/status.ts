import type { DiscoveryProblem } from '../discovery/discoverer.ts';
import type { PauseScope } from '../model/pause.ts';
import type { TargetStatus } from '../model/target.ts';
import type { UnixMs } from '../model/units.ts';
import { version } from '../version.ts';
import type { Numbers } from './numbers.ts';

export interface StatusSources {
  readonly startedMs: UnixMs;
  readonly numbers: Numbers;
  readonly targets: readonly TargetStatus[];
  readonly problems: readonly DiscoveryProblem[];
  readonly pauses: readonly PauseScope[];
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

/** Active targets by health, the others by state. */
export function countTargets(statuses: readonly TargetStatus[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { target, health } of statuses) {
    const name = target.state.kind === 'active' ? health : target.state.kind;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
