import type { LabelSet } from './labels.ts';
import type { ProfileKind } from './profile-type.ts';
import type { DurationMs, UnixMs } from './units.ts';

/** A scrape that brought nothing to store. */
export interface FailedScrape {
  readonly atMs: UnixMs;
  readonly kind: ProfileKind;
  /** As `flameherd_scrape_failures_total{reason}` counts it. */
  readonly reason: string;
  /** For people: what was asked, what came. */
  readonly message: string;
}

/** What this run of the collector knows itself of the scrapes of one kind of one process. */
export interface AskedProcess {
  readonly processId: string;
  readonly labels: LabelSet;
  readonly startedMs: UnixMs | undefined;
  /** It runs, and is a target still. */
  readonly isAsked: boolean;
  /** Undefined where the kind is not asked for any more. */
  readonly intervalMs: DurationMs | undefined;
  /** In order of time; what was before `failuresFromMs` is forgotten. */
  readonly failures: readonly FailedScrape[];
  readonly failuresFromMs: UnixMs;
}
