import type { IngestJob, IngestOutcome } from '../ingest/messages.ts';
import type { AskedProcess } from '../model/asked-process.ts';
import { type LabelSet, partitionLabels } from '../model/labels.ts';
import type { ProfileKind } from '../model/profile-type.ts';
import type { ScrapeSpec, Target, TargetGroup, TargetHealth, TargetStatus } from '../model/target.ts';
import { TokenBucket } from '../model/token-bucket.ts';
import { type Bytes, type DurationMs, type UnixMs } from '../model/units.ts';
import { Admission, type AdmissionLimits } from './admission.ts';
import { defaultFailureBounds, FailureBook, type FailureBounds, type SourceFailures } from './failure-book.ts';
import { KnownWorkloads } from './known-workloads.ts';
import { LabelGroups } from './label-groups.ts';
import { noScrapeMetrics, type ScrapeMetrics, type ScrapeSnapshot, type TargetsHealth } from './metrics.ts';
import { hasTurn } from './schedule.ts';
import type { ScrapeContext } from './scrape-context.ts';
import { ScrapeLoop } from './scrape-loop.ts';
import { TargetSet } from './target-set.ts';
import type { TransportBook } from './transport-book.ts';
import type { SnapOutcome } from './wish.ts';

export interface ScrapeLimits {
  /** Loops; what is over it is held, the newest first. */
  readonly sources: number;
  readonly inFlight: AdmissionLimits;
  readonly maxBodyBytes: Bytes;
  /** First scrapes of sources that the store has never seen: so many a second, and so many at once. */
  readonly firstScrapes: { readonly perSecond: number; readonly burst: number };
  readonly cpuDuty: number;
  /** What is remembered of failed scrapes. */
  readonly failures: FailureBounds;
}

export const defaultScrapeLimits: ScrapeLimits = {
  sources: 20_000,
  inFlight: { windows: 2000, snapshots: 64, perNode: 32, bytes: 256 * 1024 * 1024 },
  maxBodyBytes: 64 * 1024 * 1024,
  firstScrapes: { perSecond: 50, burst: 50 },
  cpuDuty: 1,
  failures: defaultFailureBounds,
};

export interface ScrapePoolOptions {
  /** Made once and kept in the store: it shifts this collector's schedule against any other's. */
  readonly collectorId: string;
  /** How targets are reached. Told of each source that ends. */
  readonly transports: TransportBook;
  readonly ingest: (job: IngestJob) => Promise<IngestOutcome>;
  readonly now?: () => UnixMs;
  readonly metrics?: ScrapeMetrics;
  readonly limits?: Partial<ScrapeLimits>;
  /** Whether the store holds profiles of this source: then it waits for its pinned moments. Default: no source is known. */
  readonly isKnown?: (target: Target) => boolean;
  /** A stricter check of identity, asked besides the pool's own (the source is still a target and names the same process). */
  readonly isCurrent?: (target: Target) => boolean;
  /** Why a target is not to be scraped just now, or undefined. Asked before every scrape. */
  readonly pausedBecause?: (target: Target) => string | undefined;
  /** `replicas.sample`: CPU is profiled on so many pods of a workload at a time, in turn. */
  readonly cpuReplicas?: number;
}

interface Running {
  readonly loop: ScrapeLoop;
  readonly done: Promise<void>;
}

/**
 * Keeps one scrape loop for each active target, under limits that all share. It owns the loops: they start in `sync` and end
 * there or in `close`.
 */
export class ScrapePool implements AsyncDisposable {
  readonly #options: ScrapePoolOptions;
  readonly #limits: ScrapeLimits;
  readonly #now: () => UnixMs;
  readonly #targets = new TargetSet();
  readonly #loops = new Map<string, Running>();
  readonly #ending = new Set<Running>();
  readonly #held = new Map<string, Target>();
  readonly #workloads = new KnownWorkloads();
  readonly #failures: FailureBook;
  readonly #admission: Admission;
  readonly #firstScrapes: TokenBucket;
  readonly #context: ScrapeContext;
  /** As asked for last. */
  #groups: { readonly by: readonly string[]; readonly of: LabelGroups } | undefined;
  #closed = false;

  constructor(options: ScrapePoolOptions) {
    this.#options = options;
    this.#limits = { ...defaultScrapeLimits, ...options.limits };
    this.#now = options.now ?? Date.now;
    this.#failures = new FailureBook(this.#limits.failures, this.#now());
    this.#admission = new Admission(this.#limits.inFlight);
    this.#firstScrapes = new TokenBucket(this.#limits.firstScrapes);
    this.#context = {
      collectorId: options.collectorId,
      now: this.#now,
      choose: (target) => options.transports.choose(target),
      ingest: options.ingest,
      isCurrent: (target) => this.#isCurrent(target),
      pausedBecause: (target) => options.pausedBecause?.(target),
      hasTurn: (target, spec, dueMs) => this.#hasTurn(target, Math.floor(dueMs / spec.intervalMs)),
      intervalOf: (target, spec) => spec.intervalMs * (spec.seconds === undefined ? 1 : this.#roundsOf(target)),
      firstKnownMs: (labels) => this.#workloads.firstKnownMs(labels) ?? this.#now(),
      noteFailure: (target, failure) => this.#failures.note(target, failure),
      admission: this.#admission,
      metrics: options.metrics ?? noScrapeMetrics,
      maxBodyBytes: this.#limits.maxBodyBytes,
      cpuDuty: this.#limits.cpuDuty,
    };
  }

  /** Takes over groups as a discoverer sends them: each replaces the group of its key; groups not named stay. */
  sync(groups: readonly TargetGroup[]): void {
    if (this.#closed) return;
    const nowMs = this.#now();
    const touched = this.#targets.replace(groups);
    for (const source of touched) {
      const target = this.#targets.get(source);
      if (target) this.#workloads.see(target.labels, nowMs);
      if (target?.state.kind !== 'active') this.#end(source);
    }
    if (this.#loops.size < this.#limits.sources) for (const source of this.#held.keys().toArray()) this.#keep(source);
    for (const source of touched) this.#keep(source);
    this.#workloads.sweep(() => this.#targets.all(), nowMs);
  }

  /** We scrape from now on what another collector scraped until now: at once, as if it were new, for its beat may be far. */
  catchUp(): void {
    for (const { loop } of this.#loops.values()) loop.catchUp(() => this.#firstScrapes.take(this.#now()));
  }

  /** Every target there is, scraped or not, with what holds it back. */
  *targets(): Generator<Target> {
    for (const target of this.#targets.all()) {
      const paused = this.#loops.has(target.source) ? this.#options.pausedBecause?.(target) : undefined;
      yield paused === undefined ? (this.#held.get(target.source) ?? target) : held(target, paused);
    }
  }

  /** Likewise, with how scraping them goes. */
  statuses(): TargetStatus[] {
    const statuses: TargetStatus[] = [];
    for (const target of this.#targets.all()) {
      const status = this.#loops.get(target.source)?.loop.status();
      const paused = status && this.#options.pausedBecause?.(target);
      if (status && paused === undefined) statuses.push(status);
      else if (status) statuses.push({ ...status, target: held(target, paused ?? '') });
      else statuses.push(idleStatus(this.#held.get(target.source) ?? target));
    }
    return statuses;
  }

  /** What is known of the scrapes of one kind: of each target that has a loop, and of those that failed of late and are gone. */
  *asked(kind: ProfileKind): Generator<AskedProcess> {
    const asked = new Set<string>();
    for (const { loop } of this.#loops.values()) {
      asked.add(loop.target.source);
      yield askedProcess(kind, loop.target, this.#failures.of(loop.target), !loop.target.terminating);
    }
    for (const failed of this.#failures.all()) {
      if (!asked.has(failed.target.source)) yield askedProcess(kind, failed.target, failed, false);
    }
  }

  /**
   * One profile of a target now, after what its source is being asked for. A target that is not scraped gets a loop of its
   * own for this one request, within the same limits.
   */
  async snap(target: Target, spec: ScrapeSpec, signal: AbortSignal): Promise<SnapOutcome> {
    const running = this.#loops.get(target.source);
    if (running) return running.loop.snap(spec, signal);
    const once = new ScrapeLoop(
      { ...target, specs: [] },
      { ...this.#context, isCurrent: this.#options.isCurrent ?? (() => true) },
      undefined,
    );
    const visiting: Running = { loop: once, done: once.run() };
    this.#ending.add(visiting);
    try {
      return await once.snap(spec, signal);
    } finally {
      once.abort();
      await visiting.done;
      this.#ending.delete(visiting);
      if (!this.#loops.has(target.source)) this.#options.transports.forget(target);
    }
  }

  /** `by`: the labels that targets are brought together by; none: they are left out. */
  snapshot(by: readonly string[] = partitionLabels): ScrapeSnapshot {
    return {
      groups: by.length > 0 ? this.#healthBy(by) : [],
      inFlight: this.#admission.inFlight,
      waiting: this.#admission.waiting,
      inFlightBytes: this.#admission.bytes,
      overCap: this.#held.size,
      failuresForgotten: this.#failures.forgotten,
    };
  }

  /** Starts nothing more, waits up to `graceMs` for what is under way, then calls it off. */
  async close(graceMs: DurationMs = 0): Promise<void> {
    this.#closed = true;
    const all = [...this.#loops.values(), ...this.#ending];
    for (const { loop } of all) loop.stop();
    const done = Promise.all(all.map((running) => running.done));
    await within(graceMs, done);
    for (const { loop } of all) loop.abort();
    await done;
    this.#loops.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Gives an active target its loop, tells the loop of changes, or holds the target back. */
  #keep(source: string): void {
    const target = this.#targets.get(source);
    this.#held.delete(source);
    if (target?.state.kind !== 'active') return;
    const running = this.#loops.get(source);
    if (running) {
      if (running.loop.target !== target) running.loop.update(target);
    } else if (this.#loops.size >= this.#limits.sources) {
      this.#held.set(source, held(target, `over the limit of ${this.#limits.sources} sources (limits.targets)`));
    } else {
      const known = this.#options.isKnown?.(target) ?? false;
      const loop = new ScrapeLoop(target, this.#context, known ? undefined : this.#firstScrapes.take(this.#now()));
      this.#loops.set(source, { loop, done: loop.run() });
    }
  }

  #end(source: string): void {
    const running = this.#loops.get(source);
    if (!running) return;
    this.#loops.delete(source);
    running.loop.abort();
    this.#ending.add(running);
    void running.done.then(() => {
      this.#ending.delete(running);
      // A source that is back already goes on with what is known of it.
      if (!this.#loops.has(source)) this.#options.transports.forget(running.loop.target);
    });
  }

  #healthBy(by: readonly string[]): TargetsHealth[] {
    if (this.#groups?.by !== by) this.#groups = { by, of: new LabelGroups(by) };
    const groups = new Map<string, { readonly labels: LabelSet; readonly targets: Record<TargetHealth, number> }>();
    for (const { loop } of this.#loops.values()) {
      const { key, labels } = this.#groups.of.of(loop.target.labels);
      let found = groups.get(key);
      if (!found) groups.set(key, (found = { labels, targets: { up: 0, down: 0, unknown: 0 } }));
      found.targets[loop.health]++;
    }
    return [...groups.values()];
  }

  #isCurrent(target: Target): boolean {
    const current = this.#targets.get(target.source);
    if (current?.state.kind !== 'active' || current.process.id !== target.process.id) return false;
    return this.#options.isCurrent?.(target) ?? true;
  }

  #hasTurn(target: Target, round: number): boolean {
    const sample = this.#options.cpuReplicas;
    const place = sample === undefined ? undefined : this.#targets.rank(target.source);
    return sample === undefined || !place || hasTurn(place.rank, place.count, sample, round);
  }

  /** In how many rounds of CPU profiling a target has its turn once. */
  #roundsOf(target: Target): number {
    const sample = this.#options.cpuReplicas;
    const place = sample === undefined ? undefined : this.#targets.rank(target.source);
    return sample === undefined || !place ? 1 : Math.ceil(place.count / sample);
  }
}

function askedProcess(
  kind: ProfileKind,
  { labels, process, specs }: Target,
  { failures, fromMs }: SourceFailures,
  isAsked: boolean,
): AskedProcess {
  const spec = specs.find((one) => one.kind === kind);
  return {
    processId: process.id,
    labels,
    startedMs: process.startedMs,
    isAsked: isAsked && spec !== undefined,
    intervalMs: spec?.intervalMs,
    failures: failures.filter((one) => one.kind === kind),
    failuresFromMs: fromMs,
  };
}

function held(target: Target, reason: string): Target {
  return { ...target, state: { kind: 'held', reason } };
}

/** A target without a loop: it is down only when its opt-in cannot be carried out. */
function idleStatus(target: Target): TargetStatus {
  return {
    target,
    health: target.state.kind === 'unresolved' ? 'down' : 'unknown',
    transport: undefined,
    transportReason: '',
    scrapes: [],
  };
}

async function within(ms: DurationMs, done: Promise<unknown>): Promise<void> {
  if (ms <= 0) return;
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([done, grace]);
  clearTimeout(timer);
}
