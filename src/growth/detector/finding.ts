import type { Baseline, GrowingFunction, GrowthTier, LikelyBecause } from '../../model/growth.ts';
import { carry, clearAfter } from './options.ts';

/** What is found in a workload: from the first evaluation that shows it to the second that does not. */
export interface Found {
  /** Buckets: when it was found, where the growth begins, and the newest that showed it. */
  readonly since: number;
  readonly start: number;
  readonly seen: number;
  readonly misses: number;
  readonly tier: GrowthTier;
  readonly because: LikelyBecause | undefined;
  readonly revision: string;
  /** Ids of the processes that grew in the newest evaluation that showed it. */
  readonly growers: readonly string[];
  readonly pods: readonly string[];
  readonly functions: readonly GrowingFunction[];
  /** Per second. */
  readonly slope: { readonly perSecond: number; readonly low: number; readonly high: number };
  readonly rise: number;
  readonly baseline: Baseline;
}

/** What one evaluation shows. */
export type Shown = Omit<Found, 'since' | 'seen' | 'misses'>;

/** What became of the processes that grew. */
export interface Growers {
  /** One of them was judged in this bucket, and does not grow any more. */
  readonly stopped: boolean;
  /** One of them still lives, or a young process of the same revision has come in its place. */
  readonly pending: boolean;
  /** No process of the revision is left. */
  readonly gone: boolean;
}

/** A finding goes on: it is at most as low as the tier it has reached, and begins where it first began. */
export function foundAgain(before: Found | undefined, shown: Shown, bucket: number): Found {
  const tier = before?.tier === 'likely' ? 'likely' : shown.tier;
  return {
    ...shown,
    tier,
    because: shown.because ?? (tier === 'likely' ? before?.because : undefined),
    since: before?.since ?? bucket,
    start: Math.min(before?.start ?? Infinity, shown.start),
    seen: bucket,
    misses: 0,
  };
}

/**
 * A finding that this evaluation does not show. It ends with the last pod of its revision, or after two evaluations in which what
 * grew was judged, a likely one after six; it outlives a restart or a gap for as long as nothing can be judged, 8 h at most.
 */
export function notFound(before: Found, growers: Growers, bucket: number): Found | undefined {
  if (growers.gone || bucket - before.seen >= carry) return undefined;
  if (!growers.stopped && growers.pending) return before;
  const misses = before.misses + 1;
  return misses >= clearAfter[before.tier] ? undefined : { ...before, misses };
}
