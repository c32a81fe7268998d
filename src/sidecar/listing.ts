import type { ContainerRecord, PodRecord } from '../kubernetes/records.ts';
import type { ListedSidecar, PodWithSidecars } from '../model/sidecar.ts';
import { maxSidecarsPerPod, sidecarNumber } from './entry.ts';

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
