import type { LabelSet } from '../../../model/labels.ts';
import type { ProfileKind } from '../../../model/profile-type.ts';
import type { UnixMs } from '../../../model/units.ts';
import type { SecondRange } from '../../profile-store.ts';
import type { Sums } from '../chunks/sum-column.ts';
import type { Shape } from '../heads/shape.ts';
import type { StackSums } from '../read/weighted-sums.ts';

/** Labels that series of one group may differ in. */
export const labelsOutsideGroups: readonly string[] = ['pod', 'node'];

/** The labels that the roll-ups of a series stand under. */
export function groupLabels(labels: LabelSet): LabelSet {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !labelsOutsideGroups.includes(name)));
}

/** Hours or days since 1970, by the kind of file. */
export type RollLevel = '1h' | '1d';

export interface RollKey {
  /** Without `pod` and `node`. */
  readonly labels: LabelSet;
  readonly kind: ProfileKind;
  readonly bucket: number;
  readonly partition: number;
  readonly part: number;
}

/** What one process put into a roll-up. */
export interface RollProcess {
  /** Row id in meta.db, which may have been pruned since: good for telling processes apart. */
  readonly id: number;
  /** Stamped in the bucket: 0 for a process of which only a snapshot stands into it. */
  readonly profiles: number;
  readonly spanMs: number;
  /** By sample type: the total of increases, value·seconds of gauges. */
  readonly totals: readonly bigint[];
  /** When it was observed; without overlaps, in order. */
  readonly observed: readonly SecondRange[];
}

/** One hour or day of a group, of one partition and one list of sample types. Damage throws `DamagedData`. */
export interface Roll {
  readonly key: RollKey;
  /**
   * Of its profiles, in the order in which they were first met; where it holds only snapshots that stand into it (no
   * `stamps`), of those. All have the same sample types.
   */
  readonly shapes: readonly Shape[];
  readonly processes: readonly RollProcess[];
  /** First and last stamp; undefined when it holds only snapshots that stand into it. */
  readonly stamps: { readonly firstMs: UnixMs; readonly lastMs: UnixMs } | undefined;
  /** Samples of its profiles that were folded into `(other)` at ingest. */
  readonly trimmed: number;
  /** Of its profiles: the earliest that is not 0. */
  readonly timeNanos: bigint;
  readonly durationNanos: bigint;
  addSum(type: number, into: StackSums): void;
}

/** What a roll-up is made of. */
export interface RollInput extends Omit<Roll, 'processes' | 'addSum'> {
  /** In order of id. */
  readonly processes: readonly RollInputProcess[];
  /** Rising. */
  readonly stacks: Int32Array;
  /** By sample type, a sum for each stack. */
  readonly sums: readonly Sums[];
}

export interface RollInputProcess extends Omit<RollProcess, 'totals'> {
  readonly totals: readonly (number | bigint)[];
}
