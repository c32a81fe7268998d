import { createHash } from 'node:crypto';
import type { CapabilityName } from './capabilities.ts';

/** What of the configuration decides which rights and which Lease are wanted. */
export interface ClusterWishes {
  readonly lease: { readonly mode: 'auto' | 'on' | 'off'; readonly namespace: string; readonly name: string };
  readonly transports: {
    readonly portForward: { readonly enabled: boolean };
    readonly podProxy: { readonly enabled: boolean };
    readonly ephemeral: { readonly enabled: boolean };
  };
  readonly growth: { readonly kubernetesEvents: boolean };
  readonly discovery: { readonly services: boolean; readonly namespaces: { readonly only: readonly string[] } };
  readonly auth: { readonly mode: string; readonly header: { readonly authorize: string } };
}

/** What the configuration switches on, besides discovery itself; `inCluster` says whether we run in a pod. */
export function wantedCapabilities(wishes: ClusterWishes, inCluster: boolean): readonly CapabilityName[] {
  const { portForward, podProxy, ephemeral } = wishes.transports;
  return [
    ...(holdsLease(wishes, inCluster) ? (['leases'] as const) : []),
    ...(portForward.enabled ? (['port-forward'] as const) : []),
    ...(podProxy.enabled ? (['pod-proxy'] as const) : []),
    ...(ephemeral.enabled ? (['ephemeral'] as const) : []),
    ...(ephemeral.enabled || wishes.growth.kubernetesEvents ? (['events'] as const) : []),
    ...(asksClusterWhoMay(wishes) ? (['auth'] as const) : []),
  ];
}

/** Whether the API server is asked who calls, or what they may do: also where nothing of the cluster is scraped. */
export function asksClusterWhoMay({ auth }: Pick<ClusterWishes, 'auth'>): boolean {
  return auth.mode === 'kubernetes' || (auth.mode === 'header' && auth.header.authorize === 'kubernetes');
}

/** Whether a Lease is to be held, and not only respected. */
export function holdsLease({ lease }: ClusterWishes, inCluster: boolean): boolean {
  return lease.mode === 'on' || (lease.mode === 'auto' && inCluster);
}

/** Where the Lease is, and what it is called: collectors of different namespaces do not stand in each other's way. */
export function leaseOf(
  { lease, discovery }: ClusterWishes,
  ownNamespace: string | undefined,
): { readonly namespace: string; readonly name: string } {
  const { only } = discovery.namespaces;
  const scope = createHash('sha256').update([...only].sort().join('\n'));
  const usual = only.length === 0 ? 'flameherd' : `flameherd-${scope.digest('hex').slice(0, 8)}`;
  return { namespace: lease.namespace || ownNamespace || 'flameherd', name: lease.name || usual };
}
