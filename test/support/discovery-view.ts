import type {
  ClusterChange,
  ClusterView,
  FetchedObject,
  OwnerLookup,
  WatchedWorkload,
} from '../../src/discovery/cluster-view.ts';
import type { ObjectRecord, OwnerRecord, PodRecord, PodService } from '../../src/kubernetes/records.ts';

/** A cluster in memory: what is put in is there, and every change is told at once. */
export class FakeCluster implements ClusterView {
  readonly #pods = new Map<string, PodRecord>();
  readonly #workloads = new Map<string, ObjectRecord>();
  readonly #namespaces = new Map<string, ObjectRecord>();
  readonly #listeners = new Set<(change: ClusterChange) => void>();
  readonly services = new Map<string, readonly PodService[]>();
  readonly owners = new Map<string, OwnerLookup>();
  readonly fetched = new Map<string, FetchedObject>();
  readonly unwatched = new Set<WatchedWorkload>();
  readonly asked: string[] = [];

  putPod(pod: PodRecord): void {
    this.#pods.set(pod.uid, pod);
    this.#tell({ pods: [pod] });
  }

  removePod(uid: string): void {
    const pod = this.#pods.get(uid);
    this.#pods.delete(uid);
    if (pod) this.#tell({ removedPods: [pod] });
  }

  putWorkload(kind: WatchedWorkload, object: ObjectRecord): void {
    this.#workloads.set(`${kind}/${object.namespace}/${object.name}`, object);
    this.#tell({ workloads: [{ kind, namespace: object.namespace, name: object.name }] });
  }

  removeWorkload(kind: WatchedWorkload, namespace: string, name: string): void {
    this.#workloads.delete(`${kind}/${namespace}/${name}`);
    this.#tell({ workloads: [{ kind, namespace, name }] });
  }

  putNamespace(object: ObjectRecord): void {
    this.#namespaces.set(object.name, object);
    this.#tell({ namespaces: [object.name] });
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  pods(): Iterable<PodRecord> {
    return this.#pods.values();
  }

  pod(namespace: string, name: string): PodRecord | undefined {
    return [...this.#pods.values()].find((pod) => pod.namespace === namespace && pod.name === name);
  }

  namespaces(): Iterable<string> {
    return this.#namespaces.keys();
  }

  namespace(name: string): ObjectRecord | undefined {
    return this.#namespaces.get(name);
  }

  workloads(kind: WatchedWorkload): Iterable<ObjectRecord> {
    return [...this.#workloads].filter(([key]) => key.startsWith(`${kind}/`)).map(([, object]) => object);
  }

  workload(kind: WatchedWorkload, namespace: string, name: string): ObjectRecord | undefined {
    return this.#workloads.get(`${kind}/${namespace}/${name}`);
  }

  /** The Services that select a pod, by its UID. */
  putServices(pod: PodRecord, services: readonly PodService[]): void {
    this.services.set(pod.uid, services);
    this.#tell({ pods: [pod] });
  }

  servicesOf(pod: PodRecord): readonly PodService[] {
    return this.services.get(pod.uid) ?? [];
  }

  watches(kind: WatchedWorkload): boolean {
    return !this.unwatched.has(kind);
  }

  ownerOf(_namespace: string, { kind, name }: OwnerRecord): OwnerLookup {
    this.asked.push(`${kind}/${name}`);
    return this.owners.get(`${kind}/${name}`) ?? { kind: 'found', owner: undefined };
  }

  fetchObject(_namespace: string, { kind, name }: OwnerRecord): Promise<FetchedObject | undefined> {
    return Promise.resolve(this.fetched.get(`${kind}/${name}`));
  }

  onChange(listener: (change: ClusterChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  problems() {
    return [];
  }

  #tell(change: Partial<ClusterChange>): void {
    const whole = { pods: [], removedPods: [], workloads: [], namespaces: [], ...change };
    for (const listener of this.#listeners) listener(whole);
  }
}
