import type { PodRecord } from '../kubernetes/records.ts';
import type { WorkloadRecord } from './cluster-view.ts';
import { groupKeyOf, type OwnerSource, workloadOf } from './owner.ts';

/** The pods of one workload. */
export interface PodGroup {
  readonly key: string;
  readonly namespace: string;
  /** With its annotations, as last placed. */
  workload: WorkloadRecord;
  readonly pods: Map<string, PodRecord>;
}

/** Which pods belong to which workload, kept as pods and owners come and go. */
export class PodGroups {
  readonly #groups = new Map<string, PodGroup>();
  readonly #keyOfPod = new Map<string, string>();
  /** Pods whose owner is being asked for. */
  readonly #pending = new Map<string, PodRecord>();
  readonly #owners: OwnerSource;

  constructor(owners: OwnerSource) {
    this.#owners = owners;
  }

  get(key: string): PodGroup | undefined {
    return this.#groups.get(key);
  }

  pending(): readonly PodRecord[] {
    return [...this.#pending.values()];
  }

  inNamespace(namespace: string): readonly string[] {
    return [...this.#groups.values()].filter((group) => group.namespace === namespace).map(({ key }) => key);
  }

  keys(): readonly string[] {
    return [...this.#groups.keys()];
  }

  /** Puts a pod where it belongs now; returns the keys of the groups that this changes. */
  place(pod: PodRecord): readonly string[] {
    const before = this.#keyOfPod.get(pod.uid);
    const ownership = workloadOf(pod, this.#owners);
    if (ownership.kind === 'pending') {
      this.#pending.set(pod.uid, pod);
      // What it was known to belong to stays true until its owners answer.
      if (before !== undefined) this.#groups.get(before)?.pods.set(pod.uid, pod);
      return before === undefined ? [] : [before];
    }
    this.#pending.delete(pod.uid);
    const { workload } = ownership;
    const key = groupKeyOf(pod.namespace, workload.kind, workload.name);
    if (before !== undefined && before !== key) this.#take(pod.uid, before);
    const group = this.#groups.get(key);
    if (group) {
      group.workload = workload;
      group.pods.set(pod.uid, pod);
    } else {
      this.#groups.set(key, { key, namespace: pod.namespace, workload, pods: new Map([[pod.uid, pod]]) });
    }
    this.#keyOfPod.set(pod.uid, key);
    return before === undefined || before === key ? [key] : [before, key];
  }

  /** Forgets a pod; returns the keys of the groups that this changes. */
  remove(podUid: string): readonly string[] {
    this.#pending.delete(podUid);
    const key = this.#keyOfPod.get(podUid);
    if (key === undefined) return [];
    this.#take(podUid, key);
    this.#keyOfPod.delete(podUid);
    return [key];
  }

  #take(podUid: string, key: string): void {
    const group = this.#groups.get(key);
    group?.pods.delete(podUid);
    if (group?.pods.size === 0) this.#groups.delete(key);
  }
}
