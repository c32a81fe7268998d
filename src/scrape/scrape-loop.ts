import { isDeepStrictEqual } from 'node:util';
import type { IngestJob, IngestOutcome } from '../ingest/messages.ts';
import { messageOf } from '../model/errors.ts';
import { type LabelSet, partitionLabels, pickLabels } from '../model/labels.ts';
import type { ScrapeSpec, ScrapeStatus, Target, TargetHealth, TargetStatus, TransportName } from '../model/target.ts';
import { type Bytes, type DurationMs, second, type UnixMs } from '../model/units.ts';
import type { Admission, Permit } from './admission.ts';
import { classifyReply, noProfilerHint } from './classify.ts';
import { reasonOfFetch, type ScrapeFailure } from './failure.ts';
import { KindState } from './kind-state.ts';
import type { ScrapeMetrics, SkipCause } from './metrics.ts';
import { pathWithSeconds, secondsWithin, stampOf, timeoutOf } from './request.ts';
import { kindSlots, pinnedSchedule } from './schedule.ts';
import type { TransportChoice } from './transport-book.ts';
import { FetchError, type FetchReply, type FetchRequest } from './transports/transport.ts';
import { WakeUp } from './wake-up.ts';

/** What all loops of a pool share. */
export interface ScrapeContext {
  readonly collectorId: string;
  readonly now: () => UnixMs;
  readonly choose: (target: Target) => TransportChoice;
  /** Takes the bytes over and resolves once the profile is committed or refused. */
  readonly ingest: (job: IngestJob) => Promise<IngestOutcome>;
  /** Whether the process that the target names is still the one at its address. */
  readonly isCurrent: (target: Target) => boolean;
  /** Why a target is not to be scraped just now, or undefined. */
  readonly pausedBecause: (target: Target) => string | undefined;
  /** Whether a windowed kind of this target is profiled in the round that is due now. */
  readonly hasTurn: (target: Target, spec: ScrapeSpec, dueMs: UnixMs) => boolean;
  /** When this run first knew the workload. */
  readonly firstKnownMs: (labels: LabelSet) => UnixMs;
  readonly admission: Admission;
  readonly metrics: ScrapeMetrics;
  readonly maxBodyBytes: Bytes;
  /** The most of its time, 0 to 1, for which a process is being profiled. */
  readonly cpuDuty: number;
}

/** No timer is longer, so that a clock that jumps or a machine that slept is noticed this soon. */
const longestSleepMs: DurationMs = 30 * second;
/** What a body is expected to weigh before the first one came. */
const unknownBodyBytes: Bytes = 64 * 1024;
/** Taken once more when a pod begins to shut down: a leak shows best at its end. */
const lastKinds: readonly string[] = ['heap', 'goroutine'];

/**
 * Scrapes one source, one request at a time, until it is told to stop. It waits for whichever kind is due next, asks,
 * checks that the process is still the one it asked for, and hands the bytes on. Nothing is retried before the next beat:
 * a target in trouble is not helped by more questions.
 */
export class ScrapeLoop {
  readonly #context: ScrapeContext;
  readonly #wakeUp = new WakeUp();
  readonly #kinds = new Map<string, KindState>();
  #target: Target;
  #stopped = false;
  #tookLastLook = false;
  readonly #wishes: Wish[] = [];
  /** Aborts the request under way, if any. */
  #request = new AbortController();

  /** `firstDueMs`: when a source that the store has never seen may begin; undefined: it waits for its pinned moments. */
  constructor(target: Target, context: ScrapeContext, firstDueMs: UnixMs | undefined) {
    this.#target = target;
    this.#context = context;
    this.#configure(firstDueMs);
  }

  /** Runs until `stop` or `abort`; never rejects. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      const wish = this.#wishes.shift();
      const due = this.#target.terminating ? undefined : this.#nextKind();
      const waitMs = due ? due.dueMs - this.#context.now() : longestSleepMs;
      if (wish) await this.#grant(wish);
      else if (this.#target.terminating && !this.#tookLastLook) await this.#lastLook();
      else if (due && waitMs <= 0) await this.#serve(due);
      else await this.#wakeUp.sleep(Math.min(waitMs, longestSleepMs));
    }
    for (const { resolve } of this.#wishes.splice(0)) resolve(calledOff);
  }

  /** One profile out of turn, as soon as the request under way has ended. It is stored as any other. */
  snap(spec: ScrapeSpec, signal: AbortSignal): Promise<SnapOutcome> {
    const { promise, resolve } = Promise.withResolvers<SnapOutcome>();
    if (this.#stopped) resolve(calledOff);
    else this.#wishes.push({ spec, signal, resolve, bytes: undefined, id: undefined });
    this.#wakeUp.wake();
    return promise;
  }

  /** The same source with other labels, kinds, intervals, or now terminating. What was learnt of the process stays. */
  update(target: Target): void {
    const terminates = target.terminating && !this.#target.terminating;
    const changed = !isDeepStrictEqual(target.specs, this.#target.specs);
    this.#target = target;
    if (changed) this.#configure(undefined);
    // A CPU profile under way would hold the source longer than the pod may live.
    if (terminates) this.#request.abort();
    this.#wakeUp.wake();
  }

  /** Asks from the moment that `turn` gives what was left out while it was paused, unless its beat comes sooner. */
  catchUp(turn: () => UnixMs): void {
    const nowMs = this.#context.now();
    const behind = [...this.#kinds.values()].filter((kind) => kind.isBehind(nowMs));
    if (behind.length === 0) return;
    const dueMs = turn();
    for (const kind of behind) if (dueMs < kind.dueMs) kind.beginAt(dueMs);
    this.#wakeUp.wake();
  }

  /** Ends the loop after the request under way. */
  stop(): void {
    this.#stopped = true;
    this.#wakeUp.wake();
  }

  /** Ends the loop and the request under way. */
  abort(): void {
    this.stop();
    this.#request.abort();
  }

  get target(): Target {
    return this.#target;
  }

  get health(): TargetHealth {
    return this.#isSilent() ? 'down' : overallHealth([...this.#kinds.values()].map((kind) => kind.health));
  }

  status(): TargetStatus {
    const choice = this.#context.choose(this.#target);
    const scrapes = [...this.#kinds.values()].map((kind) => kind.status());
    return {
      target: this.#target,
      health: this.health,
      transport: choice.kind === 'chosen' ? choice.transport.name : undefined,
      transportReason: choice.kind === 'chosen' ? choice.reason : choice.message,
      scrapes: this.#isSilent() ? scrapes.map(withHint) : scrapes,
    };
  }

  /** Whatever was asked for was not found: it is not single kinds that are missing. */
  #isSilent(): boolean {
    const kinds = [...this.#kinds.values()];
    return kinds.length > 0 && kinds.every((kind) => kind.unsupported && !kind.answered);
  }

  #configure(firstDueMs: UnixMs | undefined): void {
    const { collectorId, now } = this.#context;
    const { source, specs } = this.#target;
    const slots = kindSlots(specs);
    const nowMs = now();
    const before = new Map(this.#kinds);
    this.#kinds.clear();
    for (const spec of specs) {
      const schedule = pinnedSchedule(collectorId, source, spec.intervalMs, slots.get(spec.kind));
      const state = before.get(spec.kind) ?? new KindState(spec, schedule, nowMs);
      if (before.has(spec.kind)) state.configure(spec, schedule, nowMs);
      else if (firstDueMs !== undefined) state.beginAt(firstDueMs);
      this.#kinds.set(spec.kind, state);
    }
  }

  /** The kind due first; of several due at once, snapshots go before windows, which hold the source for seconds. */
  #nextKind(): KindState | undefined {
    const nowMs = this.#context.now();
    let next: KindState | undefined;
    for (const kind of this.#kinds.values()) {
      kind.followClock(nowMs);
      if (!next || kind.dueMs < next.dueMs || (kind.dueMs === next.dueMs && next.seconds !== undefined)) next = kind;
    }
    return next;
  }

  async #serve(kind: KindState): Promise<void> {
    const { metrics, now } = this.#context;
    const skip = this.#skipCause(kind);
    if (skip) {
      metrics.skipped(skip);
      if (skip === 'paused') kind.leaveOut(now());
      else kind.skip(now());
      return;
    }
    const failure = await this.#scrape(kind);
    if (failure === 'aborted') {
      metrics.skipped('aborted');
      kind.skip(now());
    } else if (failure) {
      metrics.failed(workloadOf(this.#target), kind.spec.kind, failure.reason);
      kind.failed(
        failure,
        now(),
        [...this.#kinds.values()].some(({ answered }) => answered),
      );
    }
  }

  async #grant(wish: Wish): Promise<void> {
    if (wish.signal.aborted) return wish.resolve(calledOff);
    const { collectorId, now } = this.#context;
    const { spec } = wish;
    const schedule = pinnedSchedule(collectorId, this.#target.source, spec.intervalMs, 0);
    const kind = this.#kinds.get(spec.kind) ?? new KindState(spec, schedule, now());
    const choice = this.#context.choose(this.#target);
    const failure = await this.#scrape(kind, wish);
    if (failure === 'aborted') return wish.resolve(calledOff);
    if (failure) return wish.resolve({ kind: 'failed', ...failure });
    const { bytes, id = '' } = wish;
    if (!bytes || choice.kind !== 'chosen') throw new Error('a profile that was stored was answered');
    const { transport, transportReason } = this.status();
    return wish.resolve({ kind: 'snapped', bytes, id, transport: transport ?? choice.transport.name, transportReason });
  }

  #skipCause(kind: KindState): SkipCause | undefined {
    if (this.#context.pausedBecause(this.#target) !== undefined) return 'paused';
    if (kind.seconds !== undefined && !this.#context.hasTurn(this.#target, kind.spec, kind.dueMs)) return 'turn';
    return undefined;
  }

  /** The last heap and goroutine of a pod that shuts down. It may be gone already, so a failure is none. */
  async #lastLook(): Promise<void> {
    this.#tookLastLook = true;
    for (const name of lastKinds) {
      const kind = this.#kinds.get(name);
      if (kind && !this.#stopped && this.#skipCause(kind) === undefined) await this.#scrape(kind);
    }
  }

  /** One scrape from the question to the commit. Resolves with what went wrong, or nothing. */
  async #scrape(kind: KindState, wish?: Wish): Promise<ScrapeFailure | 'aborted' | undefined> {
    const target = this.#target;
    this.#request = new AbortController();
    const signal = wish ? AbortSignal.any([this.#request.signal, wish.signal]) : this.#request.signal;
    const permit = await this.#context.admission.enter(
      {
        lane: kind.seconds === undefined ? 'snapshots' : 'windows',
        node: target.labels['node'] ?? '',
        bytes: kind.expectedBytes ?? unknownBodyBytes,
      },
      signal,
    );
    if (!permit) return 'aborted';
    try {
      if (this.#stopped) return 'aborted';
      if (!this.#context.isCurrent(target)) return replaced(target);
      const answer = await this.#ask(target, kind, permit, signal, wish);
      if (answer.kind !== 'profile') return answer.kind === 'aborted' ? 'aborted' : answer;
      permit.resize(answer.bytes.length);
      if (!this.#context.isCurrent(target)) return replaced(target);
      return await this.#handOver(target, kind, answer, wish);
    } finally {
      permit.release();
    }
  }

  async #ask(target: Target, kind: KindState, permit: Permit, signal: AbortSignal, wish?: Wish): Promise<Answer> {
    const { now, choose, cpuDuty, maxBodyBytes } = this.#context;
    const choice = choose(target);
    if (choice.kind === 'missing') return { kind: 'failed', reason: 'forward', message: choice.message };
    const spec = wish?.spec ?? kind.spec;
    const wanted = wish ? undefined : kind.seconds;
    const seconds = wanted === undefined ? wish?.spec.seconds : secondsWithin(cpuDuty, wanted, spec.intervalMs);
    const path = pathWithSeconds(spec.path, seconds);
    let startMs = now();
    let reply: FetchReply;
    try {
      const request: FetchRequest = {
        endpoint: spec.endpoint,
        path,
        timeoutMs: timeoutOf(seconds),
        maxBytes: maxBodyBytes,
        mayGrow: (bytes) => permit.mayGrow(bytes),
        began: () => {
          startMs = now();
        },
      };
      reply = await choice.transport.fetch(target, request, signal);
    } catch (error) {
      const reason = error instanceof FetchError ? reasonOfFetch(error.failure) : 'other';
      return reason === undefined ? { kind: 'aborted' } : { kind: 'failed', reason, message: messageOf(error) };
    }
    const verdict = classifyReply(path, reply);
    return verdict.kind === 'failed' ? verdict : { ...verdict, startMs, endMs: now(), seconds };
  }

  async #handOver(
    target: Target,
    kind: KindState,
    answer: ProfileAnswer,
    wish?: Wish,
  ): Promise<ScrapeFailure | undefined> {
    const { ingest, firstKnownMs, metrics } = this.#context;
    const { spec } = kind;
    const { startMs, endMs, seconds, bytes } = answer;
    // The buffer is handed over below and reads as empty from then on.
    const size = bytes.length;
    if (wish) wish.bytes = bytes.slice();
    const job: IngestJob = {
      source: target.source,
      labels: target.labels,
      process: target.process,
      build: target.build,
      kind: spec.kind,
      bytes,
      stampMs: kind.stampAt(stampOf(spec, { startMs, endMs, previousMs: kind.lastAnswerMs })),
      intervalMs: spec.intervalMs,
      origin: 'scrape',
      firstKnownMs: firstKnownMs(target.labels),
      asDelta: false,
      endedMs: undefined,
    };
    const outcome = await settled(ingest(job));
    if (outcome.kind === 'refused') return { reason: 'parse', message: outcome.error.message };
    if (outcome.kind === 'dropped') {
      return {
        reason: 'dropped',
        message: `the profile was dropped: ${outcome.queuedBytes} bytes wait for ingest already`,
      };
    }
    if (outcome.kind === 'rejected')
      return { reason: 'dropped', message: `the profile was not stored: ${outcome.message}` };
    if (wish) wish.id = outcome.id;
    kind.succeeded({ endMs, durationMs: endMs - startMs, bytes: size, samples: outcome.samples });
    metrics.scraped(workloadOf(target), spec.kind, { seconds: seconds ?? 0, bytes: size, durationMs: endMs - startMs });
    return undefined;
  }
}

/** What came of a profile that was asked for out of turn. */
export type SnapOutcome =
  | {
      readonly kind: 'snapped';
      /** As it came. */
      readonly bytes: Uint8Array;
      readonly id: string;
      readonly transport: TransportName;
      readonly transportReason: string;
    }
  | ({ readonly kind: 'failed' } & ScrapeFailure);

/** A profile that is wanted out of turn. */
interface Wish {
  /** Its `seconds` are asked for as they are. */
  readonly spec: ScrapeSpec;
  readonly signal: AbortSignal;
  readonly resolve: (outcome: SnapOutcome) => void;
  bytes: Uint8Array | undefined;
  id: string | undefined;
}

const calledOff: SnapOutcome = { kind: 'failed', reason: 'other', message: 'the scrape was called off' };

interface ProfileAnswer {
  readonly kind: 'profile';
  readonly bytes: Uint8Array;
  readonly startMs: UnixMs;
  readonly endMs: UnixMs;
  readonly seconds: number | undefined;
}

type Answer = ProfileAnswer | ({ readonly kind: 'failed' } & ScrapeFailure) | { readonly kind: 'aborted' };

async function settled(
  outcome: Promise<IngestOutcome>,
): Promise<IngestOutcome | { readonly kind: 'rejected'; readonly message: string }> {
  try {
    return await outcome;
  } catch (error) {
    return { kind: 'rejected', message: messageOf(error) };
  }
}

function replaced(target: Target): ScrapeFailure {
  return {
    reason: 'replaced',
    message: `${target.source}: the pod or container changed while it was asked; the profile was dropped`,
  };
}

/** The labels that name a workload's container: what metrics are kept by. */
export function workloadOf(target: Target): LabelSet {
  return pickLabels(target.labels, partitionLabels);
}

function withHint(status: ScrapeStatus): ScrapeStatus {
  return { ...status, health: 'down', lastError: `${status.lastError}\n${noProfilerHint}` };
}

/** Up when any kind brings profiles, down when some fail and none does. */
function overallHealth(kinds: readonly TargetHealth[]): TargetHealth {
  if (kinds.includes('up')) return 'up';
  return kinds.includes('down') ? 'down' : 'unknown';
}
