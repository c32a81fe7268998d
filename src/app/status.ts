import type { DiscoveryProblem } from '../discovery/discoverer.ts';
import type { PauseScope } from '../discovery/scope.ts';
import type { TargetStatus } from '../model/target.ts';
import type { UnixMs } from '../model/units.ts';
import { version } from '../version.ts';
import type { Numbers } from './numbers.ts';

export interface StatusSources {
  readonly startedMs: UnixMs;
  readonly numbers: Numbers;
  readonly targets: () => readonly TargetStatus[];
  readonly problems: () => readonly DiscoveryProblem[];
  readonly pauses: () => readonly PauseScope[];
  readonly ready: () => { readonly ready: boolean; readonly reasons: readonly string[] };
}

/** What `/api/v1/status` answers. */
export function statusOf({ startedMs, numbers, targets, problems, pauses, ready }: StatusSources) {
  return {
    version,
    node: process.version,
    startedMs,
    ...ready(),
    targets: countTargets(targets()),
    problems: problems(),
    ingest: numbers.ingest ?? null,
    store: numbers.store ?? null,
    pauses: pauses(),
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
