import type { WeightedSums } from '../read/weighted-sums.ts';
import type { DetailBlock } from './detail-block.ts';
import type { Runs } from './runs.ts';
import { type Scales, worthOf, worthsOf } from './scales.ts';

/** By type of the group, by run: what a value is more than its count is worth; undefined where no value is. */
type Rests = readonly (Float64Array | undefined)[];

/** A sub-block whose cells have been read as runs. */
export class RunBlock implements DetailBlock {
  readonly #runs: Runs;
  readonly #rests: Rests;
  readonly #scales: Scales;
  readonly #most: readonly number[];

  /** `most`, by type: no value is larger. */
  constructor(runs: Runs, rests: Rests, scales: Scales, most: readonly number[]) {
    this.#runs = runs;
    this.#rests = rests;
    this.#scales = scales;
    this.#most = most;
  }

  add(type: number, weights: Float64Array, stacks: Int32Array, into: WeightedSums): void {
    const before = weightsBefore(weights);
    const most = (this.#most[type] as number) * (before[weights.length] as number);
    if (most === 0) return;
    if (most <= Number.MAX_SAFE_INTEGER) into.addPlain(stacks, this.#sums(type, before), stacks.length, 1, most);
    else into.addSigned(stacks, this.#wideSums(type, weights), stacks.length, 1);
  }

  values(type: number, profile: number, into: (number | bigint)[]): void {
    const runs = this.#runs;
    for (let at = 0; at < runs.length; at++) {
      if (profile < (runs.from[at] as number) || profile >= (runs.to[at] as number)) continue;
      const value = this.#value(type, at);
      if (value !== 0) into[runs.stack[at] as number] = value;
    }
  }

  /** `before`, by profile: the weights of those before it. */
  #sums(type: number, before: Float64Array): Float64Array {
    const { scaleOf, fraction } = this.#scales;
    const worths = worthsOf(this.#scales, type);
    const rests = this.#rests[type];
    const sums = new Float64Array(scaleOf.length);
    if (fraction !== 1 || rests) addValues(this.#runs, worths, this.#scales, rests, before, sums);
    else {
      // What all counts of a stack are worth is what their sum is.
      addCounts(this.#runs, before, sums);
      for (let stack = 0; stack < sums.length; stack++) {
        sums[stack] = (sums[stack] as number) * (worths[scaleOf[stack] as number] as number);
      }
    }
    return sums;
  }

  #wideSums(type: number, weights: Float64Array): bigint[] {
    const runs = this.#runs;
    const before = [0n];
    for (const weight of weights) before.push((before.at(-1) as bigint) + BigInt(weight));
    const sums = Array.from({ length: this.#scales.scaleOf.length }, () => 0n);
    for (let at = 0; at < runs.length; at++) {
      const stack = runs.stack[at] as number;
      const weight = (before[runs.to[at] as number] as bigint) - (before[runs.from[at] as number] as bigint);
      sums[stack] = (sums[stack] as bigint) + BigInt(this.#value(type, at)) * weight;
    }
    return sums;
  }

  #value(type: number, at: number): number {
    const { scales, scaleOf, fraction } = this.#scales;
    const worth = scales[scaleOf[this.#runs.stack[at] as number] as number]?.worth[type] as number;
    return worthOf(this.#runs.count[at] as number, worth, fraction) + (this.#rests[type]?.[at] ?? 0);
  }
}

function addCounts({ stack: stackOf, from, to, count, length }: Runs, before: Float64Array, sums: Float64Array): void {
  for (let at = 0; at < length; at++) {
    const weight = (before[to[at] as number] as number) - (before[from[at] as number] as number);
    const stack = stackOf[at] as number;
    sums[stack] = (sums[stack] as number) + (count[at] as number) * weight;
  }
}

function addValues(
  { stack: stackOf, from, to, count, length }: Runs,
  worths: Float64Array,
  { scaleOf, fraction }: Scales,
  rests: Float64Array | undefined,
  before: Float64Array,
  sums: Float64Array,
): void {
  for (let at = 0; at < length; at++) {
    const weight = (before[to[at] as number] as number) - (before[from[at] as number] as number);
    const stack = stackOf[at] as number;
    const worth = worths[scaleOf[stack] as number] as number;
    const value = worthOf(count[at] as number, worth, fraction) + (rests ? (rests[at] as number) : 0);
    sums[stack] = (sums[stack] as number) + value * weight;
  }
}

function weightsBefore(weights: Float64Array): Float64Array {
  const before = new Float64Array(weights.length + 1);
  for (let profile = 0; profile < weights.length; profile++) {
    before[profile + 1] = (before[profile] as number) + (weights[profile] as number);
  }
  return before;
}
