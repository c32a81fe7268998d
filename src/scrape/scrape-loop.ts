import { isDeepStrictEqual } from 'node:util';
import type { ScrapeSpec, ScrapeStatus, Target, TargetHealth, TargetStatus } from '../model/target.ts';
import { type Bytes, type DurationMs, second, type UnixMs } from '../model/units.ts';
import { askTarget } from './ask-target.ts';
import { noProfilerHint } from './classify.ts';
import type { ScrapeFailure } from './failure.ts';
import { handOver } from './hand-over.ts';
import { KindState } from './kind-state.ts';
import type { SkipCause } from './metrics.ts';
import { kindSlots, pinnedSchedule } from './schedule.ts';
import type { ScrapeContext } from './scrape-context.ts';
import { WakeUp } from './wake-up.ts';
import { calledOff, type SnapOutcome, type Wish } from './wish.ts';
import { workloadOf } from './workload.ts';

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
    else this.#wishes.push({ spec, signal, resolve, outcome: calledOff });
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
    return this.#isSilent() ? 'down' : overallHealth(this.#kinds.values());
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
    for (const kind of this.#kinds.values()) if (!kind.unsupported || kind.answered) return false;
    return this.#kinds.size > 0;
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
    const { metrics, noteFailure, now } = this.#context;
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
      const { reason, message } = failure;
      noteFailure(this.#target, { atMs: now(), kind: kind.spec.kind, reason, message });
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
    const failure = await this.#scrape(kind, wish);
    const failed = failure !== undefined && failure !== 'aborted';
    return wish.resolve(failed ? { kind: 'failed', ...failure } : wish.outcome);
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
    const asking = { target, kind, wish };
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
      const answer = await askTarget(this.#context, asking, permit, signal);
      if (answer.kind !== 'profile') return answer.kind === 'aborted' ? 'aborted' : answer;
      permit.resize(answer.bytes.length);
      if (!this.#context.isCurrent(target)) return replaced(target);
      return await handOver(this.#context, asking, answer);
    } finally {
      permit.release();
    }
  }
}

function replaced(target: Target): ScrapeFailure {
  return {
    reason: 'replaced',
    message: `${target.source}: the pod or container changed while it was asked; the profile was dropped`,
  };
}

function withHint(status: ScrapeStatus): ScrapeStatus {
  return { ...status, health: 'down', lastError: `${status.lastError}\n${noProfilerHint}` };
}

/** Up when any kind brings profiles, down when some fail and none does. */
function overallHealth(kinds: Iterable<KindState>): TargetHealth {
  let overall: TargetHealth = 'unknown';
  for (const { health } of kinds) {
    if (health === 'up') return 'up';
    if (health === 'down') overall = 'down';
  }
  return overall;
}
