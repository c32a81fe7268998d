import { setTimeout } from 'node:timers/promises';
import type { DurationMs } from '../../../model/units.ts';

/** Work is done in pieces of about this length, with a rest after each. */
const pieceMs: DurationMs = 20;

export interface PacerOptions {
  /** The part of a core that may be used, in (0, 1]; 1 never rests. */
  readonly share: number;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds of a clock that never jumps. */
  readonly clock?: () => number;
  /** Rejects when the signal is aborted. */
  readonly sleep?: (ms: DurationMs, signal: AbortSignal | undefined) => Promise<void>;
}

/**
 * Keeps work to a share of a core: after each piece it rests in proportion to the time that the piece took. That includes
 * waiting for the disk or for a core, so that a busy machine is left alone the more.
 */
export class Pacer {
  readonly #restPerWork: number;
  readonly #signal: AbortSignal | undefined;
  readonly #clock: () => number;
  readonly #sleep: NonNullable<PacerOptions['sleep']>;
  #sinceMs: number;

  constructor({ share, signal, clock, sleep }: PacerOptions) {
    this.#restPerWork = 1 / share - 1;
    this.#signal = signal;
    this.#clock = clock ?? (() => performance.now());
    this.#sleep = sleep ?? ((ms, stop) => setTimeout(ms, undefined, { signal: stop }));
    this.#sinceMs = this.#clock();
  }

  /** Whether enough is done for a rest: what is begun should be committed. */
  get isDue(): boolean {
    return this.#clock() - this.#sinceMs >= pieceMs;
  }

  /**
   * To be called between any two steps, with nothing left open: rests when it is due. Throws the signal's reason when all
   * is to stop.
   */
  async rest(): Promise<void> {
    this.#signal?.throwIfAborted();
    if (!this.isDue) return;
    // Even with no rest to take, a turn of the event loop lets the thread hear that it is to stop.
    await this.#sleep(this.#restPerWork * (this.#clock() - this.#sinceMs), this.#signal);
    this.#signal?.throwIfAborted();
    this.#sinceMs = this.#clock();
  }

  /** Waits for something else. Throws the signal's reason when all is to stop. */
  async wait(ms: DurationMs): Promise<void> {
    this.#signal?.throwIfAborted();
    await this.#sleep(ms, this.#signal);
    this.#signal?.throwIfAborted();
  }
}
