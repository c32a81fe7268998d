import type { Target } from '../model/target.ts';
import type { UnixMs } from '../model/units.ts';
import type { DiscoveryLimits } from './rules.ts';

/** A target that would be scraped, and the age of its pod. */
export interface Contender {
  readonly target: Target;
  readonly createdMs: UnixMs;
}

/**
 * Who must wait, by source, and why: the newest pods of a namespace over `limits.targetsPerNamespace`, then the newest of
 * all over `limits.targets`. The oldest keep their place, so that a burst of new pods never displaces what is being seen.
 */
export function overCaps(contenders: readonly Contender[], limits: DiscoveryLimits): ReadonlyMap<string, string> {
  const held = new Map<string, string>();
  if (contenders.length <= Math.min(limits.targets, limits.targetsPerNamespace)) return held;
  const used = new Map<string, number>();
  let total = 0;
  for (const { target } of contenders.toSorted(byAge)) {
    const namespace = target.labels['namespace'] ?? '';
    const inNamespace = used.get(namespace) ?? 0;
    if (inNamespace >= limits.targetsPerNamespace) {
      held.set(target.source, `${namespace} has more than limits.targetsPerNamespace (${limits.targetsPerNamespace})`);
    } else if (total >= limits.targets) {
      held.set(target.source, `there are more than limits.targets (${limits.targets})`);
    } else {
      used.set(namespace, inNamespace + 1);
      total++;
    }
  }
  return held;
}

function byAge(a: Contender, b: Contender): number {
  return a.createdMs - b.createdMs || (a.target.source < b.target.source ? -1 : 1);
}
