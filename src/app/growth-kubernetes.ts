import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventChange } from '../growth/contract.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { ClusterWatch } from '../kubernetes/cluster-watch.ts';
import { KubernetesError } from '../kubernetes/errors.ts';
import { createEvent, type EventSubject } from '../kubernetes/event.ts';
import { resourceOfKind } from '../kubernetes/resource.ts';
import { messageOf } from '../model/errors.ts';
import type { GrowthEvent, Workload } from '../model/growth.ts';
import { TokenBucket } from '../model/token-bucket.ts';
import { hour, minute, type UnixMs } from '../model/units.ts';
import type { Logger } from '../observe/logger.ts';
import { changedMs, descriptionOf, summaryOf } from './growth-words.ts';
import type { Rights } from './rights.ts';

/** What is watched of the cluster, as last seen. */
export type SeenObjects = Pick<ClusterWatch, 'pod' | 'workload'>;

export interface GrowthEventsOptions {
  readonly client: KubernetesClient;
  /** Undefined until it is watched. */
  readonly seen: () => SeenObjects | undefined;
  readonly rights: Pick<Rights, 'refused'>;
  readonly collectorId: string;
  readonly linkOf: (event: GrowthEvent) => string;
  readonly logger: Logger;
  readonly now: () => UnixMs;
}

/** Events are a courtesy to whoever describes a workload: a storm of findings must not become one on the API server. */
const rate = { perSecond: 0.5, burst: 20 } as const;
const longestWaitMs = minute;
const historyMs = hour;

const reasons = { opened: 'GrowthSuspected', likely: 'GrowthLikely', resolved: 'GrowthEnded' } as const;

/** Writes a Kubernetes Event on the workload of each change: one try each, and what fails or is too much is counted. */
export class GrowthEvents implements AsyncDisposable {
  readonly #options: GrowthEventsOptions;
  readonly #bucket = new TokenBucket(rate);
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #hasFailed = false;
  dropped = 0;

  constructor(options: GrowthEventsOptions) {
    this.#options = options;
  }

  tell(changes: readonly EventChange[]): void {
    for (const change of changes) {
      const subject = this.#subject(change.event.workload);
      // Static targets, uploads and pods that are gone have no object to write it on.
      if (!subject || this.#closing.signal.aborted) continue;
      const nowMs = this.#options.now();
      // Kubernetes keeps Events for an hour; what was caught up on after an outage is history.
      if (changedMs(change) < nowMs - historyMs) continue;
      const atMs = this.#bucket.takeWithin(nowMs, longestWaitMs);
      if (atMs === undefined) this.dropped++;
      else this.#begin(change, subject, atMs - nowMs);
    }
  }

  /** When nothing is being written any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.settled();
  }

  #begin(change: EventChange, subject: EventSubject, waitMs: number): void {
    const writing = this.#write(change, subject, waitMs)
      .catch((error: unknown) => this.#failed(error))
      .finally(() => this.#underWay.delete(writing));
    this.#underWay.add(writing);
  }

  async #write({ kind, event }: EventChange, regarding: EventSubject, waitMs: number): Promise<void> {
    const { client, collectorId, linkOf, now } = this.#options;
    const { signal } = this.#closing;
    if (waitMs > 0) await sleep(waitMs, undefined, { signal, ref: false });
    const text = kind === 'resolved' ? '' : ` ${descriptionOf(event)}`;
    const written = {
      regarding,
      type: kind === 'likely' ? 'Warning' : 'Normal',
      reason: reasons[kind],
      action: 'JudgeGrowth',
      note: `${summaryOf(event)} ${linkOf(event)}${text}`,
      by: `${hostname()}/${collectorId}`,
      atMs: now(),
      key: `${event.id}-${kind}`,
    } as const;
    await createEvent(client, written, signal);
  }

  #subject({ namespace, workloadKind, workload: name }: Workload): EventSubject | undefined {
    const seen = this.#options.seen();
    const resource = resourceOfKind(workloadKind);
    if (!seen || !resource) return undefined;
    const record = recordOf(seen, workloadKind, namespace, name);
    const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
    return record && { apiVersion, kind: workloadKind, namespace, name, uid: record.uid };
  }

  #failed(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    this.dropped++;
    if (error instanceof KubernetesError && error.kind === 'forbidden') this.#options.rights.refused();
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.logger.warn(`no Event could be written about growth: ${messageOf(error)}`, {
      hint: 'the log, the API and the metrics tell it all the same',
    });
  }
}

function recordOf(
  seen: SeenObjects,
  kind: string,
  namespace: string,
  name: string,
): { readonly uid: string } | undefined {
  switch (kind) {
    case 'Pod':
      return seen.pod(namespace, name);
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
      return seen.workload(kind, namespace, name);
    default:
      return undefined;
  }
}
