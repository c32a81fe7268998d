import type { WeightedSums } from '../read/weighted-sums.ts';
import { CellBlock } from './cell-block.ts';
import type { Cells } from './cells.ts';
import type { DetailBlock } from './detail-block.ts';
import type { StackGroups } from './group-sums.ts';
import { type Scales, worthsOf } from './scales.ts';

/** How a sub-block of increases is read, when it is known what for. */
export interface IncreaseReading {
  /** By type of the group: whether values are more than their counts are worth. */
  readonly hasRests: readonly boolean[];
  /** Adds up counts by stack, each times the weight of its profile. Good until the next call of any block. */
  weigh(weights: Float64Array): Float64Array;
  cells(): Cells;
}

/**
 * A sub-block of increases. Where values are counts times a worth, only the counts of a stack are added up, without a look at
 * its cells.
 */
export class IncreaseBlock implements DetailBlock {
  readonly #reading: IncreaseReading;
  readonly #scales: Scales;
  readonly #most: readonly number[];
  #cells: CellBlock | undefined;
  /** Types of one group mostly have the same weights. */
  #weighed: { readonly weights: Float64Array; readonly counts: Float64Array } | undefined;

  /** `most`, by type: no value is larger. */
  constructor(reading: IncreaseReading, scales: Scales, most: readonly number[]) {
    this.#reading = reading;
    this.#scales = scales;
    this.#most = most;
  }

  add(type: number, weights: Float64Array, stacks: Int32Array, into: WeightedSums): void {
    const { scaleOf, fraction } = this.#scales;
    const most = (this.#most[type] as number) * weights.reduce((sum, weight) => sum + weight, 0);
    if (most === 0) return;
    if (fraction !== 1 || this.#reading.hasRests[type] || most > Number.MAX_SAFE_INTEGER) {
      this.#cellBlock().add(type, weights, stacks, into);
      return;
    }
    const counts = this.#weigh(weights);
    const worths = worthsOf(this.#scales, type);
    const sums = new Float64Array(counts.length);
    for (let stack = 0; stack < sums.length; stack++) {
      sums[stack] = (counts[stack] as number) * (worths[scaleOf[stack] as number] as number);
    }
    into.addPlain(stacks, sums, stacks.length, 1, most);
  }

  values(type: number, profile: number, into: (number | bigint)[]): void {
    this.#cellBlock().values(type, profile, into);
  }

  addByGroup(type: number, groups: StackGroups, into: Float64Array): boolean {
    return this.#cellBlock().addByGroup(type, groups, into);
  }

  #weigh(weights: Float64Array): Float64Array {
    const known = this.#weighed;
    if (known?.weights.every((weight, profile) => weight === weights[profile])) return known.counts;
    this.#weighed = { weights, counts: this.#reading.weigh(weights) };
    return this.#weighed.counts;
  }

  #cellBlock(): CellBlock {
    return (this.#cells ??= new CellBlock(this.#reading.cells(), this.#scales, this.#most));
  }
}
