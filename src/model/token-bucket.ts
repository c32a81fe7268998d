import { type DurationMs, second, type UnixMs } from './units.ts';

/**
 * Spreads a rush: `burst` may go at once, then `perSecond`. It hands out moments rather than making anybody wait here, so
 * whoever takes a token keeps its own timer. A clock that is set back gives nothing, and takes nothing away.
 */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  /** When the bucket was or will be full; the tokens missing are the seconds until then times the rate. */
  #fullMs = Number.NEGATIVE_INFINITY;
  #seenMs = Number.NEGATIVE_INFINITY;

  constructor(options: { readonly perSecond: number; readonly burst: number }) {
    if (!(options.perSecond > 0 && options.burst >= 1)) {
      throw new RangeError(
        `a token bucket needs a rate above 0 and a burst of at least 1, got ${JSON.stringify(options)}`,
      );
    }
    this.#perSecond = options.perSecond;
    this.#burst = options.burst;
  }

  /** Takes a token and says from when on it may be used: now, or later. */
  take(nowMs: UnixMs): UnixMs {
    return this.takeWithin(nowMs, Number.POSITIVE_INFINITY) ?? nowMs;
  }

  /** As `take`, but takes nothing and answers undefined when it would be more than `ms` from now. */
  takeWithin(nowMs: UnixMs, ms: DurationMs): UnixMs | undefined {
    const waitMs = this.waitMs(nowMs);
    if (waitMs > ms) return undefined;
    this.#fullMs = Math.max(this.#fullMs, nowMs) + second / this.#perSecond;
    return nowMs + waitMs;
  }

  /** How long until a token may be used; takes none. */
  waitMs(nowMs: UnixMs): DurationMs {
    this.#look(nowMs);
    const missingMs = Math.max(0, this.#fullMs - nowMs);
    return Math.max(0, missingMs - ((this.#burst - 1) * second) / this.#perSecond);
  }

  /** Whether no token is missing: then it is as good as new. */
  isFull(nowMs: UnixMs): boolean {
    this.#look(nowMs);
    return this.#fullMs <= nowMs;
  }

  #look(nowMs: UnixMs): void {
    if (nowMs < this.#seenMs) this.#fullMs += nowMs - this.#seenMs;
    this.#seenMs = nowMs;
  }
}
