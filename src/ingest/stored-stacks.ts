import type { StackTrace } from '../model/frame.ts';
import type { StackColumn } from '../store/profile-store.ts';
import type { BatchColumns } from './batch-columns.ts';
import type { PartitionSymbols } from './partition-symbols.ts';
import type { ResolvedProfile } from './resolver.ts';
import type { StackDescriber } from './stack-describer.ts';
import { type KeptRows, otherStack } from './trim.ts';

/**
 * The stacks of a record that waits for its commit. Those that are new to us are spelled out at once, for the decoder's
 * memory is soon used again. Should the store ask for another one, the profile is decoded a second time.
 */
export class StoredStacks implements StackColumn {
  readonly count: number;
  readonly hashHigh: Int32Array;
  readonly hashLow: Int32Array;
  /** Where what was folded goes; -1 when nothing was. */
  readonly otherAt: number;
  readonly #described = new Map<number, StackTrace>();
  readonly #samples: Int32Array;
  readonly #describeAgain: (sample: number) => StackTrace;

  constructor(
    profile: ResolvedProfile,
    kept: KeptRows,
    other: { readonly high: number; readonly low: number },
    describeAgain: (sample: number) => StackTrace,
    room: BatchColumns,
  ) {
    const { rows } = kept;
    const known = kept.folded ? rows.indexOf(profile.rowOf(other.high, other.low)) : -1;
    this.otherAt = kept.folded ? (known >= 0 ? known : rows.length) : -1;
    this.count = Math.max(rows.length, this.otherAt + 1);
    this.hashHigh = room.ints(this.count);
    this.hashLow = room.ints(this.count);
    this.#samples = room.ints(this.count);
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index] as number;
      this.hashHigh[index] = profile.high[row] as number;
      this.hashLow[index] = profile.low[row] as number;
      this.#samples[index] = profile.sample[row] as number;
    }
    if (this.otherAt >= 0) {
      this.hashHigh[this.otherAt] = other.high;
      this.hashLow[this.otherAt] = other.low;
      this.#described.set(this.otherAt, otherStack);
    }
    this.#describeAgain = describeAgain;
  }

  /**
   * Spells out those of the kept stacks that the store was never told of, while the profile is still in the decoder's
   * memory, and notes them as told.
   */
  describeNew(
    { isNew, stack }: ResolvedProfile,
    { rows }: KeptRows,
    { stacks }: PartitionSymbols,
    describer: StackDescriber,
  ): void {
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index] as number;
      if (isNew[row] === 0 || index === this.otherAt) continue;
      stacks.setDescribed(stack[row] as number);
      this.#described.set(index, describer.describe(this.#samples[index] as number));
    }
  }

  describe(row: number): StackTrace {
    return this.#described.get(row) ?? this.#describeAgain(this.#samples[row] ?? 0);
  }
}
