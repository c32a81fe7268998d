import type { GrowthVerdict, Workload } from '../../model/growth.ts';
import type { DurationMs } from '../../model/units.ts';
import type { ProcessFloors } from '../../store/growth-store.ts';

/** What is set from outside; the other defaults of the detector stand with their reasons in `options.ts`. */
export interface DetectorSettings {
  readonly bucketMs: DurationMs;
  /** In buckets. */
  readonly minAge: number;
  readonly minPeriods: number;
  readonly minShare: number;
}

/**
 * The detector of one workload: a fold over buckets, without clock and I/O. Judging the same floors in the same order gives
 * the same verdicts, whether it is done at once, hour by hour, or with restarts between (`memory`, then `recall`).
 */
export interface Detector {
  readonly workload: Workload;
  /**
   * Takes the floors of one bucket, all processes of the workload, and judges. Buckets come in order; one without floors may
   * be left out, and a gap is a gap. Throws `RangeError` for a bucket that is not after the last one.
   */
  step(bucket: number, floors: readonly ProcessFloors[], options?: StepOptions): GrowthVerdict;
  /** What the floors alone do not tell (plateaus, streaks, findings): JSON text, small. */
  memory(): string;
  /** Functions and processes that are followed. */
  readonly series: number;
}

export interface StepOptions {
  /** In buckets; of an annotation. */
  readonly minAge?: number | undefined;
}

/**
 * A new detector, or one that goes on after `remembered.bucket`: it is handed the floors of `historyBuckets` before and
 * including that bucket, in order.
 */
export type CreateDetector = (
  workload: Workload,
  settings: DetectorSettings,
  remembered?: { readonly memory: string; readonly bucket: number; readonly history: Iterable<ProcessFloors> },
) => Detector;
