import type { DurationMs } from '../model/units.ts';

/** What is asked of the API server: whose a token is, or what somebody may do. */
export const reviewKinds = ['token', 'access'] as const;
export type ReviewKind = (typeof reviewKinds)[number];

/** `yes`: known, allowed; `no`: unknown, denied; `failed`: the API server did not say. */
export const reviewResults = ['yes', 'no', 'failed'] as const;
export type ReviewResult = (typeof reviewResults)[number];

/**
 * Why nobody was let in: without credentials; with ones that are not accepted; not by way of the proxy; by a name that only the
 * cluster may give; or because the API server could not be asked, or not that often.
 */
export const refusalReasons = [
  'no_credentials',
  'bad_credentials',
  'not_the_proxy',
  'reserved_name',
  'unavailable',
  'busy',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** Told of what happens, for metrics. */
export interface AuthEvents {
  reviewed(kind: ReviewKind, result: ReviewResult, tookMs: DurationMs): void;
  refused(reason: RefusalReason): void;
}

export const unheard: AuthEvents = { reviewed: () => {}, refused: () => {} };
