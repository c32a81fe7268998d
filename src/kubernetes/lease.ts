import { cleanText } from '../model/clean-text.ts';
import type { Bytes, DurationMs, UnixMs } from '../model/units.ts';
import type { KubernetesClient } from './client.ts';
import { KubernetesError } from './errors.ts';
import { resourcePath, resources } from './resource.ts';

/** A `coordination.k8s.io/v1 Lease`, as far as an election reads it. */
export interface LeaseRecord {
  readonly namespace: string;
  readonly name: string;
  /** Who holds it, harmless to show; "" when it was given back. */
  readonly holder: string;
  readonly durationMs: DurationMs;
  /** By the holder's clock: undefined when it never was renewed. */
  readonly renewedMs: UnixMs | undefined;
  readonly transitions: number;
  /** Changes with every write: an update names the one it has seen. */
  readonly version: string;
}

/** What a write makes of a Lease. */
export interface LeaseClaim {
  readonly holder: string;
  readonly durationMs: DurationMs;
  readonly transitions: number;
  /** When the holder took it; undefined leaves that moment. */
  readonly acquiredMs: UnixMs | undefined;
  readonly renewedMs: UnixMs;
}

/** Every Lease of ours carries it, so that a collector outside finds them whatever their names. */
const leaseLabels = { 'app.kubernetes.io/name': 'flameherd' } as const;

/** Whoever may write Leases writes there what they like. Ours has the name of a host, at most 253 bytes, and an id. */
const maxHolder: Bytes = 300;

interface WireLease {
  readonly metadata?: { readonly namespace?: string; readonly name?: string; readonly resourceVersion?: string };
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

/** Undefined when there is no such Lease. Throws a `KubernetesError`. */
export async function readLease(
  client: KubernetesClient,
  namespace: string,
  name: string,
  signal?: AbortSignal,
): Promise<LeaseRecord | undefined> {
  try {
    return leaseOf(await client.get(resourcePath(resources.leases, namespace, name), { signal }));
  } catch (error) {
    if (error instanceof KubernetesError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

/** Our Leases in one namespace, or (undefined) in all. Throws a `KubernetesError`. */
export async function listLeases(
  client: KubernetesClient,
  namespace: string | undefined,
  signal?: AbortSignal,
): Promise<LeaseRecord[]> {
  const selector = Object.entries(leaseLabels).map(([key, value]) => `${key}=${value}`);
  const query = new URLSearchParams({ labelSelector: selector.join(','), limit: '100' }).toString();
  const answer = await client.get(`${resourcePath(resources.leases, namespace)}?${query}`, { signal });
  return ((answer as { items?: readonly WireLease[] }).items ?? []).map(leaseOf);
}

/** Throws a `KubernetesError`, of the kind `conflict` when somebody else was first. */
export async function createLease(
  client: KubernetesClient,
  namespace: string,
  name: string,
  claim: LeaseClaim,
  signal?: AbortSignal,
): Promise<LeaseRecord> {
  const metadata = { name, namespace, labels: leaseLabels };
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: specOf(claim) };
  return leaseOf(await client.post(resourcePath(resources.leases, namespace), lease, { signal }));
}

/** Writes over exactly the version that was seen; `conflict` when it has changed since. Throws a `KubernetesError`. */
export async function updateLease(
  client: KubernetesClient,
  { namespace, name, version }: LeaseRecord,
  claim: LeaseClaim,
  signal?: AbortSignal,
): Promise<LeaseRecord> {
  const patch = { metadata: { resourceVersion: version, labels: leaseLabels }, spec: specOf(claim) };
  const path = resourcePath(resources.leases, namespace, name);
  const contentType = 'application/merge-patch+json';
  return leaseOf(await client.get(path, { method: 'PATCH', body: patch, contentType, signal }));
}

function specOf({ holder, durationMs, transitions, acquiredMs, renewedMs }: LeaseClaim) {
  return {
    holderIdentity: holder,
    leaseDurationSeconds: Math.max(1, Math.ceil(durationMs / 1000)),
    leaseTransitions: transitions,
    renewTime: microTime(renewedMs),
    ...(acquiredMs === undefined ? {} : { acquireTime: microTime(acquiredMs) }),
  };
}

/** A MicroTime needs six digits; the API server refuses the three of a plain ISO text. */
function microTime(ms: UnixMs): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}

function leaseOf(answer: unknown): LeaseRecord {
  const { metadata = {}, spec = {} } = answer as WireLease;
  const renewedMs = spec.renewTime === undefined ? Number.NaN : Date.parse(spec.renewTime);
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    holder: cleanText(spec.holderIdentity ?? '', maxHolder),
    durationMs: (spec.leaseDurationSeconds ?? 0) * 1000,
    renewedMs: Number.isNaN(renewedMs) ? undefined : renewedMs,
    transitions: spec.leaseTransitions ?? 0,
    version: metadata.resourceVersion ?? '',
  };
}
