import { canonicalLabels, type LabelSet, partitionLabels, pickLabels } from './labels.ts';
import type { ProfileKind } from './profile-type.ts';
import type { UnixMs } from './units.ts';

/**
 * One run of one program. Counters restart with it, so nothing is ever differenced across two processes.
 * Kubernetes: pod UID + container id. Static targets: the URL. Uploads: what the client says.
 */
export interface ProcessIdentity {
  readonly id: string;
  /** The place it runs in (`namespace/pod/container`): the next process in the same slot ends this one. */
  readonly slot: string;
  /** When it started, if that is known. */
  readonly startedMs: UnixMs | undefined;
  /** Names what was built, such as the digest of its image (64 hex digits); absent where nothing tells. */
  readonly build?: string | undefined;
}

/** What one stream of profiles belongs to: a label set, the kind, and the process. */
export interface SeriesIdentity {
  readonly labels: LabelSet;
  readonly kind: ProfileKind;
  readonly process: ProcessIdentity;
}

/** The scope of one tree of stacks: (namespace, workload_kind, workload, container). */
export function partitionKey(labels: LabelSet): string {
  return canonicalLabels(pickLabels(labels, partitionLabels));
}

export function seriesKey({ labels, kind, process }: SeriesIdentity): string {
  return `${kind}\n${process.id}\n${canonicalLabels(labels)}`;
}
