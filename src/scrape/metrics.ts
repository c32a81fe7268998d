import type { LabelSet } from '../model/labels.ts';
import type { ProfileKind } from '../model/profile-type.ts';
import type { TargetHealth } from '../model/target.ts';
import type { Bytes, DurationMs } from '../model/units.ts';
import type { FailureReason } from './failure.ts';

/**
 * What scraping counts. `src/observe` turns it into Prometheus metrics; workload labels are (namespace, workload_kind, workload,
 * container), so that a roll-out makes no new series. Every method is called on the hot path and must not throw.
 */
export interface ScrapeMetrics {
  /**
   * A profile was stored: `flameherd_scrapes_total` counts it, `flameherd_scrape_duration_seconds{kind}` observes how long the
   * answer took beyond the seconds asked for, `flameherd_scrape_body_bytes{kind}` its size,
   * and `flameherd_target_profiling_seconds_total` what it cost the target.
   */
  scraped(workload: LabelSet, kind: ProfileKind, scrape: ScrapeCost): void;
  /** `flameherd_scrapes_total` and `flameherd_scrape_failures_total{kind,reason}`. */
  failed(workload: LabelSet, kind: ProfileKind, reason: FailureReason): void;
  /** `flameherd_scrapes_skipped_total{cause}`: no failure; a beat was left out. */
  skipped(cause: SkipCause): void;
}

export interface ScrapeCost {
  /** Seconds for which the target was profiling; 0 for snapshots. */
  readonly seconds: number;
  readonly bytes: Bytes;
  /** From the question to the whole answer, the seconds asked for included. */
  readonly durationMs: DurationMs;
}

/** Why a beat was left out: paused by hand, another process's turn, or aborted because the target or we went away. */
export const skipCauses = ['paused', 'turn', 'aborted'] as const;
export type SkipCause = (typeof skipCauses)[number];

/** Read at each `/metrics`: what stands now, not what happened. */
export interface ScrapeSnapshot {
  /** `flameherd_target_up` and `flameherd_targets{health}`: by the labels that were asked for. */
  readonly groups: readonly TargetsHealth[];
  /** `flameherd_scrapes_in_flight`, `flameherd_scrapes_waiting`, `flameherd_scrape_inflight_bytes`. */
  readonly inFlight: number;
  readonly waiting: number;
  readonly inFlightBytes: Bytes;
  /** Sources over the cap of the pool: `flameherd_targets_over_cap`. */
  readonly overCap: number;
  /** Failed scrapes that `/api/v1/scrapes` no longer knows: `flameherd_scrape_failures_forgotten_total`. */
  readonly failuresForgotten: number;
}

export interface TargetsHealth {
  readonly labels: LabelSet;
  readonly targets: Readonly<Record<TargetHealth, number>>;
}

/** Counts nothing: for tests and tools. */
export const noScrapeMetrics: ScrapeMetrics = { scraped() {}, failed() {}, skipped() {} };
