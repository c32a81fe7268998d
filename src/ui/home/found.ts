import type { TargetEntry } from '../api/answers.ts';

export interface Found {
  readonly target: TargetEntry;
  /** `candidate`, `held`, `unresolved` or `down`. */
  readonly state: string;
  /** What stands in its way, as the server says it. */
  readonly why: string;
}

const told = 12;
const order = ['down', 'held', 'candidate', 'unresolved'];

/** One target of each workload that is not profiled and could be, what is nearest to it first; at most a dozen. */
export function findings(targets: readonly TargetEntry[]): Found[] {
  const workloads = Map.groupBy(
    targets.flatMap((target) => stateOf(target)),
    ({ target: { labels }, state }) =>
      JSON.stringify([state, labels['namespace'], labels['workload'] ?? labels['pod']]),
  );
  return [...workloads.values()]
    .flatMap(([first]) => (first ? [first] : []))
    .sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
    .slice(0, told);
}

function stateOf(target: TargetEntry): Found[] {
  const { state, health, reason, scrapes } = target;
  if (state !== 'active') return [{ target, state, why: reason }];
  if (health !== 'down') return [];
  return [{ target, state: 'down', why: scrapes.find(({ lastError }) => lastError !== '')?.lastError ?? '' }];
}
