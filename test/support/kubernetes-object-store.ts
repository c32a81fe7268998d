/** Any object of the API, as JSON. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: KubeMetadata;
  readonly [field: string]: unknown;
}

export interface KubeMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly KubeOwner[];
  readonly [field: string]: unknown;
}

export interface KubeOwner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

/** A change in the store; `previous` is what stood there before. */
export interface StoreEvent {
  readonly version: number;
  readonly object: KubeObject | undefined;
  readonly previous: KubeObject | undefined;
}

export function pluralOf(kind: string): string {
  return `${kind.toLowerCase()}s`;
}

/** The objects of a cluster with one rising version, and the events since the oldest version that is still known. */
export class ObjectStore {
  #version = 1000;
  #oldest = 1000;
  #uids = 0;
  readonly #objects = new Map<string, KubeObject>();
  #events: StoreEvent[] = [];
  readonly #listeners = new Set<(event: StoreEvent) => void>();

  get version(): number {
    return this.#version;
  }

  /** Watches from a version below this are told that it is gone. */
  get oldest(): number {
    return this.#oldest;
  }

  /** Adds or replaces the object of this kind, namespace and name. Keeps the UID unless a new one is given. */
  put(object: KubeObject): KubeObject {
    const previous = this.get(object.kind, object.metadata.namespace ?? '', object.metadata.name);
    const uid = object.metadata.uid ?? previous?.metadata.uid ?? `uid-${++this.#uids}`;
    const version = ++this.#version;
    const stored = { ...object, metadata: { ...object.metadata, uid, resourceVersion: String(version) } };
    this.#objects.set(keyOf(stored), stored);
    this.#tell({ version, object: stored, previous: previous?.metadata.uid === uid ? previous : undefined });
    return stored;
  }

  /** `silently`: watches are not told, as when they were broken at that moment and the log has gone since. */
  delete(kind: string, namespace: string, name: string, { silently = false } = {}): void {
    const previous = this.get(kind, namespace, name);
    if (previous === undefined) return;
    this.#objects.delete(keyOf(previous));
    const version = ++this.#version;
    const last = { ...previous, metadata: { ...previous.metadata, resourceVersion: String(version) } };
    if (!silently) this.#tell({ version, object: undefined, previous: last });
  }

  get(kind: string, namespace: string, name: string): KubeObject | undefined {
    return this.#objects.get(`${pluralOf(kind)}/${namespace}/${name}`);
  }

  list(plural: string, namespace: string): KubeObject[] {
    const prefix = namespace === '' ? `${plural}/` : `${plural}/${namespace}/`;
    return [...this.#objects].flatMap(([key, object]) => (key.startsWith(prefix) ? [object] : []));
  }

  /** The events after a version, oldest first. */
  since(version: number): StoreEvent[] {
    return this.#events.filter((event) => event.version > version);
  }

  subscribe(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets all events, as a restarted API server has: every version before this one is gone. */
  compact(): void {
    this.#oldest = ++this.#version;
    this.#events = [];
  }

  #tell(event: StoreEvent): void {
    this.#events.push(event);
    for (const listener of this.#listeners) listener(event);
  }
}

function keyOf({ kind, metadata }: KubeObject): string {
  return `${pluralOf(kind)}/${metadata.namespace ?? ''}/${metadata.name}`;
}
