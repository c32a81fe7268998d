import { FlameherdError } from '../model/errors.ts';
import { TokenBucket } from '../model/token-bucket.ts';
import type { UnixMs } from '../model/units.ts';

/** What may be asked of the API server. */
export interface ReviewBounds {
  /** Reviews under way at the same time. */
  readonly inFlight: number;
  /** Those that wait for their turn. */
  readonly waiting: number;
  readonly perSecond: number;
  /** So many may come at once after a quiet while. */
  readonly burst: number;
}

/**
 * Tokens that were never seen to be good have a lane of their own, so that whoever sends made-up ones slows down only others who
 * come for the first time; tokens that were good a moment ago, and what somebody known may do, do not wait behind them.
 */
export const reviewLanes = {
  newTokens: { inFlight: 16, waiting: 256, perSecond: 50, burst: 200 },
  knownTokens: { inFlight: 16, waiting: 256, perSecond: 200, burst: 1000 },
  access: { inFlight: 32, waiting: 4096, perSecond: 500, burst: 5000 },
} as const satisfies Record<string, ReviewBounds>;
export type ReviewLaneName = keyof typeof reviewLanes;

interface Waiter {
  readonly enter: () => void;
  readonly giveUp: (error: unknown) => void;
}

/** Bounds the reviews of one sort. One review that fails lets all that wait fail with it: the next to come tries again. */
export class ReviewLane {
  readonly #bounds: ReviewBounds;
  readonly #now: () => UnixMs;
  #waiting: Waiter[] = [];
  #inFlight = 0;
  readonly #rate: TokenBucket;

  constructor(bounds: ReviewBounds, now: () => UnixMs) {
    this.#bounds = bounds;
    this.#now = now;
    this.#rate = new TokenBucket(bounds);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Throws `busy` when a bound is reached, and what `review` throws. */
  async run<T>(review: () => Promise<T>): Promise<T> {
    const { perSecond } = this.#bounds;
    if (this.#rate.takeWithin(this.#now(), 0) === undefined) throw busy(`${perSecond} a second`);
    await this.#enter();
    try {
      return await review();
    } catch (error) {
      for (const { giveUp } of this.#waiting.splice(0)) giveUp(error);
      throw error;
    } finally {
      const next = this.#waiting.shift();
      if (next) next.enter();
      else this.#inFlight--;
    }
  }

  /** A place that is handed over to who waits is never free in between. */
  async #enter(): Promise<void> {
    const { inFlight, waiting } = this.#bounds;
    if (this.#inFlight < inFlight) {
      this.#inFlight++;
      return;
    }
    if (this.#waiting.length >= waiting) throw busy(`${inFlight} under way and ${waiting} waiting`);
    await new Promise<void>((enter, giveUp) => this.#waiting.push({ enter, giveUp }));
  }
}

function busy(bound: string): FlameherdError {
  return new FlameherdError('busy', `the API server is asked who calls as often as it may be: ${bound}`, {
    hint: 'send it again in a moment',
  });
}
