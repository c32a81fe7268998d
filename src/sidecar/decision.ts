import type { UnixMs } from '../model/units.ts';
import { maxSidecarsPerPod, type SidecarEntry, sidecarsOf, startWithinMs, type WirePod } from './entry.ts';

/** What is to be done to get a running sidecar in a pod. */
export type Decision =
  | { readonly kind: 'use'; readonly entry: SidecarEntry }
  /** It may still start, so there must be no second one. */
  | { readonly kind: 'wait'; readonly entry: SidecarEntry }
  | { readonly kind: 'inject'; readonly number: number }
  | { readonly kind: 'exhausted'; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string }
  /** The name belongs to another pod by now. */
  | { readonly kind: 'replaced'; readonly message: string };

/**
 * Decides from the pod alone, so that a restart of the collector, or a second one, comes to the same result: how many
 * there ever were stands in the pod's own spec, from which nothing can be removed.
 */
export function decide(pod: WirePod, uid: string, nowMs: UnixMs): Decision {
  const { metadata = {}, spec = {}, status = {} } = pod;
  if (metadata.uid !== uid) return { kind: 'replaced', message: 'another pod has its name now' };
  if (metadata.deletionTimestamp !== undefined) return { kind: 'refused', message: 'the pod is being deleted' };
  const entries = sidecarsOf(pod);
  const running = entries.find(({ state }) => state.kind === 'running');
  if (running) return { kind: 'use', entry: running };
  if (metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) {
    return { kind: 'refused', message: 'it is a static pod, which can have no ephemeral container' };
  }
  if (spec.os?.name === 'windows') return { kind: 'refused', message: 'it is a Windows pod' };
  if (!spec.nodeName || status.phase !== 'Running') {
    return { kind: 'refused', message: `the pod is not running: ${status.phase ?? 'no phase yet'}` };
  }
  const waiting = entries.find((entry) => entry.state.kind === 'waiting' && mayStart(entry, nowMs));
  if (waiting) return { kind: 'wait', entry: waiting };
  if (entries.length >= maxSidecarsPerPod) return { kind: 'exhausted', message: exhausted(entries) };
  return { kind: 'inject', number: (entries.at(-1)?.number ?? 0) + 1 };
}

/** Whoever is started after its time ends at once, so it counts as ended. A clock that is ahead of ours is believed. */
function mayStart({ atMs }: SidecarEntry, nowMs: UnixMs): boolean {
  return nowMs <= atMs + startWithinMs;
}

function exhausted(entries: readonly SidecarEntry[]): string {
  const ends = entries.map(
    ({ name, state }) => `${name} ${state.kind === 'running' ? '' : state.reason || state.kind}`,
  );
  return `the pod had ${entries.length} sidecars (${ends.join(', ')}), no more are put there, and none is ever removed from a pod; a new pod of the workload begins anew`;
}

const pullReasons: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);

/** Why a waiting sidecar will not start soon: its image, or anything else the kubelet names as an error. */
export function startFailure({ state }: SidecarEntry): 'image' | 'container' | undefined {
  if (state.kind !== 'waiting') return undefined;
  if (pullReasons.has(state.reason)) return 'image';
  return /Error|BackOff/.test(state.reason) ? 'container' : undefined;
}

/** Pods that share this share the fate of their pulls: image and the secrets it is pulled with. */
export function pullKey(image: string, namespace: string, { spec }: WirePod): string {
  const secrets = (spec?.imagePullSecrets ?? []).map(({ name = '' }) => name).sort();
  return JSON.stringify(secrets.length === 0 ? [image] : [image, namespace, ...secrets]);
}
