import type { DurationMs } from '../model/units.ts';
import type { PodRecord } from './records.ts';

/** The kinds of workload that are watched, so that their annotations count without a roll-out. */
export type WatchedKind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'CronJob';

/** What changed since the last batch. A pod that changed stands in it as it is now; one that is gone as it last was. */
export interface ClusterBatch {
  readonly pods: readonly PodRecord[];
  readonly removedPods: readonly PodRecord[];
  readonly workloads: readonly { readonly kind: WatchedKind; readonly namespace: string; readonly name: string }[];
  readonly namespaces: readonly string[];
}

export type BatchListener = (batch: ClusterBatch) => void;

/**
 * Gathers changes and tells them `delayMs` after the first one, each object once: a workload that is updated fifty times
 * a second is told a few times. Bounded by the number of objects that there are.
 */
export class ChangeBatch {
  readonly #delayMs: DurationMs;
  readonly #podsBelow: (ownerUids: ReadonlySet<string>) => Iterable<PodRecord>;
  readonly #listeners = new Set<BatchListener>();
  #pods = new Map<string, PodRecord>();
  #removed = new Map<string, PodRecord>();
  #workloads = new Map<string, ClusterBatch['workloads'][number]>();
  #namespaces = new Set<string>();
  #owners = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #listenerErrors = 0;

  /** `podsBelow` finds the pods of owners; it reads all pods, so it is asked once a batch. */
  constructor(delayMs: DurationMs, podsBelow: (ownerUids: ReadonlySet<string>) => Iterable<PodRecord>) {
    this.#delayMs = delayMs;
    this.#podsBelow = podsBelow;
  }

  /** How often a listener threw. */
  get listenerErrors(): number {
    return this.#listenerErrors;
  }

  listen(listener: BatchListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  pod(record: PodRecord): void {
    if (!this.#isHeard) return;
    this.#pods.set(record.uid, record);
    this.#arm();
  }

  removedPod(record: PodRecord): void {
    if (!this.#isHeard) return;
    this.#pods.delete(record.uid);
    this.#removed.set(record.uid, record);
    this.#arm();
  }

  workload(kind: WatchedKind, namespace: string, name: string): void {
    if (!this.#isHeard) return;
    this.#workloads.set(`${kind}/${namespace}/${name}`, { kind, namespace, name });
    this.#arm();
  }

  namespace(name: string): void {
    if (!this.#isHeard) return;
    this.#namespaces.add(name);
    this.#arm();
  }

  /** It became known who owns this owner: its pods count as changed. */
  owner(uid: string): void {
    if (!this.#isHeard) return;
    this.#owners.add(uid);
    this.#arm();
  }

  /** Nothing is told after this. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => this.#tell(), this.#delayMs);
  }

  /** Whoever listens later reads everything first. */
  get #isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  #tell(): void {
    this.#timer = undefined;
    if (this.#owners.size > 0) for (const pod of this.#podsBelow(this.#owners)) this.#pods.set(pod.uid, pod);
    const batch: ClusterBatch = {
      pods: [...this.#pods.values()],
      removedPods: [...this.#removed.values()],
      workloads: [...this.#workloads.values()],
      namespaces: [...this.#namespaces],
    };
    this.#clear();
    for (const listener of this.#listeners) {
      try {
        listener(batch);
      } catch {
        this.#listenerErrors++;
      }
    }
  }

  #clear(): void {
    this.#pods = new Map();
    this.#removed = new Map();
    this.#workloads = new Map();
    this.#namespaces = new Set();
    this.#owners = new Set();
  }
}
