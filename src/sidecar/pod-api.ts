import type { KubernetesClient } from '../kubernetes/client.ts';
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
  const namespace = encodeURIComponent(pod.namespace);
  const body = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: `${pod.name.slice(0, 200)}.flameherd-${atMs.toString(16)}`, namespace: pod.namespace },
    // A MicroTime has six digits, no fewer.
    eventTime: new Date(atMs).toISOString().replace('Z', '000Z'),
    type: 'Normal',
    reason: 'SidecarInjected',
    action: 'InjectSidecar',
    note: note.slice(0, 1000),
    reportingController: 'flameherd.dev/collector',
    reportingInstance: by.slice(0, 128),
    regarding: { apiVersion: 'v1', kind: 'Pod', namespace: pod.namespace, name: pod.name, uid: pod.uid },
  };
  await client.post(`/apis/events.k8s.io/v1/namespaces/${namespace}/events`, body, { signal });
}
