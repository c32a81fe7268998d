import type { ObjectRecord, OwnerRecord, PodRecord, PodService } from '../kubernetes/records.ts';
import type { DiscoveryProblem } from './discoverer.ts';

/** The kinds of workload that are watched, so that their annotations count without a roll-out. */
export const watchedWorkloads = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'] as const;
export type WatchedWorkload = (typeof watchedWorkloads)[number];

/** What a pod belongs to: its top owner, or itself when nothing owns it. */
export interface WorkloadRecord {
  /** `Deployment`, …, `Pod`, or the kind of a custom resource. */
  readonly kind: string;
  readonly name: string;
  /** The object with its annotations; undefined where the kind is not watched or the object is gone. */
  readonly object: ObjectRecord | undefined;
}

/** The answer to "who owns this owner". */
export type OwnerLookup =
  /** `owner` is undefined when the object stands at the top. */
  | { readonly kind: 'found'; readonly owner: OwnerRecord | undefined }
  /** Being asked; a change of the pods concerned follows when the answer is there. */
  | { readonly kind: 'pending' }
  /** Gone, or out of our rights; `reason` says which. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** What changed since the last batch. A pod that changed stands in it as it is now; one that is gone as it last was. */
export interface ClusterChange {
  readonly pods: readonly PodRecord[];
  readonly removedPods: readonly PodRecord[];
  readonly workloads: readonly WorkloadChange[];
  readonly namespaces: readonly string[];
}

export interface WorkloadChange {
  readonly kind: WatchedWorkload;
  readonly namespace: string;
  readonly name: string;
}

/** Any object fetched by name, with what explain needs of it. */
export interface FetchedObject {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The cluster as last seen: caches that are filled by watches, never emptied because the API server is down. */
export interface ClusterView {
  /** Resolves once each resource was listed or was found to be out of our rights; rejects only when aborted. */
  ready(signal: AbortSignal): Promise<void>;
  pods(): Iterable<PodRecord>;
  pod(namespace: string, name: string): PodRecord | undefined;
  namespaces(): Iterable<string>;
  namespace(name: string): ObjectRecord | undefined;
  workloads(kind: WatchedWorkload): Iterable<ObjectRecord>;
  workload(kind: WatchedWorkload, namespace: string, name: string): ObjectRecord | undefined;
  /** The annotated Services that select a pod, by name; a change of them is told as a change of the pod. */
  servicesOf(pod: PodRecord): readonly PodService[];
  /** Whether the kind's cache is filled: false without the right to list it. */
  watches(kind: WatchedWorkload): boolean;
  /** Who owns this object: answered from a cache; the first question starts one GET. */
  ownerOf(namespace: string, owner: OwnerRecord): OwnerLookup;
  /** One GET, for explain; undefined when the object is missing or out of our rights. */
  fetchObject(namespace: string, object: OwnerRecord): Promise<FetchedObject | undefined>;
  /** Tells every change from now on, in batches; returns the way to stop. */
  onChange(listener: (change: ClusterChange) => void): () => void;
  problems(): readonly DiscoveryProblem[];
}
