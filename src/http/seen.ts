import { includesNamespace, type NamespaceScope } from '../auth/caller.ts';
import type { GrowthQueries } from '../growth/contract.ts';
import type { AskedProcess } from '../model/asked-process.ts';
import type { PauseScope } from '../model/pause.ts';
import type { ProfileKind } from '../model/profile-type.ts';
import type { OpenSidecarBreaker, SidecarsStatus } from '../model/sidecar.ts';
import type { TargetStatus } from '../model/target.ts';
import type { HttpDeps } from './deps.ts';

/** What of the daemon depends on who asks. Routes reach it by `HttpContext.seenBy` alone. */
export type Seen = Pick<HttpDeps, 'query' | 'targets' | 'asked' | 'growth' | 'pauses' | 'sidecars'>;

/**
 * The same, as one sees it who may read these namespaces only: as if there were no others. What has no namespace is seen by
 * those who may read all.
 */
export function seenWithin(deps: Seen, scope: NamespaceScope): Seen {
  if (scope === 'all') return deps;
  const isSeen = ({ labels }: { readonly labels: TargetStatus['target']['labels'] }): boolean =>
    includesNamespace(scope, labels['namespace']);
  return {
    query: { ask: (question, signal) => deps.query.ask({ ...question, namespaces: scope }, signal) },
    targets: () => deps.targets().filter(({ target }) => isSeen(target)),
    asked: (kind) => seenProcesses(deps, kind, isSeen),
    growth: growthWithin(deps.growth, scope),
    pauses: () => deps.pauses().filter((pause) => isSeenPause(scope, pause)),
    sidecars: () => sidecarsWithin(deps.sidecars(), scope),
  };
}

function* seenProcesses(
  { asked }: Pick<Seen, 'asked'>,
  kind: ProfileKind,
  isSeen: (process: AskedProcess) => boolean,
): Generator<AskedProcess> {
  for (const process of asked(kind)) if (isSeen(process)) yield process;
}

function growthWithin(growth: GrowthQueries, namespaces: ReadonlySet<string>): GrowthQueries {
  const seenEvent: GrowthQueries['event'] = (id) => {
    const event = growth.event(id);
    return event && namespaces.has(event.workload.namespace) ? event : undefined;
  };
  return {
    verdicts: (filter) => growth.verdicts({ ...filter, namespaces }),
    verdictsAt: (filter, atMs, signal) => growth.verdictsAt({ ...filter, namespaces }, atMs, signal),
    backtest: (filter, window, signal) => growth.backtest({ ...filter, namespaces }, window, signal),
    events: (query) => growth.events({ ...query, namespaces }),
    event: seenEvent,
    eventProfile: (id, side) => seenEvent(id) && growth.eventProfile(id, side),
    functionName: (id) => growth.functionName(id, namespaces),
    get status() {
      return { ...growth.status, workloads: growth.verdicts({ namespaces }).length };
    },
  };
}

/** A pause of everything is everybody's. */
function isSeenPause(scope: ReadonlySet<string>, { namespace }: PauseScope): boolean {
  return namespace === undefined || scope.has(namespace);
}

function sidecarsWithin({ enabled, pods, breakers }: SidecarsStatus, scope: ReadonlySet<string>): SidecarsStatus {
  const seenPods = pods.filter(({ namespace }) => scope.has(namespace));
  const uids = new Set(seenPods.map(({ uid }) => uid));
  // An image is left alone in all namespaces, and who is to blame may be in another.
  const isSeen = ({ scope: of, key }: OpenSidecarBreaker): boolean =>
    (of === 'namespace' && scope.has(key)) || (of === 'pod' && uids.has(key));
  return { enabled, pods: seenPods, breakers: breakers.filter(isSeen) };
}
