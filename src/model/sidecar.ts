import type { UnixMs } from './units.ts';

/** One sidecar as it stands in a pod. */
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

/** An image, a namespace or a pod that is left alone for a while because sidecars failed there. */
export interface OpenSidecarBreaker {
  readonly scope: 'image' | 'namespace' | 'pod';
  readonly key: string;
  readonly sinceMs: UnixMs;
  /** When the next try is let through. */
  readonly untilMs: UnixMs;
  readonly reason: string;
}

/** What `/api/v1/sidecars` tells. */
export interface SidecarsStatus {
  /** Whether this daemon may add any: `transports.ephemeral.enabled`. */
  readonly enabled: boolean;
  readonly pods: readonly PodWithSidecars[];
  readonly breakers: readonly OpenSidecarBreaker[];
}
