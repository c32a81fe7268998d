import { type DurationMs, hour, type UnixMs } from '../model/units.ts';

/** A wall clock that is off by more than this from what has passed is not believed. */
export const largestJumpMs: DurationMs = hour;
/** After this long without another jump, the wall clock is believed again. */
export const steadyAfterMs: DurationMs = hour;

export type RetentionTime =
  | { readonly kind: 'steady'; readonly timeMs: UnixMs }
  | { readonly kind: 'paused'; readonly because: string };

/**
 * The time by which old data is removed. A machine whose clock jumps a year ahead must not lose everything it holds, so
 * time is the last one seen plus what a monotonic clock says has passed; a wall clock that disagrees by more than an hour
 * pauses removal by age until it has run steadily for an hour. A collector that was off for long pauses once in that way.
 */
export class RetentionClock {
  #lastWallMs: UnixMs | undefined;
  #lastMonotonicMs: number;
  #jump: { readonly sinceMonotonicMs: number; readonly because: string } | undefined;

  /** `lastSeenMs` is what `lastSeenMs` said in the run before this one. */
  constructor(lastSeenMs: UnixMs | undefined, monotonicMs: number) {
    this.#lastWallMs = lastSeenMs;
    this.#lastMonotonicMs = monotonicMs;
  }

  observe(wallMs: UnixMs, monotonicMs: number): RetentionTime {
    const expectedMs = this.#lastWallMs === undefined ? wallMs : this.#lastWallMs + monotonicMs - this.#lastMonotonicMs;
    this.#lastWallMs = wallMs;
    this.#lastMonotonicMs = monotonicMs;
    if (Math.abs(wallMs - expectedMs) > largestJumpMs) {
      const because =
        `the clock reads ${isoTime(wallMs)} where ${isoTime(expectedMs)} was expected; ` +
        `removal by age waits until it has been steady for ${steadyAfterMs / hour} h`;
      this.#jump = { sinceMonotonicMs: monotonicMs, because };
    } else if (this.#jump && monotonicMs - this.#jump.sinceMonotonicMs >= steadyAfterMs) {
      this.#jump = undefined;
    }
    return this.#jump ? { kind: 'paused', because: this.#jump.because } : { kind: 'steady', timeMs: wallMs };
  }

  /** To be kept over restarts: undefined while the clock is not believed. */
  get lastSeenMs(): UnixMs | undefined {
    return this.#jump ? undefined : this.#lastWallMs;
  }
}

function isoTime(ms: UnixMs): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${ms} ms`;
}
