import type { LabelSet } from '../model/labels.ts';
import type { Bytes, UnixMs } from '../model/units.ts';

/**
 * What is kept of a Kubernetes object: enough to decide about targets and to explain the decision, at most 1 KB a pod.
 * Trimmed while parsing, so that a cluster of 50,000 pods never stands in memory whole.
 */
export interface ObjectRecord {
  readonly uid: string;
  /** "" for objects of the cluster, such as a Namespace. */
  readonly namespace: string;
  readonly name: string;
  /** Only those that decide something; see `keptLabels` and `keptAnnotations`. */
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  /** Rises with every change of the spec; 0 where the kind has none. */
  readonly generation: number;
}

export interface OwnerRecord {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** An object between a pod and its workload, such as the Job of a CronJob. */
export interface OwnedRecord extends ObjectRecord {
  /** The controlling owner, if any. */
  readonly owner: OwnerRecord | undefined;
}

export interface PortRecord {
  readonly name: string;
  readonly number: number;
  readonly protocol: string;
}

export interface ContainerRecord {
  readonly name: string;
  readonly role: 'container' | 'init' | 'sidecar' | 'ephemeral';
  readonly image: string;
  /** Hex of the image's sha256, "" while unknown. */
  readonly imageDigest: string;
  /** `containerd://…`, "" until it first runs: the identity of the process. */
  readonly containerId: string;
  readonly running: boolean;
  readonly startedMs: UnixMs | undefined;
  readonly finishedMs: UnixMs | undefined;
  /** Why it waits (`CrashLoopBackOff` …), "" when it does not. */
  readonly waiting: string;
  /** What it may use; the limit of the pod where it has none of its own. Undefined: no limit. */
  readonly memoryLimit?: Bytes | undefined;
  /** Of an ephemeral container of ours: the collector that added it. */
  readonly addedBy?: string;
  readonly ports: readonly PortRecord[];
}

export interface ServiceRecord extends ObjectRecord {
  /** Its own ports, not those of its pods. */
  readonly ports: readonly PortRecord[];
}

/** Endpoints of a Service: only those that are Pods of its namespace, by address. */
export interface EndpointSliceRecord extends ObjectRecord {
  /** The Service's name, "" when the slice names none. */
  readonly service: string;
  /** Where the pods listen, under the names of the Service's ports. */
  readonly ports: readonly PortRecord[];
  readonly endpoints: readonly EndpointRecord[];
}

export interface EndpointRecord {
  readonly podUid: string;
  readonly addresses: readonly string[];
  readonly terminating: boolean;
}

/** A Service behind which a pod stands, and where its pods listen, under the names of its ports. */
export interface PodService {
  readonly service: ServiceRecord;
  readonly ports: readonly PortRecord[];
}

export interface PodRecord extends OwnedRecord {
  readonly node: string;
  readonly phase: string;
  /** The primary address, "" until there is one. */
  readonly ip: string;
  readonly ips: readonly string[];
  readonly hostNetwork: boolean;
  readonly serviceAccount: string;
  readonly createdMs: UnixMs;
  /** Set once deletion was asked for. */
  readonly deletionMs: UnixMs | undefined;
  readonly containers: readonly ContainerRecord[];
}
