import type { ScrapeSpec, ScrapeStatus, TargetHealth } from '../model/target.ts';
import { type Bytes, type DurationMs, hour, minute, second, type UnixMs } from '../model/units.ts';
import type { FailureReason, ScrapeFailure } from './failure.ts';
import { nextDue, type Schedule } from './schedule.ts';
import { originOf } from './transports/exchange.ts';

/** So many busy answers in a row mean that another profiler is attached for good, and that we should stand back. */
export const busyLimit = 3;
export const busyBackoffMs: DurationMs = 10 * minute;
/** A kind that answers 404 twice in a row is not offered by this process; it is asked again this seldom. */
export const unsupportedLimit = 2;
export const unsupportedRetryMs: DurationMs = hour;
/** Nothing of the source has answered yet: the program may still be starting, or somebody is putting it right. */
export const silentRetryMs: DurationMs = 5 * minute;

/** A clock that goes back by less is being slewed, not set. */
const clockToleranceMs: DurationMs = second;

/** These say nothing about the target's health. */
const noFaultOfTarget: ReadonlySet<FailureReason> = new Set(['dropped', 'replaced', 'budget']);

export interface ScrapeSuccess {
  readonly endMs: UnixMs;
  readonly durationMs: DurationMs;
  readonly bytes: Bytes;
  readonly samples: number;
  /** What was odd about the profile. */
  readonly warnings: readonly string[];
}

/**
 * What is known of one kind of one source: when it is due, how it went, and what the process has taught us (shorter CPU
 * profiles, kinds that it lacks, a rival profiler). No clock, no I/O: the loop tells what happened and when.
 */
export class KindState {
  #spec: ScrapeSpec;
  #schedule: Schedule;
  #dueMs: UnixMs;
  #seconds: number | undefined;
  #busyRow = 0;
  #missingRow = 0;
  #answered = false;
  #health: TargetHealth = 'unknown';
  #lastError = '';
  #lastScrapeMs: UnixMs | undefined;
  #lastStampMs = Number.NEGATIVE_INFINITY;
  #lastAnswerMs: UnixMs | undefined;
  #last: ScrapeSuccess | undefined;

  #offBeat = false;
  #leftOut = false;
  #seenMs = Number.NEGATIVE_INFINITY;

  /** Due at its first pinned moment after `nowMs`. */
  constructor(spec: ScrapeSpec, schedule: Schedule, nowMs: UnixMs) {
    this.#spec = spec;
    this.#schedule = schedule;
    this.#dueMs = nextDue(schedule, nowMs);
    this.#seconds = spec.seconds;
  }

  get spec(): ScrapeSpec {
    return this.#spec;
  }

  get dueMs(): UnixMs {
    return this.#dueMs;
  }

  /** The seconds to ask for: the configured ones, or fewer where the server's WriteTimeout forbids them. */
  get seconds(): number | undefined {
    return this.#seconds;
  }

  /** The process does not offer this kind, as far as we know. */
  get unsupported(): boolean {
    return this.#missingRow >= unsupportedLimit;
  }

  /** Whether this kind has ever brought a profile. */
  get answered(): boolean {
    return this.#answered;
  }

  get expectedBytes(): Bytes | undefined {
    return this.#last?.bytes;
  }

  /** The moment of the last good answer. */
  get lastAnswerMs(): UnixMs | undefined {
    return this.#lastAnswerMs;
  }

  /** The stamp of a profile answered or begun at `ms`: stamps of one kind of a source never go back, even if the clock does. */
  stampAt(ms: UnixMs): UnixMs {
    this.#lastStampMs = Math.max(ms, this.#lastStampMs + 1);
    return this.#lastStampMs;
  }

  /** Due once at a moment of its own, before the pinned ones: a source that has never been scraped. */
  beginAt(ms: UnixMs): void {
    this.#dueMs = ms;
    this.#offBeat = true;
  }

  /** Takes over changed settings; what the process has taught us stays as long as it can still be true. */
  configure(spec: ScrapeSpec, schedule: Schedule, nowMs: UnixMs): void {
    const moved = originOf(spec.endpoint) !== originOf(this.#spec.endpoint) || spec.path !== this.#spec.path;
    if (moved) {
      this.#missingRow = 0;
      this.#busyRow = 0;
      this.#health = 'unknown';
      this.#lastError = '';
    }
    if (moved || spec.seconds !== this.#spec.seconds) this.#seconds = spec.seconds;
    const rescheduled =
      schedule.intervalMs !== this.#schedule.intervalMs || schedule.phaseMs !== this.#schedule.phaseMs;
    this.#spec = spec;
    this.#schedule = schedule;
    if (moved || rescheduled) this.#dueMs = nextDue(schedule, nowMs);
  }

  /** Told the time whenever it is looked at. When the clock was set back, a due moment set before lies too far off: it is set anew. */
  followClock(nowMs: UnixMs): void {
    if (this.#seenMs - nowMs > clockToleranceMs) this.skip(nowMs);
    this.#seenMs = nowMs;
  }

  /** Leaves this beat out: paused, or another process's turn. */
  skip(nowMs: UnixMs): void {
    this.#offBeat = false;
    this.#dueMs = nextDue(this.#schedule, nowMs);
  }

  /** Leaves this beat out, and remembers that until the next scrape. */
  leaveOut(nowMs: UnixMs): void {
    this.skip(nowMs);
    this.#leftOut = true;
  }

  /** Whether a beat was left out since the last scrape, and nothing else keeps us from asking. */
  isBehind(nowMs: UnixMs): boolean {
    return this.#leftOut && this.#dueMs <= nowMs + this.#schedule.intervalMs;
  }

  succeeded(success: ScrapeSuccess): void {
    this.#leftOut = false;
    this.#busyRow = 0;
    this.#missingRow = 0;
    this.#answered = true;
    this.#health = 'up';
    this.#lastError = '';
    this.#last = success;
    this.#lastScrapeMs = success.endMs;
    this.#lastAnswerMs = success.endMs;
    // A first scrape is not at a pinned moment, and the next must not follow on its heels.
    this.#dueMs = nextDue(this.#schedule, success.endMs + (this.#offBeat ? this.#schedule.intervalMs / 2 : 0));
    this.#offBeat = false;
  }

  /** `sourceAnswers`: another kind of this source has brought profiles, so a 404 is about the kind alone. */
  failed(failure: ScrapeFailure, nowMs: UnixMs, sourceAnswers: boolean): void {
    this.#offBeat = false;
    this.#leftOut = false;
    this.#lastScrapeMs = nowMs;
    if (!noFaultOfTarget.has(failure.reason)) this.#health = 'down';
    this.#lastError = failure.message;
    this.#busyRow = failure.reason === 'busy' ? this.#busyRow + 1 : 0;
    this.#missingRow = failure.reason === 'unsupported' ? this.#missingRow + 1 : 0;
    if (failure.reason === 'write_timeout') this.#halveSeconds();
    if (this.#busyRow >= busyLimit) {
      this.#lastError = `another profiler is attached (asked ${this.#busyRow} times, asked again in ${busyBackoffMs / minute} min): ${failure.message}`;
    }
    this.#dueMs = nextDue(this.#schedule, nowMs + this.#standBackMs(sourceAnswers));
  }

  /** A kind that the process does not offer is neither up nor down. */
  get health(): TargetHealth {
    return this.unsupported ? 'unknown' : this.#health;
  }

  status(): ScrapeStatus {
    return {
      kind: this.#spec.kind,
      url: originOf(this.#spec.endpoint) + this.#spec.path,
      health: this.health,
      lastError: this.unsupported ? `not offered by this process: ${this.#lastError}` : this.#lastError,
      lastScrapeMs: this.#lastScrapeMs,
      nextScrapeMs: this.#dueMs,
      durationMs: this.#last?.durationMs,
      bytes: this.#last?.bytes,
      samples: this.#last?.samples,
      seconds: this.#seconds,
      intervalMs: this.#schedule.intervalMs,
      warnings: this.#last?.warnings ?? [],
    };
  }

  #halveSeconds(): void {
    if (this.#seconds !== undefined && this.#seconds > 1) this.#seconds = Math.floor(this.#seconds / 2);
  }

  #standBackMs(sourceAnswers: boolean): DurationMs {
    if (this.#busyRow >= busyLimit) return Math.max(0, busyBackoffMs - this.#schedule.intervalMs);
    if (this.unsupported)
      return Math.max(0, (sourceAnswers ? unsupportedRetryMs : silentRetryMs) - this.#schedule.intervalMs);
    return 0;
  }
}
