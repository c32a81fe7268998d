import type { OwnerRecord, PodRecord } from '../kubernetes/records.ts';
import { type ClusterView, type WatchedWorkload, type WorkloadRecord, watchedWorkloads } from './cluster-view.ts';

/** Which workload a pod belongs to, and how that is known. */
export type Ownership =
  | { readonly kind: 'known'; readonly workload: WorkloadRecord; readonly how: string }
  /** An owner is being asked for; the pod waits, so that its series never change their name. */
  | { readonly kind: 'pending' };

export type OwnerSource = Pick<ClusterView, 'workload' | 'ownerOf'>;

/** How far a chain of owners is followed. */
export const maxOwners = 5;

/**
 * The top owner of a pod. A Deployment is its ReplicaSet's name without the pod-template-hash, when a Deployment of that name
 * exists; StatefulSets, DaemonSets and CronJobs are known by name; all else is followed by asking each owner for its own.
 */
export function workloadOf(pod: PodRecord, source: OwnerSource): Ownership {
  if (!pod.owner)
    return { kind: 'known', workload: { kind: 'Pod', name: pod.name, object: pod }, how: 'nothing owns the pod' };
  const deployment = deploymentName(pod.owner, pod);
  if (deployment && source.workload('Deployment', pod.namespace, deployment)) {
    return known(
      source,
      pod.namespace,
      'Deployment',
      deployment,
      `ReplicaSet ${pod.owner.name} without its pod-template-hash`,
    );
  }
  return climb(pod, pod.owner, source);
}

/** The key of a workload's target group. */
export function groupKeyOf(namespace: string, kind: string, name: string): string {
  return `kubernetes/${namespace}/${kind}/${name}`;
}

/** What a group's key names. Names of Kubernetes objects have no slash. */
export function workloadOfKey(key: string): {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
} {
  const [, namespace = '', kind = '', name = ''] = key.split('/');
  return { namespace, kind, name };
}

function climb(pod: PodRecord, first: OwnerRecord, source: OwnerSource): Ownership {
  let top = first;
  for (let depth = 0; depth < maxOwners; depth++) {
    const watched = watchedKind(top);
    if (watched) return known(source, pod.namespace, watched, top.name, `owned by ${top.kind} ${top.name}`);
    const lookup = source.ownerOf(pod.namespace, top);
    if (lookup.kind === 'pending') return { kind: 'pending' };
    if (lookup.kind === 'unknown') return guess(pod, top, lookup.reason, source);
    if (!lookup.owner) break;
    top = lookup.owner;
  }
  return unwatched(top, `owned by ${top.kind} ${top.name}`);
}

/** What is most likely when an owner cannot be asked: names that controllers give, else the owner itself. */
function guess(pod: PodRecord, top: OwnerRecord, reason: string, source: OwnerSource): Ownership {
  const deployment = deploymentName(top, pod);
  // Only the Deployment controller names a ReplicaSet and labels its pods so; while one is deleted, its ReplicaSet goes first.
  if (deployment) {
    return known(source, pod.namespace, 'Deployment', deployment, `by the name of ${top.kind} ${top.name} (${reason})`);
  }
  const cronJob = top.kind === 'Job' ? /^(.+)-\d{8,}$/.exec(top.name)?.[1] : undefined;
  if (cronJob && source.workload('CronJob', pod.namespace, cronJob)) {
    return known(source, pod.namespace, 'CronJob', cronJob, `by the name of Job ${top.name} (${reason})`);
  }
  return unwatched(top, `owned by ${top.kind} ${top.name} (${reason})`);
}

/** Pod names are never read: Kubernetes cuts them. */
function deploymentName({ apiVersion, kind, name }: OwnerRecord, { labels }: PodRecord): string | undefined {
  const hash = labels['pod-template-hash'];
  if (kind !== 'ReplicaSet' || !apiVersion.startsWith('apps/') || !hash) return undefined;
  return name.endsWith(`-${hash}`) ? name.slice(0, -hash.length - 1) || undefined : undefined;
}

/** Other API groups have kinds of the same names (OpenKruise's StatefulSet), which are not watched. */
function watchedKind({ apiVersion, kind }: OwnerRecord): WatchedWorkload | undefined {
  const found = watchedWorkloads.find((each) => each === kind);
  return found && apiVersion.startsWith(found === 'CronJob' ? 'batch/' : 'apps/') ? found : undefined;
}

function known(source: OwnerSource, namespace: string, kind: WatchedWorkload, name: string, how: string): Ownership {
  return { kind: 'known', workload: { kind, name, object: source.workload(kind, namespace, name) }, how };
}

function unwatched({ kind, name }: OwnerRecord, how: string): Ownership {
  return { kind: 'known', workload: { kind, name, object: undefined }, how };
}
