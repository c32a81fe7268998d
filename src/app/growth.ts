import { setImmediate } from 'node:timers/promises';
import type { Config } from '../config/schema.ts';
import { denyRules } from '../growth/choices.ts';
import { type GrowthThreads, openGrowthThreads } from '../growth/client.ts';
import type { Backtest, EventChange, GrowthQueries, GrowthStatus, WorkloadFilter } from '../growth/contract.ts';
import type { Judged } from '../growth/evaluation.ts';
import type { EvaluateAnswer } from '../growth/messages.ts';
import { FlameherdError, messageOf } from '../model/errors.ts';
import {
  type EventSide,
  type GrowthEvent,
  type GrowthSignal,
  type GrowthVerdict,
  growthSignals,
} from '../model/growth.ts';
import type { TargetStatus } from '../model/target.ts';
import { formatTime } from '../model/time.ts';
import { type DurationMs, second, type TimeWindow, type UnixMs } from '../model/units.ts';
import type { Logger } from '../observe/logger.ts';
import type { QueryEngine } from '../query/engine.ts';
import type { EventQuery, GrowthStore } from '../store/growth-store.ts';
import { openSqliteGrowth } from '../store/sqlite/growth/growth.ts';
import type { StateStore } from '../store/state-store.ts';
import { FloorRetention } from './floor-retention.ts';
import { GrowthChoices } from './growth-choices.ts';
import { EventProfiles } from './growth-profiles.ts';
import type { GrowthTellers } from './growth-tellers.ts';
import { VerdictBook } from './growth-verdicts.ts';
import { changedMs, descriptionOf, summaryOf } from './growth-words.ts';
import type { Job } from './jobs.ts';
import { growthThreadSettings } from './settings.ts';

export interface GrowthOptions {
  readonly config: Config;
  readonly state: StateStore;
  readonly ingest: {
    /** Saves the floors of what is stored so far. */
    saveFloors(): Promise<unknown>;
  };
  readonly query: Pick<QueryEngine, 'ask'>;
  readonly targets: () => readonly TargetStatus[];
  readonly tellers: Pick<GrowthTellers, 'tell' | 'numbers'>;
  /** Where an event is shown. */
  readonly linkOf: (event: GrowthEvent) => string;
  /** Names of functions by id, besides those with floors: what takes CPU alone has none. */
  readonly functionName: (id: string, namespaces?: ReadonlySet<string>) => string | undefined;
  readonly logger: Logger;
  readonly now: () => UnixMs;
}

/** What the metrics tell. */
export interface GrowthNumbers {
  /** Evaluations that were made since the start; one may take in several buckets. */
  readonly evaluations: number;
  readonly failures: number;
  readonly cpuMs: DurationMs;
  readonly workloads: number;
  readonly series: number;
  readonly droppedWorkloads: number;
  readonly droppedProcesses: number;
  readonly profileFailures: number;
  readonly webhookFailures: number;
  readonly kubernetesEventsDropped: number;
  readonly openEvents: Readonly<Record<GrowthSignal, number>>;
  readonly floorsKeptMs: DurationMs;
}

/** Floors of the last moments of a bucket are waited for so long. */
const longestGraceMs: DurationMs = 30 * second;
const maxOpenEvents = 10_000;

/** Opens growth; nothing is judged before its job runs. Throws `bad_config`. */
export function openGrowth(options: GrowthOptions): Growth {
  return new Growth(options);
}

/**
 * The main thread's part of growth: when a bucket is over, floors are saved and judged, what is found is told, and what was
 * found last is known here. All work is done in threads; nothing here waits for whoever is told.
 */
export class Growth implements GrowthQueries, AsyncDisposable {
  readonly #options: GrowthOptions;
  readonly #bucketMs: DurationMs;
  readonly #isEnabled: boolean;
  readonly #store: GrowthStore;
  readonly #threads: GrowthThreads;
  readonly #verdicts: VerdictBook;
  readonly #choices: GrowthChoices;
  readonly #profiles: EventProfiles;
  readonly #retention: FloorRetention;
  readonly #closing = new AbortController();
  readonly #openEvents: Record<GrowthSignal, number> = { heap: 0, goroutines: 0, allocations: 0 };
  #deny: readonly string[] = [];
  #changes: EventChange[] = [];
  #through: number | undefined;
  #evaluatedMs: UnixMs | undefined;
  #turn: Promise<void> | undefined;
  #completing: Promise<void> | undefined;
  #last: EvaluateAnswer | undefined;
  #totals = { evaluations: 0, failures: 0, cpuMs: 0 };
  /** The last evaluation failed, and what is open was told of after it. */
  #isRetry = false;
  #logged = '';

  constructor(options: GrowthOptions) {
    const { config, state, query, logger, now } = options;
    const { enabled, bucket, deny } = config.growth;
    this.deny(deny);
    const settings = growthThreadSettings(config);
    this.#options = options;
    this.#bucketMs = bucket;
    this.#isEnabled = enabled;
    this.#store = openSqliteGrowth(settings);
    this.#threads = openGrowthThreads({
      ...settings,
      onError: (error) => logger.error(error.message),
      onJudged: (judged) => this.#take(judged),
    });
    this.#choices = new GrowthChoices(state);
    this.#verdicts = new VerdictBook(bucket);
    this.#profiles = new EventProfiles({
      store: this.#store,
      query,
      threads: this.#threads,
      bucketMs: bucket,
      detailHorizonMs: config.storage.retention,
      logger,
      now,
    });
    this.#retention = new FloorRetention({
      retentionMs: config.growth.retention,
      maxBytes: config.storage.maxBytes,
      usedBytes: () => this.#store.usedBytes(),
      prune: (...ages) => (this.#threads.isRunning ? this.#threads.prune(...ages) : this.#store.prune(...ages)),
      rest: async () => {
        await setImmediate();
        return this.#closing.signal.aborted;
      },
      logger,
      now,
    });
    if (enabled) this.#remember();
  }

  /** Who is not judged from the next evaluation on: `growth.deny`. Throws `bad_config`, and then nothing changes. */
  deny(rules: readonly string[]): void {
    denyRules(rules);
    this.#deny = rules;
  }

  /** Looks every few seconds whether a bucket is over. */
  get job(): Job {
    const everySeconds = this.#bucketMs < 10 * second ? '*' : '*/5';
    return { name: 'growth', when: `${everySeconds} * * * * *`, run: () => this.run() };
  }

  /** One turn; the one under way, if there is one. Never rejects. */
  run(): Promise<void> {
    this.#turn ??= this.#evaluate().finally(() => {
      this.#turn = undefined;
    });
    return this.#turn;
  }

  verdicts(filter: WorkloadFilter): readonly GrowthVerdict[] {
    return this.#verdicts.all(filter);
  }

  async verdictsAt(filter: WorkloadFilter, atMs: UnixMs, signal: AbortSignal): Promise<readonly GrowthVerdict[]> {
    return (await this.backtest(filter, { fromMs: atMs, toMs: atMs }, signal)).verdicts;
  }

  async backtest(filter: WorkloadFilter, window: TimeWindow, signal: AbortSignal): Promise<Backtest> {
    // What was uploaded a moment ago counts.
    await this.#options.ingest.saveFloors();
    return this.#threads.replay({ filter, window, choices: { deny: this.#deny, live: this.#choices.all() } }, signal);
  }

  events(query: EventQuery): readonly GrowthEvent[] {
    return this.#store.events(query);
  }

  event(id: string): GrowthEvent | undefined {
    return this.#store.event(id);
  }

  eventProfile(id: string, side: EventSide): Uint8Array | undefined {
    return this.#store.eventProfile(id, side);
  }

  functionName(id: string, namespaces?: ReadonlySet<string>): string | undefined {
    const { functionName } = this.#options;
    if (!namespaces) return this.#store.functionName(id) ?? functionName(id);
    return functionName(id, namespaces) ?? this.#verdicts.functionName(id, namespaces);
  }

  get status(): GrowthStatus {
    return {
      enabled: this.#isEnabled,
      bucketMs: this.#bucketMs,
      evaluatedMs: this.#evaluatedMs,
      workloads: this.#verdicts.size,
    };
  }

  numbers(): GrowthNumbers {
    const { workloads = 0, series = 0, droppedWorkloads = 0, droppedProcesses = 0 } = this.#last ?? {};
    return {
      ...this.#totals,
      workloads,
      series,
      droppedWorkloads,
      droppedProcesses,
      profileFailures: this.#profiles.failures,
      ...this.#options.tellers.numbers(),
      openEvents: { ...this.#openEvents },
      floorsKeptMs: this.#retention.keptMs,
    };
  }

  /** Forgets what is older than `growth.retention`, or takes too much, a step at a time. */
  async prune(): Promise<void> {
    if (!this.#closing.signal.aborted) await this.#retention.run();
  }

  /** Ends an evaluation after its step; the next start goes on there. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#threads[Symbol.asyncDispose]();
    await this.#turn;
    await this.#completing;
    await this.#store[Symbol.asyncDispose]();
  }

  /** Before the first evaluation, what was found last counts. */
  #remember(): void {
    this.#verdicts.put(this.#store.evaluations(this.#bucketMs).map(({ verdict }) => verdict));
    this.#evaluatedMs = this.#verdicts.newestMs;
    this.#verdicts.forget(this.#options.now());
    this.#countOpen();
  }

  async #evaluate(): Promise<void> {
    const { ingest, targets, now } = this.#options;
    const through = dueBucket(now(), this.#bucketMs);
    const { signal } = this.#closing;
    if (!this.#isEnabled || signal.aborted || through === this.#through) return;
    try {
      await ingest.saveFloors();
      if (this.#hasWork(through)) {
        const choices = { deny: this.#deny, live: this.#choices.update(targets()) };
        for (let isUnfinished = true; isUnfinished && !signal.aborted; ) {
          ({ isUnfinished } = this.#count(await this.#threads.evaluate({ throughBucket: through, choices })));
        }
      }
      if (signal.aborted) return;
      this.#through = through;
      this.#isRetry = false;
      this.#evaluatedMs = (through + 1) * this.#bucketMs;
      this.#verdicts.forget(now());
    } catch (error) {
      if (!signal.aborted) this.#failed(messageOf(error), error instanceof FlameherdError ? error.hint : undefined);
    }
    if (signal.aborted) return;
    this.#tell();
    this.#isRetry = this.#through !== through;
    // Merges may take their time; the next bucket does not wait for them.
    if (this.#threads.isRunning) {
      this.#completing ??= this.#profiles.complete(signal).finally(() => {
        this.#completing = undefined;
      });
    }
  }

  /** A collector to which nothing came needs no thread. */
  #hasWork(through: number): boolean {
    if (this.#threads.isRunning || this.#verdicts.size > 0) return true;
    const window = { bucketMs: this.#bucketMs, from: 0, to: through + 1 };
    return this.#store.workloads({ ...window, origin: 'live' }).length > 0 || this.#countOpen() > 0;
  }

  #take({ verdicts, changes }: Judged): void {
    this.#verdicts.put(verdicts);
    this.#changes.push(...changes);
    if (changes.length > 0) this.#profiles.expect();
    for (const change of changes) this.#log(change);
  }

  #count(answer: EvaluateAnswer): EvaluateAnswer {
    const { evaluations, failures, cpuMs } = this.#totals;
    this.#totals = {
      evaluations: evaluations + (answer.isUnfinished ? 0 : 1),
      failures: failures + answer.failures.length,
      cpuMs: cpuMs + answer.cpuMs,
    };
    this.#last = answer;
    const [first] = answer.failures;
    if (!first) this.#logged = '';
    else this.#logOnce(`a workload could not be judged: ${first}`, { workloads: answer.failures.length });
    return answer;
  }

  #failed(message: string, hint: string | undefined): void {
    this.#totals = { ...this.#totals, failures: this.#totals.failures + 1 };
    this.#logOnce(`growth could not be judged: ${message}`, hint === undefined ? {} : { hint });
  }

  #logOnce(message: string, fields: Readonly<Record<string, unknown>>): void {
    if (this.#logged !== message) this.#options.logger.error(message, fields);
    this.#logged = message;
  }

  /** Whoever is told may be down: what is open is told again with each evaluation. */
  #tell(): void {
    const changes = this.#changes;
    // What failed is tried every few seconds; nobody is told as often of what they know.
    if (this.#isRetry && changes.length === 0) return;
    this.#changes = [];
    const open = this.#store.events({ isOpen: true, limit: maxOpenEvents });
    this.#countOpen(open);
    this.#options.tellers.tell(changes, open);
  }

  #countOpen(open = this.#store.events({ isOpen: true, limit: maxOpenEvents })): number {
    for (const signal of growthSignals) {
      this.#openEvents[signal] = open.filter((event) => event.signal === signal).length;
    }
    return open.length;
  }

  #log({ kind, event }: EventChange): void {
    const { logger, linkOf } = this.#options;
    const { id, signal, workload } = event;
    const fields = { event: id, signal, ...workload, at: formatTime(changedMs({ kind, event })), link: linkOf(event) };
    if (kind === 'resolved') logger.info(summaryOf(event), fields);
    else if (kind === 'likely') logger.warn(`${summaryOf(event)} ${descriptionOf(event)}`, fields);
    else logger.info(`${summaryOf(event)} ${descriptionOf(event)}`, fields);
  }
}

/** The last bucket that is over, its last floors included. */
export function dueBucket(nowMs: UnixMs, bucketMs: DurationMs): number {
  const graceMs = Math.min(longestGraceMs, bucketMs / 20);
  return Math.floor((nowMs - graceMs) / bucketMs) - 1;
}
