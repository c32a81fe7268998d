import { type DurationMs, minute, second } from '../model/units.ts';
import type { KubernetesError } from './errors.ts';

/** How long to wait after failures: doubling from `firstMs`, with jitter, never above the cap of the error's kind. */
export interface BackoffPolicy {
  readonly firstMs: DurationMs;
  /** No answer: the server is restarting, and waiting long would leave us blind after it is back. */
  readonly unreachableCapMs: DurationMs;
  /** It answered with an error: asking more often would not help it. */
  readonly refusedCapMs: DurationMs;
  /** The longest `Retry-After` that is believed. */
  readonly retryAfterCapMs: DurationMs;
}

export const defaultBackoff: BackoffPolicy = {
  firstMs: 400,
  unreachableCapMs: 5 * second,
  refusedCapMs: 30 * second,
  retryAfterCapMs: 5 * minute,
};

/**
 * The wait after the `failures`-th failure in a row (from 1). Half of it is jitter, so that collectors which lost the same
 * server do not return together. A `Retry-After` is waited for in full, with jitter on top.
 */
export function backoffMs(policy: BackoffPolicy, error: KubernetesError, failures: number, random: number): DurationMs {
  const cap = error.status === 0 ? policy.unreachableCapMs : policy.refusedCapMs;
  const steps = Math.max(0, Math.min(failures, 32) - 1);
  const wait = Math.min(cap, policy.firstMs * 2 ** steps) * (0.5 + 0.5 * random);
  if (error.retryAfterMs === undefined) return wait;
  const asked = Math.min(policy.retryAfterCapMs, error.retryAfterMs);
  return Math.max(wait, asked * (1 + 0.1 * random));
}
