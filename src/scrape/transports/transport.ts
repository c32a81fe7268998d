import type { Endpoint, Target, TransportName } from '../../model/target.ts';
import type { Bytes, DurationMs } from '../../model/units.ts';

/** One GET to a target. */
export interface FetchRequest {
  readonly endpoint: Endpoint;
  /** Path and query. */
  readonly path: string;
  readonly timeoutMs: DurationMs;
  readonly maxBytes: Bytes;
  /** `cut`: a longer answer is its first `maxBytes`, instead of a failure. */
  readonly overMaxBytes?: 'refuse' | 'cut';
  /** Asked while a body comes in, with its size so far: false means that all answers together are too much, so give this one up. */
  readonly mayGrow?: (bytes: Bytes) => boolean;
  /** Told when the question is really sent: after waiting for a stream, and again when it is sent another way. */
  readonly began?: () => void;
}

export type FetchReply =
  | { readonly kind: 'body'; readonly bytes: Uint8Array; readonly status: 200; readonly contentType: string }
  /**
   * An answer that is no profile: `snippet` is cleaned text of a text/plain reply that is no 2xx, at most 300 bytes, else
   * ""; `location` is where a redirect points, cleaned and cut alike, else "". Both hold known sentences of pprof servers at
   * most unless it came directly. `goPprof`: Go's net/http/pprof answered.
   */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly snippet: string;
      readonly location: string;
      readonly goPprof: boolean;
      /** Of a 401 or 403: what to do about it, in our words. */
      readonly advice?: string;
    };

/**
 * A way to reach a target. Resolves with what was answered; throws `FetchError` when nothing was. Never follows a
 * redirect, never sends a credential of ours, never asks another host than the endpoint's.
 */
export interface Transport {
  readonly name: TransportName;
  fetch(target: Target, request: FetchRequest, signal: AbortSignal): Promise<FetchReply>;
  /** Why this target cannot be asked this way, with what to do; undefined when it can. Absent: every target can. */
  missing?(target: Target): string | undefined;
  /** The process of this target is gone: whatever is kept for it is dropped. */
  forget?(target: Target): void;
}

export const fetchFailures = [
  'timeout',
  'refused',
  'dns',
  'reset',
  'tls',
  'too_large',
  'forbidden',
  'aborted',
  /** The way to the target failed, not the target: the API server, a right, the kubelet. */
  'forward',
  /** A bound of ours on streams was hit. */
  'budget',
  'other',
] as const;
export type FetchFailure = (typeof fetchFailures)[number];

export class FetchError extends Error {
  override readonly name = 'FetchError';
  readonly failure: FetchFailure;

  constructor(failure: FetchFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.failure = failure;
  }
}
