import type { WeightedSums } from '../read/weighted-sums.ts';
import type { StackGroups } from './group-sums.ts';

/** A sub-block of a chunk's detail: some profiles with their values of the types of one group. */
export interface DetailBlock {
  /** Adds the values of a type, each times the weight of its profile, to the sums of their stacks. */
  add(type: number, weights: Float64Array, stacks: Int32Array, into: WeightedSums): void;
  /** Puts the values that one profile has of a type where their stacks are; 0 may be left out. */
  values(type: number, profile: number, into: (number | bigint)[]): void;
  /**
   * Adds the values of a type to `into[profile * groups.count + group]`, for profiles whose values add up to less than 2^53. False,
   * and nothing is added, where values are negative or no doubles.
   */
  addByGroup(type: number, groups: StackGroups, into: Float64Array): boolean;
}
