import type { FakeApiServer } from './fake-api-server.ts';
import type { KubeObject } from './kubernetes-object-store.ts';

/** An ephemeral container as it stands in a pod's spec. */
export interface EphemeralSpec {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly [field: string]: unknown;
}

export type EphemeralState =
  | { readonly running: { readonly startedAt: string } }
  | { readonly waiting: { readonly reason: string } }
  | { readonly terminated: { readonly exitCode: number; readonly reason: string } };

/** What becomes of each new ephemeral container; undefined: nothing is said of it yet. */
export type EphemeralScript = (container: EphemeralSpec, pod: KubeObject) => EphemeralState | undefined;

export const running: EphemeralState = { running: { startedAt: '2026-11-22T12:00:01Z' } };
export const waiting = (reason: string): EphemeralState => ({ waiting: { reason } });
export const ended = (exitCode = 0, reason = 'Completed'): EphemeralState => ({ terminated: { exitCode, reason } });

interface PodStatus {
  readonly ephemeralContainerStatuses?: readonly { readonly name: string; readonly state: EphemeralState }[];
}

/** The ephemeral containers that stand in the spec of a pod. */
export function ephemeralIn(pod: KubeObject | undefined): readonly EphemeralSpec[] {
  const { ephemeralContainers = [] } = (pod?.['spec'] ?? {}) as { ephemeralContainers?: readonly EphemeralSpec[] };
  return ephemeralContainers;
}

/** Gives an ephemeral container this state, as a kubelet does. */
export function setEphemeral(server: FakeApiServer, pod: KubeObject, name: string, state: EphemeralState): void {
  const { namespace = '', name: podName } = pod.metadata;
  const current = server.store.get('Pod', namespace, podName);
  if (!current) return;
  const status = current['status'] as PodStatus;
  const others = (status.ephemeralContainerStatuses ?? []).filter((each) => each.name !== name);
  server.put({ ...current, status: { ...status, ephemeralContainerStatuses: [...others, { name, state }] } });
}

/** Starts, or fails to start, the ephemeral containers that are added to pods from now on. */
export function startFakeKubelet(server: FakeApiServer, script: EphemeralScript): Disposable {
  const seen = new Set<string>();
  const stop = server.store.subscribe(({ object }) => {
    if (object?.kind !== 'Pod') return;
    for (const container of ephemeralIn(object)) {
      const key = `${object.metadata.uid}/${container.name}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const state = script(container, object);
      // Not inside the event, or its watchers would hear of the later version first.
      if (state) queueMicrotask(() => setEphemeral(server, object, container.name, state));
    }
  });
  return { [Symbol.dispose]: stop };
}
