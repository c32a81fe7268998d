import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { type DurationMs, minute, second } from '../model/units.ts';
import type { KubernetesClient } from './client.ts';
import { type KubernetesError, toKubernetesError } from './errors.ts';
import type { KubernetesProblem } from './problem.ts';
import { grantHint } from './rbac-rule.ts';
import type { OwnedRecord, OwnerRecord } from './records.ts';
import { isOfResource, metadataType, type Resource, resourceOfKind, resourcePath, resources } from './resource.ts';
import { trimOwned } from './trim.ts';

/** The answer to "who owns this owner". */
export type OwnerAnswer =
  /** `owner` is undefined when the object stands at the top. */
  | { readonly kind: 'found'; readonly owner: OwnerRecord | undefined }
  /** Being asked; `onAnswer` is called when the answer is there. */
  | { readonly kind: 'pending' }
  /** Gone, or out of our rights; `reason` says which. */
  | { readonly kind: 'unknown'; readonly reason: string };

interface OwnerLookupOptions {
  readonly client: KubernetesClient;
  readonly signal: AbortSignal;
  /** Called when a pending question has its answer. */
  readonly onAnswer: (owner: OwnerRecord) => void;
  readonly retryMs?: DurationMs;
}

/** Not watched, since a large cluster has tens of thousands: asked for one at a time. */
const askedFor: readonly Resource[] = [resources.replicasets, resources.jobs];
const maxOwners = 20_000;
const maxInFlight = 8;
const attempts = 5;
const unknownForMs: DurationMs = minute;
const defaultRetryMs: DurationMs = 2 * second;

/**
 * Finds the owner of a ReplicaSet or a Job by one GET, and remembers it by UID, for an owner never changes. That an object is
 * gone or forbidden is remembered for a minute only. At most eight GETs are under way, the others wait their turn.
 */
export class OwnerLookup {
  readonly #options: OwnerLookupOptions;
  readonly #answers = new LRUCache<string, OwnerAnswer>({ max: maxOwners });
  readonly #waiting: (() => Promise<void>)[] = [];
  #inFlight = 0;
  #gets = 0;
  #denied: Resource | undefined;

  constructor(options: OwnerLookupOptions) {
    this.#options = options;
  }

  get gets(): number {
    return this.#gets;
  }

  /** At once: what is known, or `pending` after having asked. */
  ownerOf(namespace: string, owner: OwnerRecord): OwnerAnswer {
    const known = this.#answers.get(owner.uid);
    if (known !== undefined) return known;
    const resource = resourceOfKind(owner.kind);
    if (resource === undefined || !isOfResource(resource, owner.apiVersion)) {
      return { kind: 'unknown', reason: `flameherd does not look at objects of ${owner.apiVersion} ${owner.kind}` };
    }
    if (!askedFor.includes(resource)) return { kind: 'found', owner: undefined };
    this.#answers.set(owner.uid, { kind: 'pending' });
    this.#waiting.push(() => this.#ask(resource, namespace, owner));
    this.#next();
    return { kind: 'pending' };
  }

  /** What is known without asking. */
  known(uid: string): OwnerAnswer | undefined {
    return this.#answers.peek(uid);
  }

  problem(): KubernetesProblem | undefined {
    if (this.#denied === undefined) return undefined;
    return {
      what: `${this.#denied.plural} may not be read: their pods are not traced to the workload above them`,
      hint: grantHint({ resource: this.#denied, verbs: ['get'] }),
    };
  }

  #next(): void {
    while (this.#inFlight < maxInFlight && !this.#options.signal.aborted) {
      const task = this.#waiting.shift();
      if (task === undefined) return;
      this.#inFlight++;
      void task().finally(() => {
        this.#inFlight--;
        this.#next();
      });
    }
  }

  async #ask(resource: Resource, namespace: string, owner: OwnerRecord): Promise<void> {
    const answer = await this.#get(resource, namespace, owner);
    if (this.#options.signal.aborted) return;
    this.#answers.set(owner.uid, answer, answer.kind === 'unknown' ? { ttl: unknownForMs } : {});
    this.#options.onAnswer(owner);
  }

  async #get(resource: Resource, namespace: string, owner: OwnerRecord): Promise<OwnerAnswer> {
    const path = resourcePath(resource, namespace, owner.name);
    let last: KubernetesError | undefined;
    for (let attempt = 0; attempt < attempts; attempt++) {
      try {
        this.#gets++;
        const { signal } = this.#options;
        const record = trimOwned(await this.#options.client.get(path, { accept: metadataType, signal }));
        if (this.#denied === resource) this.#denied = undefined;
        return answerFor(record, owner);
      } catch (error) {
        last = toKubernetesError(error);
        if (last.kind === 'forbidden') this.#denied = resource;
        if (last.kind === 'forbidden' || last.kind === 'not-found') break;
        const wait = last.retryAfterMs ?? (this.#options.retryMs ?? defaultRetryMs) * 2 ** attempt;
        await sleep(wait, undefined, { signal: this.#options.signal }).catch(() => {});
        if (this.#options.signal.aborted) break;
      }
    }
    return { kind: 'unknown', reason: last?.message ?? 'it was not asked for' };
  }
}

function answerFor(record: OwnedRecord | undefined, owner: OwnerRecord): OwnerAnswer {
  if (record?.uid === owner.uid) return { kind: 'found', owner: record.owner };
  return { kind: 'unknown', reason: `${owner.kind} ${owner.name} was replaced by another of its name` };
}
