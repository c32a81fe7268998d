import type { UnixMs } from '../../../model/units.ts';
import type { ValueColumn } from '../../../profile/profile.ts';
import type { SecondRange } from '../../profile-store.ts';
import type { UnixHour } from '../files/data-dir.ts';
import type { Shape } from '../heads/shape.ts';
import type { WeightedSums } from '../read/weighted-sums.ts';
import type { GroupSums, StackGroups } from './group-sums.ts';

/** The profiles of one series in one hour that came from one head file and share a partition and sample types. */
export interface ChunkKey {
  readonly series: number;
  readonly hour: UnixHour;
  /** The id in meta.db of the head file. */
  readonly head: number;
  readonly part: number;
}

/** What a chunk knows of its profiles without their samples, in columns, oldest first. */
export interface ChunkEntries {
  readonly count: number;
  /** Before the hour in a carried chunk, which has this one entry and no other. */
  readonly stampMs: Float64Array;
  readonly intervalMs: Float64Array;
  readonly spanMs: Float64Array;
  /** Index into `shapes`, in the order in which they are first met. */
  readonly shape: Int32Array;
  readonly shapes: readonly Shape[];
  readonly trimmed: Float64Array;
  /** By sample type: a total for each profile, exact at any size. */
  readonly totals: readonly (Float64Array | readonly bigint[])[];
  /** Those of one type, without a look at the others. */
  totalsOf(type: number): Float64Array | readonly bigint[];
  readonly timeNanos: BigInt64Array;
  readonly durationNanos: BigInt64Array;
  /** 16 hex digits. */
  contentHash(entry: number): string;
  /** Seconds of the hour in which each snapshot stood when the sums were made: the weights of the sums of gauges. */
  readonly standingSeconds: Float64Array;
  /** When the series was observed within the hour, as settled when the sums were made. */
  readonly observed: readonly SecondRange[];
}

/** A chunk as it lies in a detail file; what is asked for is read and checked then. Damage throws `DamagedData`. */
export interface Chunk {
  readonly key: ChunkKey;
  readonly partition: number;
  /** A restated snapshot that stands into this hour: not a profile of it. Of its values only gauges are kept. */
  readonly carried: boolean;
  readonly entries: ChunkEntries;
  /** The ids of all stacks, rising. */
  readonly stacks: Int32Array;
  /** Adds the sum over the hour: increases as they are, gauges as value·seconds. */
  addSum(type: number, into: WeightedSums): void;
  /**
   * Adds `weights[entry] * value` of single profiles for some types, and reads only the sub-blocks that it needs. Weights
   * are whole numbers; 0 leaves a profile out. `into` is by position in `types`.
   */
  addDetail(types: readonly ChunkTypeSum[]): void;
  /** What the profiles of the sub-block that an entry lies in have of a type, by group of stacks. */
  groupSums(type: number, entry: number, groups: StackGroups): GroupSums;
  /** Lets go of what was read of stacks and values: for whoever is done with a chunk long before the question is. */
  letGo(): void;
  /** One profile as it was stored, as rows sorted by stack id; rows whose every value is 0 may be left out. */
  samples(entry: number): ChunkSamples;
}

export interface ChunkTypeSum {
  readonly type: number;
  /** One for each entry. */
  readonly weights: Float64Array;
  readonly into: WeightedSums;
}

export interface ChunkSamples {
  readonly ids: Int32Array;
  /** By sample type. */
  readonly values: readonly ValueColumn[];
}

/** What a chunk is made of. */
export interface ChunkInput {
  readonly key: ChunkKey;
  readonly partition: number;
  readonly carried: boolean;
  readonly profiles: readonly ChunkProfile[];
  readonly observed: readonly SecondRange[];
}

/** A profile on its way from a head file into a chunk. All profiles of a chunk have the same sample types. */
export interface ChunkProfile {
  readonly stampMs: UnixMs;
  readonly intervalMs: number;
  readonly spanMs: number;
  /** As `encodeShape` writes it. */
  readonly shape: string;
  readonly trimmed: number;
  /** As `encodeTotals` writes them. */
  readonly totals: Uint8Array;
  readonly contentHash: string;
  /** A blob of the format of `samplesFormat`. */
  readonly samples: Uint8Array;
  /** Seconds of the chunk's hour in which the snapshot stands. */
  readonly standingSeconds: number;
}
