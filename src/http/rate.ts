import type { DurationMs } from '../model/units.ts';

export interface RateOptions {
  readonly perSecond: number;
  /** How many may come at once after a pause. */
  readonly burst: number;
  /** A clock that never goes back. */
  readonly nowMs: () => DurationMs;
  /** Keys that are remembered; beyond it the one that came last longest ago is forgotten. */
  readonly bound?: number;
}

interface Bucket {
  tokens: number;
  atMs: DurationMs;
}

/** A token bucket for each key. */
export class Rates {
  readonly #options: RateOptions;
  readonly #bound: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: RateOptions) {
    this.#options = options;
    this.#bound = options.bound ?? 10_000;
  }

  /** Takes one; 0, or how long until there is one. */
  take(key: string): DurationMs {
    const bucket = this.#bucketOf(key);
    if (bucket.tokens < 1) return this.#untilOne(bucket);
    bucket.tokens--;
    return 0;
  }

  /** How long until there is one, without taking it. */
  waitMs(key: string): DurationMs {
    const bucket = this.#buckets.get(key);
    return bucket ? this.#untilOne(this.#filled(bucket)) : 0;
  }

  get size(): number {
    return this.#buckets.size;
  }

  #bucketOf(key: string): Bucket {
    const found = this.#buckets.get(key);
    const bucket = found ? this.#filled(found) : { tokens: this.#options.burst, atMs: this.#options.nowMs() };
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > this.#bound && oldest !== undefined) this.#buckets.delete(oldest);
    return bucket;
  }

  #filled(bucket: Bucket): Bucket {
    const nowMs = this.#options.nowMs();
    const gained = ((nowMs - bucket.atMs) * this.#options.perSecond) / 1000;
    bucket.tokens = Math.min(this.#options.burst, bucket.tokens + gained);
    bucket.atMs = nowMs;
    return bucket;
  }

  #untilOne({ tokens }: Bucket): DurationMs {
    return tokens >= 1 ? 0 : Math.max(1, ((1 - tokens) * 1000) / this.#options.perSecond);
  }
}
