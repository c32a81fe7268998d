import { addedByVariable } from '../kubernetes/trim.ts';
import { type DurationMs, minute, second, type UnixMs } from '../model/units.ts';

/** Where the program lies in its image; told to the kubelet, so that the image's own entry point does not matter. */
const sidecarProgram = '/flameherd-sidecar';
/** How many a pod may ever get: entries cannot be removed, and every watcher of pods pays for each. */
export const maxSidecarsPerPod = 3;
/** Started later than this after the injection, a sidecar ends at once: a failed image pull is tried for the life of the pod. */
export const startWithinMs: DurationMs = 10 * minute;

const namePattern = /^flameherd-([1-9][0-9]{0,5})$/;
const atVariable = 'FLAMEHERD_AT';

export interface NewSidecar {
  /** From 1. */
  readonly number: number;
  readonly image: string;
  /** Which collector: host and id. */
  readonly by: string;
  readonly nowMs: UnixMs;
  /** It ends when no fetch came for so long. */
  readonly idleTtlMs: DurationMs;
  readonly maxLifeMs: DurationMs;
}

export function sidecarName(number: number): string {
  return `flameherd-${number}`;
}

/** The number in a name of ours; undefined for any other. */
export function sidecarNumber(name: string): number | undefined {
  const digits = namePattern.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * The ephemeral container as the API takes it. It passes the restricted Pod Security level, asks for no resources (none may
 * be asked for), mounts nothing, and joins no other container: with a target container it would die when that restarts.
 */
export function sidecarEntry({ number, image, by, nowMs, idleTtlMs, maxLifeMs }: NewSidecar): object {
  const startBy = new Date(nowMs + startWithinMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const hold = ['hold', '--idle-ttl', seconds(idleTtlMs), '--max-life', seconds(maxLifeMs), '--start-by', startBy];
  return {
    name: sidecarName(number),
    image,
    imagePullPolicy: 'IfNotPresent',
    command: [sidecarProgram, ...hold],
    env: [
      { name: addedByVariable, value: by },
      { name: atVariable, value: new Date(nowMs).toISOString() },
    ],
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      runAsGroup: 65_532,
      runAsNonRoot: true,
      runAsUser: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
}

function seconds(ms: DurationMs): string {
  return `${Math.ceil(ms / second)}s`;
}

interface WireEphemeral {
  readonly name?: string;
  readonly image?: string;
  readonly env?: readonly { readonly name?: string; readonly value?: string }[];
}

interface WireStatus {
  readonly name?: string;
  readonly state?: {
    readonly waiting?: { readonly reason?: string };
    readonly running?: { readonly startedAt?: string };
    readonly terminated?: { readonly reason?: string; readonly exitCode?: number; readonly finishedAt?: string };
  };
}

/** The parts of a Pod that decide about sidecars. */
export interface WirePod {
  readonly metadata?: {
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly nodeName?: string;
    readonly os?: { readonly name?: string };
    readonly imagePullSecrets?: readonly { readonly name?: string }[];
    readonly ephemeralContainers?: readonly WireEphemeral[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly ephemeralContainerStatuses?: readonly WireStatus[];
  };
}

export type SidecarState =
  /** `reason` is "" before the kubelet has said anything. */
  | { readonly kind: 'waiting'; readonly reason: string }
  | { readonly kind: 'running'; readonly sinceMs: UnixMs }
  | { readonly kind: 'ended'; readonly reason: string; readonly exitCode: number };

/** One of ours in a pod, whichever collector put it there. */
export interface SidecarEntry {
  readonly number: number;
  readonly name: string;
  readonly image: string;
  /** When it was put there; 0 when that cannot be read. */
  readonly atMs: UnixMs;
  readonly state: SidecarState;
}

/** All of ours that the pod ever got, by number. */
export function sidecarsOf({ spec, status }: WirePod): SidecarEntry[] {
  const entries = (spec?.ephemeralContainers ?? []).flatMap((container) => {
    const { name = '', image = '', env = [] } = container;
    const number = sidecarNumber(name);
    if (number === undefined) return [];
    const told = status?.ephemeralContainerStatuses?.find((each) => each.name === name);
    const atMs = timeOf(env.find((each) => each.name === atVariable)?.value);
    return [{ number, name, image, atMs, state: stateOf(told) }];
  });
  return entries.sort((a, b) => a.number - b.number);
}

function stateOf(status: WireStatus | undefined): SidecarState {
  const { running, terminated, waiting } = status?.state ?? {};
  if (running) return { kind: 'running', sinceMs: timeOf(running.startedAt) };
  if (terminated) return { kind: 'ended', reason: terminated.reason ?? '', exitCode: terminated.exitCode ?? 0 };
  return { kind: 'waiting', reason: waiting?.reason ?? '' };
}

function timeOf(text: string | undefined): UnixMs {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? 0 : ms;
}
