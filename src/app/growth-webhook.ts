import type { EventChange } from '../growth/contract.ts';
import { messageOf } from '../model/errors.ts';
import type { GrowthEvent, GrowthTier } from '../model/growth.ts';
import { formatTime } from '../model/time.ts';
import { type DurationMs, minute, type UnixMs } from '../model/units.ts';
import type { Logger } from '../observe/logger.ts';
import { WatchedFile } from '../scrape/watched-file.ts';
import { descriptionOf, summaryOf } from './growth-words.ts';

export interface WebhookOptions {
  /** The base URL: `/api/v2/alerts` is put behind it. */
  readonly url: string;
  readonly authorizationFile: string;
  readonly timeoutMs: DurationMs;
  readonly bucketMs: DurationMs;
  readonly externalLabels: Readonly<Record<string, string>>;
  /** Where an event is shown. */
  readonly linkOf: (event: GrowthEvent) => string;
  readonly logger: Logger;
  readonly now: () => UnixMs;
}

/** An alert as Alertmanager's API v2 takes it. */
export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
}

/** Told again with each evaluation, an alert lasts so many buckets by itself: it ends when nobody tells it any more. */
const lastsBuckets = 4;
const maxAlertsAtOnce = 200;
/** Ends that could not be told; the alert ends by itself then. */
const maxEnded = 1_000;
const isHeaderValue = /^[\t\x20-\x7e]+$/;

/** Under the names of the rules that are shipped for Prometheus, so that one route serves both. */
const alertNames = {
  heap: { suspected: 'FlameherdHeapGrowthSuspected', likely: 'FlameherdMemoryLeakLikely' },
  goroutines: { suspected: 'FlameherdGoroutineGrowth', likely: 'FlameherdGoroutineGrowth' },
  allocations: { suspected: 'FlameherdAllocationRateRegression', likely: 'FlameherdAllocationRateRegression' },
} as const satisfies Record<GrowthEvent['signal'], Record<GrowthTier, string>>;

/**
 * Tells an Alertmanager of events that are open, again with each evaluation as Prometheus does, and of those that ended. What
 * fails is counted and told with the next evaluation.
 */
export class GrowthWebhook implements AsyncDisposable {
  readonly #options: WebhookOptions;
  readonly #authorization: WatchedFile | undefined;
  readonly #closing = new AbortController();
  /** Alerts that are over, by event and tier, until that is told. */
  readonly #ended = new Map<string, Alert>();
  #sending: Promise<void> | undefined;
  #hasFailed = false;
  failures = 0;

  constructor(options: WebhookOptions) {
    this.#options = options;
    const { authorizationFile, now } = options;
    this.#authorization = authorizationFile === '' ? undefined : new WatchedFile(authorizationFile, now);
  }

  /** Never rejects, and waits for nobody: what is still being sent is left to the next evaluation. */
  tell(changes: readonly EventChange[], open: readonly GrowthEvent[]): void {
    for (const { kind, event } of changes) this.#note(kind, event);
    if (this.#sending || this.#closing.signal.aborted) return;
    const ended = [...this.#ended];
    const alerts = [
      ...open.map((event) => this.#alert(event, event.tier, undefined)),
      ...ended.map(([, alert]) => alert),
    ];
    if (alerts.length === 0) return;
    this.#sending = this.#sendAll(alerts)
      .then(
        () => {
          for (const [key, alert] of ended) if (this.#ended.get(key) === alert) this.#ended.delete(key);
          this.#hasFailed = false;
        },
        (error: unknown) => this.#failed(error),
      )
      .finally(() => {
        this.#sending = undefined;
      });
  }

  /** What is being sent, if anything is. */
  get settled(): Promise<void> {
    return this.#sending ?? Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#sending;
  }

  /** A finding that became likely is an alert of another name: the first one ends. */
  #note(kind: EventChange['kind'], event: GrowthEvent): void {
    if (kind === 'opened') return;
    const atMs = (kind === 'likely' ? event.likelyMs : event.resolvedMs) ?? this.#options.now();
    const tier = kind === 'likely' ? 'suspected' : event.tier;
    if (kind === 'likely' && alertNames[event.signal].suspected === alertNames[event.signal].likely) return;
    this.#ended.set(`${event.id} ${tier}`, this.#alert(event, tier, Math.min(atMs, this.#options.now())));
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > maxEnded && oldest !== undefined) this.#ended.delete(oldest);
  }

  async #sendAll(alerts: readonly Alert[]): Promise<void> {
    for (let at = 0; at < alerts.length; at += maxAlertsAtOnce)
      await this.#send(alerts.slice(at, at + maxAlertsAtOnce));
  }

  async #send(alerts: readonly Alert[]): Promise<void> {
    const { url, timeoutMs } = this.#options;
    const authorization = await this.#credential();
    const response = await fetch(`${url.replace(/\/+$/, '')}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) },
      body: JSON.stringify(alerts),
      // The credential is for this server only.
      redirect: 'error',
      signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)]),
    });
    // Its words are not repeated: the answer may come from anybody.
    await response.body?.cancel();
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
  }

  /** Throws what is wrong with its file, which never repeats what is in it. */
  async #credential(): Promise<string | undefined> {
    const file = this.#authorization;
    if (!file) return undefined;
    const value = (await file.text())?.trim();
    if (!value) throw new Error(file.problem ?? `${file.path} is empty`);
    // Whoever makes the request would say what it refuses.
    if (!isHeaderValue.test(value))
      throw new Error(`${file.path} is no value of a header: one line of printable ASCII`);
    return value;
  }

  #failed(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    this.failures++;
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const cause = error instanceof Error && error.cause ? `: ${messageOf(error.cause)}` : '';
    this.#options.logger.warn(`growth.webhook was not told: ${messageOf(error)}${cause}`, {
      hint: 'it is tried again with each evaluation; look at growth.webhook.url and authorizationFile',
    });
  }

  #alert(event: GrowthEvent, tier: GrowthTier, endedMs: UnixMs | undefined): Alert {
    const { bucketMs, externalLabels, linkOf, now } = this.#options;
    const { workload, signal } = event;
    const lastsMs = lastsBuckets * bucketMs + minute;
    return {
      labels: {
        ...externalLabels,
        alertname: alertNames[signal][tier],
        severity: isInfo(event, tier) ? 'info' : 'warning',
        namespace: workload.namespace,
        workload_kind: workload.workloadKind,
        workload: workload.workload,
        container: workload.container,
      },
      annotations: { summary: summaryOf(event), description: descriptionOf(event) },
      startsAt: formatTime(tier === 'likely' ? (event.likelyMs ?? event.openedMs) : event.openedMs),
      endsAt: formatTime(endedMs ?? now() + lastsMs),
      generatorURL: linkOf(event),
    };
  }
}

/** As the rules have it: what is likely warns, and so does other than heap once there is something to compare it with. */
function isInfo({ signal, verdict }: GrowthEvent, tier: GrowthTier): boolean {
  return tier !== 'likely' && (signal === 'heap' || (signal === 'goroutines' && verdict.baseline?.kind === 'none'));
}
