import { setTimeout as sleep } from 'node:timers/promises';
import { type DurationMs, minute } from '../model/units.ts';
import type { KubernetesClient } from './client.ts';
import { type KubernetesError, toKubernetesError } from './errors.ts';
import type { KubernetesProblem } from './problem.ts';
import { grantHint } from './rbac-rule.ts';
import { RecordCache, type RecordChange } from './record-cache.ts';
import type { ObjectRecord } from './records.ts';
import { metadataType, resourcePath, resources } from './resource.ts';

interface NamespacePollOptions {
  readonly client: KubernetesClient;
  readonly namespaces: readonly string[];
  readonly trim: (object: unknown) => ObjectRecord | undefined;
  readonly onChange: (changes: readonly RecordChange<ObjectRecord>[]) => void;
  readonly intervalMs?: DurationMs;
}

/**
 * Reads named Namespace objects by GET, again and again: a Role may allow to get its own Namespace but not to watch it.
 * A failed GET leaves what was known.
 */
export class NamespacePoll {
  readonly #options: NamespacePollOptions;
  readonly #cache = new RecordCache<ObjectRecord>();
  readonly #stop = new AbortController();
  readonly #errors = new Map<string, KubernetesError>();
  #loop: Promise<void> | undefined;
  readonly #settled = Promise.withResolvers<void>();

  constructor(options: NamespacePollOptions) {
    this.#options = options;
  }

  values(): IterableIterator<ObjectRecord> {
    return this.#cache.values();
  }

  byName(namespace: string, name: string): ObjectRecord | undefined {
    return this.#cache.byName(namespace, name);
  }

  /** Fulfilled after the first round, whatever came of it. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  start(): void {
    if (this.#loop !== undefined) throw new Error('the poll of namespaces was started twice');
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    this.#settled.resolve();
  }

  /** It keeps no counts. */
  stats(): readonly never[] {
    return [];
  }

  problems(): readonly KubernetesProblem[] {
    return [...this.#errors].map(([namespace, error]) => ({
      what: `namespace ${namespace} cannot be read, so an opt-in on it does not count: ${error.message}`,
      hint:
        error.kind === 'forbidden'
          ? grantHint({ resource: resources.namespaces, verbs: ['get'], namespace })
          : 'it is tried again by itself',
    }));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      for (const name of this.#options.namespaces) await this.#read(name);
      this.#settled.resolve();
      const wait = (this.#options.intervalMs ?? minute) * (0.75 + 0.5 * Math.random());
      await sleep(wait, undefined, { signal }).catch(() => {});
    }
  }

  async #read(name: string): Promise<void> {
    if (this.#stop.signal.aborted) return;
    try {
      const path = resourcePath(resources.namespaces, undefined, name);
      const object = await this.#options.client.get(path, { accept: metadataType, signal: this.#stop.signal });
      const record = this.#options.trim(object);
      this.#errors.delete(name);
      if (record !== undefined) this.#tell(this.#cache.put(record));
    } catch (caught) {
      if (this.#stop.signal.aborted) return;
      const error = toKubernetesError(caught);
      const known = this.#cache.byName('', name);
      if (error.kind === 'not-found' && known !== undefined) this.#tell(this.#cache.remove(known.uid));
      this.#errors.set(name, error);
    }
  }

  #tell(changes: readonly RecordChange<ObjectRecord>[]): void {
    if (changes.length > 0) this.#options.onChange(changes);
  }
}
