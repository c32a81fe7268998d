import type { FetchFailure } from './transports/transport.ts';

/**
 * Why a scrape brought nothing, as `flameherd_scrape_failures_total{reason}` counts it. The set is closed: a label value
 * never holds what a target said.
 */
export const failureReasons = [
  'timeout',
  'refused',
  'dns',
  'reset',
  'tls',
  'redirect',
  'http_4xx',
  'http_5xx',
  'http_other',
  /** 404 for one kind: the process does not offer it. */
  'unsupported',
  'busy',
  'write_timeout',
  'not_pprof',
  'too_large',
  'parse',
  /** 401 or 403 from the target, or an address that the safety rules refuse. */
  'forbidden',
  /** The way to the target failed, not the target: the API server, a right, the kubelet. */
  'forward',
  /** A bound of `transports` was hit. */
  'budget',
  /** The pod or container changed between the question and the answer. */
  'replaced',
  /** The ingest queue was full. */
  'dropped',
  'other',
] as const;
export type FailureReason = (typeof failureReasons)[number];

export interface ScrapeFailure {
  readonly reason: FailureReason;
  /** For people: what was asked, what came, what to do. */
  readonly message: string;
}

/** The reason of a fetch that brought no answer; undefined when we called it off ourselves. */
export function reasonOfFetch(failure: FetchFailure): FailureReason | undefined {
  return failure === 'aborted' ? undefined : failure;
}
