import type { Bytes, DurationMs } from '../model/units.ts';

/** How long a store keeps what, and how much in all. */
export interface Retention {
  /** Age at which single profiles are removed. */
  readonly maxAgeMs: DurationMs;
  /** Age at which sums over hours are removed; 35 days unless given. */
  readonly rollup1hMaxAgeMs?: DurationMs;
  /** Age at which sums over days are removed; 400 days unless given. */
  readonly rollup1dMaxAgeMs?: DurationMs;
  /** Size of the data directory above which the oldest is removed. */
  readonly maxBytes: Bytes;
}
