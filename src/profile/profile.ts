import type { ValueType } from '../model/profile-type.ts';
import type { StackTable } from './stack-table.ts';

/**
 * One value for each row. A `Float64Array` as long as every value is a whole number of at most 2^53 in size, which is
 * exact and fast; a `BigInt64Array` as soon as one is not.
 */
export type ValueColumn = Float64Array | BigInt64Array;

/** What a profile says of itself apart from its samples; kept so that an export equals what was scraped. */
export interface ProfileHeader {
  readonly timeNanos: bigint;
  readonly durationNanos: bigint;
  readonly periodType: ValueType | undefined;
  readonly period: bigint;
  readonly defaultSampleType: string;
  readonly dropFrames: string;
  readonly keepFrames: string;
  readonly docUrl: string;
  readonly comments: readonly string[];
}

/**
 * A profile in memory: rows of (stack trace, pprof labels), and for each sample type a column of values by row.
 *
 *     stacks                     alloc_space   inuse_space
 *     0  main;serve;query             4096          1024
 *     1  main;serve;write               512             0
 *
 * Columns are at most as long as `stacks`; a row past a column's end is 0. No two rows have the same stack and labels.
 */
export interface Profile {
  readonly sampleTypes: readonly ValueType[];
  readonly stacks: StackTable;
  readonly values: readonly ValueColumn[];
  /**
   * What each column is to be divided by when shown: 1 for sums, the observed seconds for the time average of a gauge
   * that is held as value·seconds. Whole, above 0.
   */
  readonly divisors: readonly number[];
  readonly header: ProfileHeader;
}

export const emptyHeader: ProfileHeader = {
  timeNanos: 0n,
  durationNanos: 0n,
  periodType: undefined,
  period: 0n,
  defaultSampleType: '',
  dropFrames: '',
  keepFrames: '',
  docUrl: '',
  comments: [],
};
