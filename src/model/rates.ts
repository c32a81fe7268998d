import { TokenBucket } from './token-bucket.ts';
import type { DurationMs } from './units.ts';

export interface RateOptions {
  readonly perSecond: number;
  /** How many may come at once after a pause. */
  readonly burst: number;
  readonly nowMs: () => DurationMs;
  /** Keys that are remembered; beyond it the one that came last longest ago is forgotten, and begins anew. */
  readonly bound?: number;
}

/** A token bucket for each key. */
export class Rates {
  readonly #options: RateOptions;
  readonly #bound: number;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(options: RateOptions) {
    this.#options = options;
    this.#bound = options.bound ?? 10_000;
  }

  /** Takes one; 0, or how long until there is one. */
  take(key: string): DurationMs {
    const bucket = this.#bucketOf(key);
    const nowMs = this.#options.nowMs();
    return bucket.takeWithin(nowMs, 0) === undefined ? bucket.waitMs(nowMs) : 0;
  }

  /** How long until there is one, without taking it. */
  waitMs(key: string): DurationMs {
    return this.#buckets.get(key)?.waitMs(this.#options.nowMs()) ?? 0;
  }

  get size(): number {
    return this.#buckets.size;
  }

  #bucketOf(key: string): TokenBucket {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#options);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > this.#bound && oldest !== undefined) this.#buckets.delete(oldest);
    return bucket;
  }
}
