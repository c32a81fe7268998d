import type { SeriesIdentity } from '../model/series.ts';
import type { UnixMs } from '../model/units.ts';
import type { ValueColumn } from '../profile/profile.ts';

/**
 * The small state that must outlive a crash and is no profile: always local SQLite, whatever stores the profiles.
 */

/**
 * The counters of one series as of a stamp. The exact state now is this plus the increases stored after `stampMs`.
 * A process that is counted from zero has an empty checkpoint stamped before its first profile.
 */
export interface Checkpoint {
  readonly series: SeriesIdentity;
  readonly stampMs: UnixMs;
  /** What names the pprof labels that the stacks are told apart without; for the writer to read. */
  readonly leftOut: readonly string[];
  /** Names of the cumulative sample types, in the order of `values`. */
  readonly types: readonly string[];
  readonly hashHigh: Int32Array;
  readonly hashLow: Int32Array;
  readonly values: readonly ValueColumn[];
}

export interface StateStore extends AsyncDisposable {
  /** Durable against kill -9 when it returns; a later checkpoint of a series replaces the earlier. */
  saveCheckpoints(checkpoints: readonly Checkpoint[]): void;
  loadCheckpoint(series: SeriesIdentity): Checkpoint | undefined;
  /** Forgets the checkpoints of series whose last one is older. */
  pruneCheckpoints(olderThanMs: UnixMs): number;
  /** Small named values: the collector id, the last time seen, pauses. */
  get(key: string): string | undefined;
  set(key: string, value: string): void;
}
