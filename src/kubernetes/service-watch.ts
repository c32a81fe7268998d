import { annotationPrefixes } from './kept-keys.ts';
import type { KubernetesProblem } from './problem.ts';
import type { RecordChange } from './record-cache.ts';
import type { EndpointRecord, EndpointSliceRecord, PodRecord, PodService, ServiceRecord } from './records.ts';
import type { Reflector, ReflectorStats } from './reflector.ts';
import { ReflectorSet } from './reflector-set.ts';

type Changes<T> = (changes: readonly RecordChange<T>[]) => void;

export interface ServiceWatchOptions {
  readonly namespaces: readonly string[] | undefined;
  readonly services: (namespace: string | undefined, onChange: Changes<ServiceRecord>) => Reflector<ServiceRecord>;
  readonly slices: (
    namespace: string | undefined,
    onChange: Changes<EndpointSliceRecord>,
  ) => Reflector<EndpointSliceRecord>;
  /** Told the UIDs of pods for which Services have changed. */
  readonly onPods: (podUids: Iterable<string>) => void;
}

/**
 * The annotated Services, and which pods stand behind them. Most clusters have none, so EndpointSlices are watched only
 * from the first annotated Service on.
 *
 * Tenants can write EndpointSlices, so one is believed only where it names a Pod of its own namespace by its UID and an
 * address that this Pod has by its own status; anything else would let a tenant point us at foreign addresses.
 */
export class ServiceWatch {
  readonly #services: ReflectorSet<ServiceRecord>;
  readonly #slices: ReflectorSet<EndpointSliceRecord>;
  readonly #onPods: (podUids: Iterable<string>) => void;
  /** The slices that name a pod, by the pod's UID. */
  readonly #slicesOf = new Map<string, Set<EndpointSliceRecord>>();
  #watchesSlices = false;

  constructor({ namespaces, services, slices, onPods }: ServiceWatchOptions) {
    this.#onPods = onPods;
    this.#services = new ReflectorSet(namespaces, (namespace) =>
      services(namespace, (changes) => this.#servicesChanged(changes)),
    );
    this.#slices = new ReflectorSet(namespaces, (namespace) =>
      slices(namespace, (changes) => this.#slicesChanged(changes)),
    );
  }

  /** Fulfilled once what is needed was listed, or found to be out of our rights. */
  get settled(): Promise<unknown> {
    return this.#services.settled.then(() => (this.#watchesSlices ? this.#slices.settled : undefined));
  }

  start(): void {
    this.#services.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#services.stop(), this.#slices.stop()]);
  }

  problems(): readonly KubernetesProblem[] {
    return [...this.#services.problems(), ...(this.#watchesSlices ? this.#slices.problems() : [])];
  }

  stats(): readonly ReflectorStats[] {
    return [...this.#services.stats(), ...(this.#watchesSlices ? this.#slices.stats() : [])];
  }

  /** The annotated Services behind which this pod stands, by name. */
  servicesOf(pod: PodRecord): readonly PodService[] {
    const found = new Map<string, PodService>();
    for (const slice of this.#slicesOf.get(pod.uid) ?? []) {
      const service = this.#services.byName(slice.namespace, slice.service);
      const isBelieved = slice.namespace === pod.namespace && slice.endpoints.some((each) => isOfPod(each, pod));
      if (!isBelieved || service === undefined || !isAnnotated(service)) continue;
      const before = found.get(service.name)?.ports ?? [];
      const more = slice.ports.filter(({ name }) => before.every((port) => port.name !== name));
      found.set(service.name, { service, ports: [...before, ...more] });
    }
    return [...found.values()].sort((a, b) => (a.service.name < b.service.name ? -1 : 1));
  }

  #servicesChanged(changes: readonly RecordChange<ServiceRecord>[]): void {
    for (const change of changes) {
      const { record } = change;
      const counted = change.kind === 'changed' && isAnnotated(change.previous);
      if (!counted && !isAnnotated(record)) continue;
      if (!this.#watchesSlices) {
        this.#watchesSlices = true;
        this.#slices.start();
      }
      for (const slice of this.#slices.values()) {
        if (slice.namespace === record.namespace && slice.service === record.name) this.#onPods(podsOf(slice));
      }
    }
  }

  #slicesChanged(changes: readonly RecordChange<EndpointSliceRecord>[]): void {
    for (const change of changes) {
      if (change.kind === 'changed') this.#forget(change.previous);
      if (change.kind === 'removed') this.#forget(change.record);
      else this.#remember(change.record);
      const slices = change.kind === 'changed' ? [change.previous, change.record] : [change.record];
      // A slice may have been given to another Service.
      if (slices.some((slice) => this.#isOfAnnotated(slice))) this.#onPods(new Set(slices.flatMap(podsOf)));
    }
  }

  #isOfAnnotated({ namespace, service }: EndpointSliceRecord): boolean {
    const record = this.#services.byName(namespace, service);
    return record !== undefined && isAnnotated(record);
  }

  #remember(slice: EndpointSliceRecord): void {
    for (const uid of podsOf(slice)) {
      const slices = this.#slicesOf.get(uid);
      if (slices) slices.add(slice);
      else this.#slicesOf.set(uid, new Set([slice]));
    }
  }

  #forget(slice: EndpointSliceRecord): void {
    for (const uid of podsOf(slice)) {
      const slices = this.#slicesOf.get(uid);
      slices?.delete(slice);
      if (slices?.size === 0) this.#slicesOf.delete(uid);
    }
  }
}

/** An endpoint that terminates brings nobody in: it only keeps a pod that is being deleted for its last look. */
function isOfPod({ podUid, addresses, terminating }: EndpointRecord, pod: PodRecord): boolean {
  if (podUid !== pod.uid || (terminating && pod.deletionMs === undefined)) return false;
  return addresses.some((address) => pod.ips.includes(address));
}

function isAnnotated({ annotations }: ServiceRecord): boolean {
  return Object.keys(annotations).some((key) => annotationPrefixes.some((prefix) => key.startsWith(prefix)));
}

function podsOf({ endpoints }: EndpointSliceRecord): readonly string[] {
  return endpoints.map(({ podUid }) => podUid);
}
