import type { WeightedSums } from '../read/weighted-sums.ts';
import type { Cells } from './cells.ts';
import type { DetailBlock } from './detail-block.ts';
import type { StackGroups } from './group-sums.ts';
import { type Scales, worthOf } from './scales.ts';

/** A sub-block whose cells have been read. */
export class CellBlock implements DetailBlock {
  readonly #cells: Cells;
  readonly #scales: Scales;
  readonly #most: readonly number[];

  /** `most`, by type: no value is larger. */
  constructor(cells: Cells, scales: Scales, most: readonly number[]) {
    this.#cells = cells;
    this.#scales = scales;
    this.#most = most;
  }

  add(type: number, weights: Float64Array, stacks: Int32Array, into: WeightedSums): void {
    const most = (this.#most[type] as number) * weights.reduce((sum, weight) => sum + weight, 0);
    if (most === 0) return;
    if (most <= Number.MAX_SAFE_INTEGER) into.addPlain(stacks, this.#sums(type, weights), stacks.length, 1, most);
    else into.addSigned(stacks, this.#wideSums(type, weights), stacks.length, 1);
  }

  values(type: number, profile: number, into: (number | bigint)[]): void {
    const { stackCount, profiles } = this.#cells;
    for (let stack = 0; stack < stackCount; stack++) {
      const value = this.#value(type, stack, stack * profiles + profile);
      if (value !== 0) into[stack] = value;
    }
  }

  addByGroup(type: number, { count, of }: StackGroups, into: Float64Array): boolean {
    const { stackCount, profiles, counts, rests } = this.#cells;
    const { scales, scaleOf, fraction } = this.#scales;
    const rest = rests[type];
    for (let stack = 0; stack < stackCount; stack++) {
      const group = of[stack] as number;
      if (group === 0) continue;
      const worth = scales[scaleOf[stack] as number]?.worth[type] as number;
      for (let profile = 0, cell = stack * profiles; profile < profiles; profile++, cell++) {
        if (counts[cell] === 0) continue;
        const at = profile * count + group;
        const value = worthOf(counts[cell] as number, worth, fraction) + (rest ? (rest[cell] as number) : 0);
        into[at] = (into[at] as number) + value;
      }
    }
    return true;
  }

  #sums(type: number, weights: Float64Array): Float64Array {
    const { stackCount, profiles, counts, rests } = this.#cells;
    const { scales, scaleOf, fraction } = this.#scales;
    const sums = new Float64Array(stackCount);
    const rest = rests[type];
    const isWhole = fraction === 1;
    for (let stack = 0; stack < stackCount; stack++) {
      const scale = scales[scaleOf[stack] as number];
      const start = stack * profiles;
      let sum = 0;
      if (isWhole) {
        for (let profile = 0; profile < profiles; profile++) {
          sum += (counts[start + profile] as number) * (weights[profile] as number);
        }
        sum *= scale?.worth[type] as number;
        if (rest && scale?.hasRest[type]) {
          for (let profile = 0; profile < profiles; profile++) {
            sum += (rest[start + profile] as number) * (weights[profile] as number);
          }
        }
      } else {
        for (let profile = 0; profile < profiles; profile++) {
          const weight = weights[profile] as number;
          if (weight !== 0) sum += this.#value(type, stack, start + profile) * weight;
        }
      }
      sums[stack] = sum;
    }
    return sums;
  }

  #wideSums(type: number, weights: Float64Array): bigint[] {
    const { stackCount, profiles } = this.#cells;
    return Array.from({ length: stackCount }, (_, stack) => {
      let sum = 0n;
      for (const [profile, weight] of weights.entries()) {
        if (weight !== 0) sum += BigInt(this.#value(type, stack, stack * profiles + profile)) * BigInt(weight);
      }
      return sum;
    });
  }

  #value(type: number, stack: number, cell: number): number {
    const { scales, scaleOf, fraction } = this.#scales;
    const worth = scales[scaleOf[stack] as number]?.worth[type] as number;
    return worthOf(this.#cells.counts[cell] as number, worth, fraction) + (this.#cells.rests[type]?.[cell] ?? 0);
  }
}
