import type { KubernetesClient } from '../kubernetes/client.ts';
import { createEvent } from '../kubernetes/event.ts';
import { type PodName, podPath } from '../kubernetes/pod-path.ts';
import type { UnixMs } from '../model/units.ts';
import type { WirePod } from './entry.ts';

/** A pod, and which one of all that ever had its name. */
export interface PodToReach extends PodName {
  readonly uid: string;
}

/** What is written of an injection, for whoever reads the events of the pod. */
export interface InjectionEvent {
  readonly pod: PodToReach;
  readonly note: string;
  /** Which collector: `HOST/ID`. */
  readonly by: string;
  readonly atMs: UnixMs;
}

/** The whole pod. Rejects with a `KubernetesError`. */
export async function getPod(client: KubernetesClient, pod: PodToReach, signal: AbortSignal): Promise<WirePod> {
  return (await client.get(podPath(pod), { signal })) as WirePod;
}

/**
 * Adds an ephemeral container to this very pod as it was read: the UID pins the pod, the version what was decided on. A dry
 * run asks admission and changes nothing. Rejects with a `KubernetesError`.
 */
export async function addEphemeralContainer(
  client: KubernetesClient,
  pod: PodToReach,
  change: { readonly entry: object; readonly resourceVersion: string | undefined; readonly dryRun: boolean },
  signal: AbortSignal,
): Promise<void> {
  const { entry, resourceVersion, dryRun } = change;
  await client.get(`${podPath(pod)}/ephemeralcontainers${dryRun ? '?dryRun=All' : ''}`, {
    method: 'PATCH',
    contentType: 'application/strategic-merge-patch+json',
    body: { metadata: { uid: pod.uid, resourceVersion }, spec: { ephemeralContainers: [entry] } },
    signal,
  });
}

/** Tells the injection as a Kubernetes Event. Rejects with a `KubernetesError`. */
export async function writeEvent(
  client: KubernetesClient,
  { pod, note, by, atMs }: InjectionEvent,
  signal: AbortSignal,
): Promise<void> {
  const { name, namespace, uid } = pod;
  const regarding = { apiVersion: 'v1', kind: 'Pod', namespace, name, uid };
  const what = { type: 'Normal', reason: 'SidecarInjected', action: 'InjectSidecar' } as const;
  await createEvent(client, { ...what, regarding, note, by, atMs }, signal);
}
