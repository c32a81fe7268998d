import { isDeepStrictEqual } from 'node:util';
import { type PauseScope, pausedBecause } from '../model/pause.ts';
import type { Target, TargetGroup } from '../model/target.ts';
import { type Contender, overCaps } from './caps.ts';
import type { DiscoveryLimits } from './rules.ts';

/** What was told last of each group, so that only what changed is told again. */
export class SentGroups {
  readonly #sent = new Map<string, readonly Target[]>();

  /** The targets of a group as last told. */
  current(key: string): readonly Target[] {
    return this.#sent.get(key) ?? [];
  }

  /** Applies pauses and caps over all targets, and returns the groups that are not as they were told last. */
  settle(
    drafted: ReadonlyMap<string, readonly Contender[]>,
    limits: DiscoveryLimits,
    paused: readonly PauseScope[],
  ): TargetGroup[] {
    const waiting = (target: Target) =>
      target.state.kind === 'active' && paused.length > 0 ? pausedBecause(target.labels, paused) : undefined;
    const runners = [...drafted.values()]
      .flat()
      .filter(({ target }) => target.state.kind === 'active' && waiting(target) === undefined);
    const over = overCaps(runners, limits);
    const changed: TargetGroup[] = [];
    for (const [key, contenders] of drafted) {
      const targets = contenders.map(({ target }) => heldIf(target, waiting(target) ?? over.get(target.source)));
      if (this.#isAsSent(key, targets)) continue;
      this.#sent.set(key, targets);
      changed.push({ key, targets });
    }
    for (const key of this.#sent.keys()) {
      if (drafted.has(key)) continue;
      this.#sent.delete(key);
      changed.push({ key, targets: [] });
    }
    return changed;
  }

  #isAsSent(key: string, targets: readonly Target[]): boolean {
    const sent = this.#sent.get(key);
    if (sent?.length !== targets.length) return false;
    return targets.every((target, index) => target === sent[index] || isDeepStrictEqual(target, sent[index]));
  }
}

function heldIf(target: Target, reason: string | undefined): Target {
  return reason === undefined ? target : { ...target, state: { kind: 'held', reason } };
}
