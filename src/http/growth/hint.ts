import type { GrowthStatus, WorkloadFilter } from '../../growth/contract.ts';
import { formatDuration } from '../../model/duration.ts';
import type { Workload } from '../../model/growth.ts';
import { closestFirst, nearest } from '../../model/near.ts';
import type { UnixMs } from '../../model/units.ts';

/** Names told where none is near. */
const namesTold = 5;

export interface Nothing {
  readonly status: GrowthStatus;
  readonly filter: WorkloadFilter;
  readonly atMs: UnixMs | undefined;
  /** Workloads with a verdict, whatever was asked for. */
  readonly judged: readonly Pick<Workload, 'namespace' | 'workload'>[];
  /** Workloads that are targets. */
  readonly scraped: readonly Pick<Workload, 'namespace' | 'workload'>[];
}

/** Why there is no verdict, and what there is. */
export function whyNoVerdict({ status, filter, atMs, judged, scraped }: Nothing): string {
  if (atMs !== undefined) {
    return 'nothing is stored of what was asked for at that time: floors are kept for growth.retention, and begin with the first profiles';
  }
  if (!status.enabled) return 'growth.enabled is false: nothing is judged, and events are of before';
  const bucket = formatDuration(status.bucketMs);
  if (status.evaluatedMs === undefined) {
    return `nothing was judged yet: the first verdicts come shortly after the first ${bucket} that were profiled from their beginning`;
  }
  const waiting = new Set(scraped.filter((name) => isNamed(filter, name)).map(nameOf));
  if (waiting.size > 0 && !judged.some((name) => isNamed(filter, name))) {
    const verb = waiting.size === 1 ? 'is scraped and has' : 'are scraped and have';
    return `${listed(waiting)} ${verb} no verdict yet: the first comes shortly after ${bucket} of heap or goroutine profiles`;
  }
  const wanted = `${filter.namespace ?? ''}/${filter.workload ?? ''}`;
  const names = new Set([...judged, ...scraped].map(nameOf));
  if (names.size === 0) {
    return 'no workload is scraped: /api/v1/targets says what is found; what was uploaded with an older time is judged by at= and in back-tests';
  }
  const near = nearest(wanted, names);
  if (near.length > 0) return `did you mean ${near.join(' or ')}?`;
  return `there ${names.size === 1 ? 'is' : 'are'} ${listed(closestFirst(wanted, names))}`;
}

function listed(all: Iterable<string>): string {
  const names = [...all];
  const more = names.length - namesTold;
  return `${names.slice(0, namesTold).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function isNamed(filter: WorkloadFilter, { namespace, workload }: Pick<Workload, 'namespace' | 'workload'>): boolean {
  return (
    (filter.namespace === undefined || filter.namespace === namespace) &&
    (filter.workload === undefined || filter.workload === workload)
  );
}

function nameOf({ namespace, workload }: Pick<Workload, 'namespace' | 'workload'>): string {
  return `${namespace}/${workload}`;
}
