import type { IngestJob, IngestOutcome } from '../ingest/messages.ts';
import type { FailedScrape } from '../model/asked-process.ts';
import type { LabelSet } from '../model/labels.ts';
import type { ScrapeSpec, Target } from '../model/target.ts';
import type { Bytes, DurationMs, UnixMs } from '../model/units.ts';
import type { Admission } from './admission.ts';
import type { ScrapeMetrics } from './metrics.ts';
import type { TransportChoice } from './transport-book.ts';

/** What all loops of a pool share. */
export interface ScrapeContext {
  readonly collectorId: string;
  readonly now: () => UnixMs;
  readonly choose: (target: Target) => TransportChoice;
  /** Takes the bytes over and resolves once the profile is committed or refused. */
  readonly ingest: (job: IngestJob) => Promise<IngestOutcome>;
  /** Whether the process that the target names is still the one at its address. */
  readonly isCurrent: (target: Target) => boolean;
  /** Why a target is not to be scraped just now, or undefined. */
  readonly pausedBecause: (target: Target) => string | undefined;
  /** Whether a windowed kind of this target is profiled in the round that is due now. */
  readonly hasTurn: (target: Target, spec: ScrapeSpec, dueMs: UnixMs) => boolean;
  /** The time between two profiles of a kind, with the rounds that are left to others of the workload. */
  readonly intervalOf: (target: Target, spec: ScrapeSpec) => DurationMs;
  /** When this run first knew the workload. */
  readonly firstKnownMs: (labels: LabelSet) => UnixMs;
  /** Told of each scrape that failed on its beat. */
  readonly noteFailure: (target: Target, failure: FailedScrape) => void;
  readonly admission: Admission;
  readonly metrics: ScrapeMetrics;
  readonly maxBodyBytes: Bytes;
  /** The most of its time, 0 to 1, for which a process is being profiled. */
  readonly cpuDuty: number;
}
