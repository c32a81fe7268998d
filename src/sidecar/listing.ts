import type { ContainerRecord, PodRecord } from '../kubernetes/records.ts';
import type { UnixMs } from '../model/units.ts';
import { maxSidecarsPerPod, sidecarNumber } from './entry.ts';

/** One sidecar as the watch last told it. */
export interface ListedSidecar {
  readonly name: string;
  readonly image: string;
  readonly state: 'waiting' | 'running' | 'ended';
  /** Why it waits; "" when it does not, or nothing is told. */
  readonly reason: string;
  /** Since when it runs, or when it ended; undefined while it waits. */
  readonly sinceMs: UnixMs | undefined;
  /** The collector that added it; "" when that is not told. */
  readonly by: string;
}

/** A pod that carries sidecars of ours. Entries stay in its spec until the pod is replaced. */
export interface PodWithSidecars {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly node: string;
  /** How many it ever got, of how many it may get. */
  readonly attempts: number;
  readonly maxAttempts: number;
  /** In the order in which they were added. */
  readonly sidecars: readonly ListedSidecar[];
}

/** The pods that carry any, by namespace and name. */
export function podsWithSidecars(pods: Iterable<PodRecord>): PodWithSidecars[] {
  const found: PodWithSidecars[] = [];
  for (const pod of pods) {
    const ours = pod.containers.filter(({ role, name }) => role === 'ephemeral' && sidecarNumber(name) !== undefined);
    if (ours.length === 0) continue;
    found.push({
      namespace: pod.namespace,
      pod: pod.name,
      uid: pod.uid,
      node: pod.node,
      attempts: ours.length,
      maxAttempts: maxSidecarsPerPod,
      sidecars: ours.sort((a, b) => numberOf(a) - numberOf(b)).map(listed),
    });
  }
  return found.sort((a, b) => compare(a.namespace, b.namespace) || compare(a.pod, b.pod));
}

function listed({
  name,
  image,
  running,
  startedMs,
  finishedMs,
  waiting,
  addedBy = '',
}: ContainerRecord): ListedSidecar {
  const state = running ? 'running' : finishedMs === undefined ? 'waiting' : 'ended';
  const sinceMs = state === 'running' ? startedMs : state === 'ended' ? finishedMs : undefined;
  return { name, image, state, reason: waiting, sinceMs, by: addedBy };
}

function numberOf({ name }: ContainerRecord): number {
  return sidecarNumber(name) ?? 0;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
