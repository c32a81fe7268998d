import { setTimeout as sleep } from 'node:timers/promises';
import { type Bytes, type DurationMs, minute, second, type UnixMs } from '../model/units.ts';
import { type BackoffPolicy, backoffMs, defaultBackoff } from './backoff.ts';
import type { KubernetesClient } from './client.ts';
import { errorCode, KubernetesError, toKubernetesError } from './errors.ts';
import { describeProblem, type KubernetesProblem } from './problem.ts';
import { RecordCache, type RecordChange } from './record-cache.ts';
import type { ObjectRecord } from './records.ts';
import { metadataListType, metadataType, type Resource, resourcePath } from './resource.ts';
import { readListPage, readWatch, type StreamOptions, type WatchEvent } from './watch-stream.ts';

export interface ReflectorOptions<T extends ObjectRecord> {
  readonly client: KubernetesClient;
  readonly resource: Resource;
  /** Undefined for all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Ask for names, labels, annotations and owners only. */
  readonly metadataOnly?: boolean;
  /** What is kept of an object, called while it is parsed; undefined skips the object and counts it. */
  readonly trim: (object: unknown) => T | undefined;
  /** Called with what changed, in order. What it throws is counted and goes no further. */
  readonly onChange: (changes: readonly RecordChange<T>[]) => void;
  readonly now?: () => UnixMs;
  readonly random?: () => number;
  readonly timing?: Partial<ReflectorTiming>;
}

export interface ReflectorTiming {
  readonly backoff: BackoffPolicy;
  /** A watch this silent is broken: bookmarks come every minute. */
  readonly idleMs: DurationMs;
  /** The server asked for a watch-list and sent nothing for this long before its end: it is too old to know them. */
  readonly syncIdleMs: DurationMs;
  /** The server is asked to end a watch after this, and up to twice this. */
  readonly watchSeconds: number;
  /** Everything is listed anew after this, and up to 1.5 times this, when a watch has ended. */
  readonly relistMs: DurationMs;
  /** A watch that lasted this long was healthy: the next failure is a first one. */
  readonly healthyMs: DurationMs;
  readonly pageSize: number;
  readonly maxObjectBytes: Bytes;
}

export const defaultTiming: ReflectorTiming = {
  backoff: defaultBackoff,
  idleMs: 90 * second,
  syncIdleMs: 15 * second,
  watchSeconds: 300,
  relistMs: 60 * minute,
  healthyMs: second,
  pageSize: 500,
  maxObjectBytes: 16 << 20,
};

/** A version that the server keeps failing on (500 for one that it cannot read) is dropped after so many in a row. */
const failuresBeforeRelist = 5;

/** Plain counts since the start. */
export interface ReflectorStats {
  readonly resource: string;
  readonly namespace: string;
  readonly synced: boolean;
  readonly lists: number;
  readonly watches: number;
  readonly events: number;
  readonly unreadable: number;
  readonly handlerErrors: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly records: number;
  /** When the server last said anything, bookmarks included. */
  readonly lastEventMs: UnixMs | undefined;
  /** When all objects were known last from one list. */
  readonly listedMs: UnixMs | undefined;
  readonly startedMs: UnixMs;
}

/**
 * Keeps a trimmed copy of all objects of one resource: lists them once (by a watch-list where the server has it, else page
 * by page), then watches, and begins again whenever the server or the network makes it. It never ends by itself, and an
 * object is only forgotten when the server said so or a whole new list lacks it: while the server is away the last known
 * objects stand. The rules are those of client-go's `tools/cache/reflector.go`.
 */
export class Reflector<T extends ObjectRecord> {
  readonly #options: ReflectorOptions<T>;
  readonly #timing: ReflectorTiming;
  readonly #now: () => UnixMs;
  readonly #random: () => number;
  readonly #cache = new RecordCache<T>();
  readonly #stop = new AbortController();
  readonly #synced = Promise.withResolvers<void>();
  readonly #settled = Promise.withResolvers<void>();
  #loop: Promise<void> | undefined;
  /** Where the next watch goes on; "" when everything must be listed first. */
  #version = '';
  #useWatchList = true;
  #usePages = true;
  #relistDueMs = 0;
  #failures = 0;
  #failedSinceMs: UnixMs | undefined;
  #error: KubernetesError | undefined;
  #isSynced = false;
  #lists = 0;
  #watches = 0;
  #events = 0;
  #unreadable = 0;
  #handlerErrors = 0;
  #lastEventMs: UnixMs | undefined;
  #listedMs: UnixMs | undefined;
  #startedMs: UnixMs;
  readonly #errors = new Map<string, number>();

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#timing = { ...defaultTiming, ...options.timing };
    this.#now = options.now ?? Date.now;
    this.#random = options.random ?? Math.random;
    this.#startedMs = this.#now();
  }

  /** What is known now. After a stop it stays as it was. */
  get records(): RecordCache<T> {
    return this.#cache;
  }

  /** Fulfilled when all objects are known, and by a stop. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  /** Fulfilled when it is known what to expect: all objects are known, or the right is missing, or it was stopped. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** Throws when it was started before: a reflector runs once. */
  start(): void {
    if (this.#loop !== undefined)
      throw new Error(`the reflector of ${this.#options.resource.plural} was started twice`);
    this.#startedMs = this.#now();
    this.#loop = this.#run();
  }

  /** Ends every request and wait; nothing is asked of the server once this is fulfilled. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    this.#synced.resolve();
    this.#settled.resolve();
  }

  /** What keeps the copy from being fresh, and what to do; undefined when all is well. */
  problem(): KubernetesProblem | undefined {
    if (this.#error === undefined) return undefined;
    return describeProblem({
      error: this.#error,
      resource: this.#options.resource,
      namespace: this.#options.namespace,
      records: this.#isSynced ? this.#cache.size : undefined,
      sinceMs: this.#failedSinceMs,
    });
  }

  stats(): ReflectorStats {
    return {
      resource: this.#options.resource.plural,
      namespace: this.#options.namespace ?? '',
      synced: this.#isSynced,
      lists: this.#lists,
      watches: this.#watches,
      events: this.#events,
      unreadable: this.#unreadable,
      handlerErrors: this.#handlerErrors,
      errors: Object.fromEntries(this.#errors),
      records: this.#cache.size,
      lastEventMs: this.#lastEventMs,
      listedMs: this.#listedMs,
      startedMs: this.#startedMs,
    };
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const startedMs = this.#now();
      try {
        await this.#once();
        if (this.#now() - startedMs >= this.#timing.healthyMs) {
          this.#failures = 0;
          continue;
        }
        // A server that ends watches at once would otherwise be asked in a tight loop.
        await this.#failed(
          new KubernetesError({ kind: 'unavailable', message: 'the API server ends watches at once' }),
        );
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (this.#now() - startedMs >= this.#timing.healthyMs) this.#failures = 0;
        await this.#failed(toKubernetesError(error));
      }
    }
  }

  async #once(): Promise<void> {
    if (this.#now() >= this.#relistDueMs) this.#version = '';
    if (this.#version !== '') return this.#watch();
    if (this.#useWatchList) return this.#watchList();
    await this.#list();
    return this.#watch();
  }

  /** Changes what the next round does, then waits. */
  async #failed(failure: KubernetesError): Promise<void> {
    this.#failures++;
    this.#error = failure;
    this.#failedSinceMs ??= this.#now();
    const code = errorCode(failure);
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1);
    if (failure.kind === 'forbidden' || failure.kind === 'not-found') this.#settled.resolve();
    const stuck = failure.kind === 'server' && this.#failures % failuresBeforeRelist === 0;
    if (stuck || losesVersion(failure)) this.#version = '';
    const wait = backoffMs(this.#timing.backoff, failure, this.#failures, this.#random());
    await sleep(wait, undefined, { signal: this.#stop.signal }).catch(() => {});
  }

  /** The server answered: also a watch of which nothing is to be told yet is a good one. */
  #healthy(): void {
    this.#lastEventMs = this.#now();
    this.#error = undefined;
    this.#failedSinceMs = undefined;
  }

  /** One request that gives all objects, a bookmark after the last of them, and then goes on as a watch. */
  async #watchList(): Promise<void> {
    this.#lists++;
    this.#cache.beginRelist();
    let listed = false;
    const query = { ...this.#watchQuery(), sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' };
    try {
      // Once the list is whole the stream is a watch, and a quiet one may be silent for longer.
      const idleMs = () => (listed ? this.#timing.idleMs : this.#timing.syncIdleMs);
      for await (const events of readWatch({ ...this.#stream(query), idleMs })) {
        for (const event of events) {
          this.#apply(event, listed);
          if (event.kind !== 'bookmark' || !event.initialEventsEnd || listed) continue;
          listed = true;
          this.#listed(event.version);
        }
        this.#healthy();
      }
    } catch (error) {
      if (!listed && lacksWatchList(toKubernetesError(error))) {
        this.#useWatchList = false;
        return this.#once();
      }
      throw error;
    }
    if (!listed) this.#useWatchList = false;
  }

  async #list(): Promise<void> {
    this.#lists++;
    this.#cache.beginRelist();
    let version = '';
    let continueToken = '';
    do {
      const query: Record<string, string> = {};
      if (this.#usePages) query['limit'] = String(this.#timing.pageSize);
      if (continueToken !== '') query['continue'] = continueToken;
      ({ version, continueToken } = await this.#page(query, continueToken !== ''));
    } while (continueToken !== '');
    this.#usePages = true;
    this.#listed(version);
    this.#healthy();
  }

  async #page(query: Record<string, string>, isLater: boolean): Promise<{ version: string; continueToken: string }> {
    const page = readListPage(this.#stream(query));
    try {
      for (;;) {
        const step = await page.next();
        if (step.done) return step.value;
        for (const record of step.value) {
          if (record === undefined) this.#unreadable++;
          else this.#tell(this.#cache.put(record));
        }
      }
    } catch (error) {
      // The token expired while we read: a slow reader of a busy cluster asks for everything in one answer next.
      if (isLater && toKubernetesError(error).kind === 'gone') this.#usePages = false;
      throw error;
    } finally {
      await page.return({ version: '', continueToken: '' });
    }
  }

  #listed(version: string): void {
    this.#tell(this.#cache.endRelist());
    this.#version = version;
    this.#relistDueMs = this.#now() + this.#timing.relistMs * (1 + 0.5 * this.#random());
    this.#listedMs = this.#now();
    this.#isSynced = true;
    this.#failures = 0;
    this.#synced.resolve();
    this.#settled.resolve();
  }

  async #watch(): Promise<void> {
    const query = { ...this.#watchQuery(), resourceVersion: this.#version };
    for await (const events of readWatch(this.#stream(query))) {
      for (const event of events) this.#apply(event, true);
      this.#healthy();
    }
  }

  /** Versions of initial events come in no order: only `live` ones are remembered. */
  #apply(event: WatchEvent<T>, live: boolean): void {
    this.#events++;
    if (live && event.version !== '') this.#version = event.version;
    if (event.kind === 'put') this.#tell(this.#cache.put(event.record));
    else if (event.kind === 'removed') this.#tell(this.#cache.remove(event.uid));
    else if (event.kind === 'unreadable') this.#unreadable++;
  }

  #tell(changes: readonly RecordChange<T>[]): void {
    if (changes.length === 0) return;
    try {
      this.#options.onChange(changes);
    } catch {
      this.#handlerErrors++;
    }
  }

  #watchQuery(): Record<string, string> {
    this.#watches++;
    const seconds = Math.round(this.#timing.watchSeconds * (1 + this.#random()));
    return { watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: String(seconds) };
  }

  #stream(query: Record<string, string>): StreamOptions<T> {
    const { client, resource, namespace, labelSelector, fieldSelector, metadataOnly, trim } = this.#options;
    const all = new URLSearchParams({
      ...query,
      ...(labelSelector ? { labelSelector } : {}),
      ...(fieldSelector ? { fieldSelector } : {}),
    });
    return {
      client,
      path: `${resourcePath(resource, namespace)}?${all.toString()}`,
      accept: acceptFor(metadataOnly === true, query['watch'] === 'true'),
      signal: this.#stop.signal,
      idleMs: () => this.#timing.idleMs,
      maxObjectBytes: this.#timing.maxObjectBytes,
      onOpen: () => this.#healthy(),
      trim,
    };
  }
}

/** A watch sends single objects: asked for lists of metadata, the server ends it at once. */
function acceptFor(metadataOnly: boolean, watch: boolean): string {
  if (!metadataOnly) return 'application/json';
  return watch ? metadataType : metadataListType;
}

/** After these, what a watch would say next is not known to follow from what we have. */
function losesVersion({ kind }: KubernetesError): boolean {
  return ['gone', 'version-too-large', 'invalid', 'silent', 'protocol'].includes(kind);
}

function lacksWatchList({ kind }: KubernetesError): boolean {
  return kind === 'invalid' || kind === 'silent';
}
