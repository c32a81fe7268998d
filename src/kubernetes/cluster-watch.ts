import { FlameherdError } from '../model/errors.ts';
import type { LabelSet } from '../model/labels.ts';
import type { DurationMs, UnixMs } from '../model/units.ts';
import { type BatchListener, ChangeBatch, type WatchedKind } from './change-batch.ts';
import type { KubernetesClient } from './client.ts';
import { Interner } from './interner.ts';
import { NamespacePoll } from './namespace-poll.ts';
import { type OwnerAnswer, OwnerLookup } from './owner-lookup.ts';
import type { KubernetesProblem } from './problem.ts';
import type { RecordChange } from './record-cache.ts';
import type { ObjectRecord, OwnerRecord, PodRecord, PodService } from './records.ts';
import { Reflector, type ReflectorStats, type ReflectorTiming } from './reflector.ts';
import { ReflectorSet } from './reflector-set.ts';
import { isOfResource, metadataType, type Resource, resourceOfKind, resourcePath, resources } from './resource.ts';
import { ServiceWatch } from './service-watch.ts';
import { trimMetadata, trimPod } from './trim.ts';
import { trimEndpointSlice, trimService } from './trim-service.ts';

export interface ClusterWatchOptions {
  readonly client: KubernetesClient;
  /** Watch only these, at most `maxNamespaces`, with Roles instead of a ClusterRole. */
  readonly namespaces?: readonly string[] | undefined;
  /** Only pods with these labels. */
  readonly labelSelector?: string | undefined;
  /** Labels of pods to keep besides those that decide. */
  readonly podLabels?: readonly string[] | undefined;
  /** Labels of namespaces to keep besides those that decide. */
  readonly namespaceLabels?: readonly string[] | undefined;
  /** Keep pods that have run to their end: default false. */
  readonly finishedPods?: boolean | undefined;
  /** Read the annotations of Services: default true. */
  readonly services?: boolean | undefined;
  /** How long changes are gathered before they are told: default 200 ms. */
  readonly debounceMs?: DurationMs | undefined;
  readonly now?: () => UnixMs;
  readonly timing?: Partial<ReflectorTiming>;
}

export interface ClusterWatchStats {
  readonly resources: readonly ReflectorStats[];
  readonly ownerGets: number;
  readonly listenerErrors: number;
}

/** An object as it was fetched for explain: all of its labels and annotations. */
export interface FetchedObject {
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
}

/** Each namespace costs six or seven watches. */
const maxNamespaces = 50;
const unfinished = 'status.phase!=Succeeded,status.phase!=Failed';

const watchedResources: Readonly<Record<WatchedKind, Resource>> = {
  Deployment: resources.deployments,
  StatefulSet: resources.statefulsets,
  DaemonSet: resources.daemonsets,
  CronJob: resources.cronjobs,
};

/** What pods, workloads, Services and namespaces have in common, however they are kept. */
interface WatchedPart {
  readonly settled: Promise<unknown>;
  start(): void;
  stop(): Promise<void>;
  problems(): readonly KubernetesProblem[];
  stats(): readonly ReflectorStats[];
}

/**
 * The cluster as last seen: pods, namespaces and the annotations of workloads, filled by watches and never emptied because the
 * API server is away. Every right is optional: a resource that may not be listed stays empty and is named by `problems()`
 * together with the rule that grants it.
 */
export class ClusterWatch {
  readonly #options: ClusterWatchOptions;
  readonly #interner = new Interner();
  readonly #batch: ChangeBatch;
  readonly #pods: ReflectorSet<PodRecord>;
  readonly #workloads: Readonly<Record<WatchedKind, ReflectorSet<ObjectRecord>>>;
  readonly #namespaces: ReflectorSet<ObjectRecord> | NamespacePoll;
  readonly #services: ServiceWatch | undefined;
  readonly #owners: OwnerLookup;
  readonly #stop = new AbortController();

  /** Asks nothing before `start`. Throws a `bad_config` for too many namespaces. */
  constructor(options: ClusterWatchOptions) {
    checkNamespaces(options.namespaces);
    this.#options = options;
    this.#batch = new ChangeBatch(options.debounceMs ?? 200, (owners) => this.#podsBelow(owners));
    this.#pods = this.#watchPods();
    this.#workloads = {
      Deployment: this.#watchWorkloads('Deployment'),
      StatefulSet: this.#watchWorkloads('StatefulSet'),
      DaemonSet: this.#watchWorkloads('DaemonSet'),
      CronJob: this.#watchWorkloads('CronJob'),
    };
    this.#namespaces = this.#watchNamespaces();
    this.#services = options.services === false ? undefined : this.#watchServices();
    this.#owners = new OwnerLookup({
      client: options.client,
      signal: this.#stop.signal,
      onAnswer: (owner) => this.#batch.owner(owner.uid),
    });
  }

  /** Begins to list and watch. Throws when it was started before. */
  start(): void {
    for (const part of this.#parts()) part.start();
  }

  /** Ends every request; nothing is asked of the server and no listener is called after it. What is known stays. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#batch.stop();
    await Promise.all(this.#parts().map((part) => part.stop()));
  }

  /** Fulfilled once each resource was listed or was found to be out of our rights; rejects only when aborted. */
  async ready(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      await Promise.race([Promise.all(this.#parts().map((part) => part.settled)), aborted.promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  pods(): Iterable<PodRecord> {
    return this.#pods.values();
  }

  pod(namespace: string, name: string): PodRecord | undefined {
    return this.#pods.byName(namespace, name);
  }

  podByUid(uid: string): PodRecord | undefined {
    return this.#pods.byUid(uid);
  }

  /** The names of all namespaces that are known, or of those that were asked for. */
  namespaces(): Iterable<string> {
    if (this.#options.namespaces !== undefined) return this.#options.namespaces;
    return [...this.#namespaces.values()].map(({ name }) => name);
  }

  namespace(name: string): ObjectRecord | undefined {
    return this.#namespaces.byName('', name);
  }

  workloads(kind: WatchedKind): Iterable<ObjectRecord> {
    return this.#workloads[kind].values();
  }

  workload(kind: WatchedKind, namespace: string, name: string): ObjectRecord | undefined {
    return this.#workloads[kind].byName(namespace, name);
  }

  /** The annotated Services that select this pod, by name; their changes are told as changes of the pod. */
  servicesOf(pod: PodRecord): readonly PodService[] {
    return this.#services?.servicesOf(pod) ?? [];
  }

  /** Whether the kind was listed: false without the right to. */
  watches(kind: WatchedKind): boolean {
    return this.#workloads[kind].isSynced;
  }

  /**
   * Who owns this object: a ReplicaSet's or a Job's owner by one GET that is remembered. While it is `pending`, a change of
   * the pods below it is told once the answer is there.
   */
  ownerOf(namespace: string, owner: OwnerRecord): OwnerAnswer {
    return this.#owners.ownerOf(namespace, owner);
  }

  /** One GET, for explain; undefined when the object is missing, of a foreign kind, or cannot be had now. */
  async fetchObject(namespace: string, object: OwnerRecord): Promise<FetchedObject | undefined> {
    const resource = resourceOfKind(object.kind);
    if (resource === undefined || !isOfResource(resource, object.apiVersion)) return undefined;
    const scope = resource.kind === 'Namespace' ? undefined : namespace;
    try {
      const path = resourcePath(resource, scope, object.name);
      const answer = await this.#options.client.get(path, { accept: metadataType, signal: this.#stop.signal });
      const { metadata } = answer as { metadata?: { labels?: LabelSet; annotations?: LabelSet } };
      return { labels: metadata?.labels ?? {}, annotations: metadata?.annotations ?? {} };
    } catch {
      return undefined;
    }
  }

  /** Tells every change from now on, in batches; returns the way to stop. What a listener throws is counted. */
  onChange(listener: BatchListener): () => void {
    return this.#batch.listen(listener);
  }

  problems(): readonly KubernetesProblem[] {
    return [...this.#parts().flatMap((part) => part.problems()), ...[this.#owners.problem() ?? []].flat()];
  }

  stats(): ClusterWatchStats {
    return {
      resources: this.#parts().flatMap((part) => part.stats()),
      ownerGets: this.#owners.gets,
      listenerErrors: this.#batch.listenerErrors,
    };
  }

  #watchPods(): ReflectorSet<PodRecord> {
    const podLabels = new Set(this.#options.podLabels ?? []);
    const trim = (object: unknown) => trimPod(object, { podLabels, interner: this.#interner });
    return this.#watchEach((namespace) =>
      this.#reflector<PodRecord>(resources.pods, namespace, {
        trim,
        labelSelector: this.#options.labelSelector,
        fieldSelector: this.#options.finishedPods ? undefined : unfinished,
        onChange: (changes) => this.#podsChanged(changes),
      }),
    );
  }

  #watchWorkloads(kind: WatchedKind): ReflectorSet<ObjectRecord> {
    const onChange = (changes: readonly RecordChange<ObjectRecord>[]) => {
      for (const { record } of changes) this.#batch.workload(kind, record.namespace, record.name);
    };
    return this.#watchEach((namespace) => this.#metadataReflector(watchedResources[kind], namespace, onChange));
  }

  #watchNamespaces(): ReflectorSet<ObjectRecord> | NamespacePoll {
    const onChange = (changes: readonly RecordChange<ObjectRecord>[]) => {
      for (const { record } of changes) this.#batch.namespace(record.name);
    };
    const { client, namespaces, namespaceLabels = [] } = this.#options;
    const kept = { podLabels: new Set(namespaceLabels), interner: this.#interner };
    const trim = (object: unknown) => trimMetadata(object, kept);
    if (namespaces !== undefined) return new NamespacePoll({ client, namespaces, trim, onChange });
    return new ReflectorSet(undefined, () => this.#metadataReflector(resources.namespaces, undefined, onChange, trim));
  }

  #watchServices(): ServiceWatch {
    const { namespaces } = this.#options;
    const interner = this.#interner;
    return new ServiceWatch({
      namespaces,
      services: (namespace, onChange) =>
        this.#reflector(resources.services, namespace, {
          trim: (object) => trimService(object, { interner }),
          onChange,
        }),
      slices: (namespace, onChange) =>
        this.#reflector(resources.endpointslices, namespace, {
          trim: (object) => trimEndpointSlice(object, { interner }),
          onChange,
        }),
      onPods: (uids) => {
        for (const uid of uids) {
          const pod = this.#pods.byUid(uid);
          if (pod) this.#batch.pod(pod);
        }
      },
    });
  }

  #watchEach<T extends ObjectRecord>(create: (namespace: string | undefined) => Reflector<T>): ReflectorSet<T> {
    return new ReflectorSet(this.#options.namespaces, create);
  }

  #metadataReflector(
    resource: Resource,
    namespace: string | undefined,
    onChange: (changes: readonly RecordChange<ObjectRecord>[]) => void,
    trim = (object: unknown) => trimMetadata(object, { interner: this.#interner }),
  ): Reflector<ObjectRecord> {
    return this.#reflector<ObjectRecord>(resource, namespace, { trim, onChange, metadataOnly: true });
  }

  #reflector<T extends ObjectRecord>(
    resource: Resource,
    namespace: string | undefined,
    rest: Omit<ConstructorParameters<typeof Reflector<T>>[0], 'client' | 'resource' | 'namespace'>,
  ): Reflector<T> {
    const { client, now, timing } = this.#options;
    return new Reflector<T>({
      client,
      resource,
      namespace,
      ...rest,
      ...(now === undefined ? {} : { now }),
      ...(timing === undefined ? {} : { timing }),
    });
  }

  #podsChanged(changes: readonly RecordChange<PodRecord>[]): void {
    for (const change of changes) {
      if (change.kind === 'removed') this.#batch.removedPod(change.record);
      else this.#batch.pod(change.record);
    }
  }

  *#podsBelow(owners: ReadonlySet<string>): Generator<PodRecord, void, undefined> {
    for (const pod of this.#pods.values()) {
      if (pod.owner === undefined) continue;
      const above = this.#owners.known(pod.owner.uid);
      const topUid = above?.kind === 'found' ? above.owner?.uid : undefined;
      if (owners.has(pod.owner.uid) || (topUid !== undefined && owners.has(topUid))) yield pod;
    }
  }

  #parts(): readonly WatchedPart[] {
    const services = this.#services ? [this.#services] : [];
    return [this.#pods, ...Object.values(this.#workloads), this.#namespaces, ...services];
  }
}

function checkNamespaces(namespaces: readonly string[] | undefined): void {
  if (namespaces === undefined || (namespaces.length > 0 && namespaces.length <= maxNamespaces)) return;
  throw new FlameherdError(
    'bad_config',
    `${namespaces.length} namespaces to watch: 1 to ${maxNamespaces} are allowed`,
    {
      hint: 'leave the list empty and give a ClusterRole to watch all namespaces',
    },
  );
}
