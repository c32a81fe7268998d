import type { WeightedSums } from '../read/weighted-sums.ts';
import type { DetailBlock } from './detail-block.ts';
import type { Runs } from './runs.ts';
import { type Scales, worthOf, worthsOf } from './scales.ts';

/** The cells of a sub-block of snapshots. */
export interface SnapshotRuns {
  readonly runs: Runs;
  /** By type of the group, by run: what a value is more than its count is worth; undefined where no value is. */
  readonly rests: readonly (Float64Array | undefined)[];
}

/** How a sub-block of snapshots is read, when it is known what for. */
export interface SnapshotReading {
  /** By type of the group: whether values are more than their counts are worth. */
  readonly hasRests: readonly boolean[];
  /**
   * Adds up by stack what counts are worth (`worths`, by scale), each times the weight of its profile; `before`, by profile, are
   * the weights of those before it. Good until the next call of any block.
   */
  weigh(before: Float64Array, worths: Float64Array): Float64Array;
  runs(): SnapshotRuns;
}

/** A sub-block of snapshots. Where values are what their counts are worth, it is added up without a look at its runs. */
export class RunBlock implements DetailBlock {
  readonly #reading: SnapshotReading;
  readonly #scales: Scales;
  readonly #most: readonly number[];
  #runs: SnapshotRuns | undefined;

  /** `most`, by type: no value is larger. */
  constructor(reading: SnapshotReading, scales: Scales, most: readonly number[]) {
    this.#reading = reading;
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
    const { runs } = this.#read();
    for (let at = 0; at < runs.length; at++) {
      if (profile < (runs.from[at] as number) || profile >= (runs.to[at] as number)) continue;
      const value = this.#value(type, at);
      if (value !== 0) into[runs.stack[at] as number] = value;
    }
  }

  /** `before`, by profile: the weights of those before it. */
  #sums(type: number, before: Float64Array): Float64Array {
    const worths = worthsOf(this.#scales, type);
    if (!this.#reading.hasRests[type]) return this.#reading.weigh(before, worths);
    const { runs, rests } = this.#read();
    return valuesOf(runs, rests[type], worths, this.#scales, before);
  }

  #wideSums(type: number, weights: Float64Array): bigint[] {
    const { runs } = this.#read();
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
    const { runs, rests } = this.#read();
    const worth = scales[scaleOf[runs.stack[at] as number] as number]?.worth[type] as number;
    return worthOf(runs.count[at] as number, worth, fraction) + (rests[type]?.[at] ?? 0);
  }

  #read(): SnapshotRuns {
    return (this.#runs ??= this.#reading.runs());
  }
}

/** The values of all runs by stack, each times the weights of its profiles. */
function valuesOf(
  { stack: stackOf, from, to, count, length }: Runs,
  rests: Float64Array | undefined,
  worths: Float64Array,
  { scaleOf, fraction }: Scales,
  before: Float64Array,
): Float64Array {
  const sums = new Float64Array(scaleOf.length);
  for (let at = 0; at < length; at++) {
    const weight = (before[to[at] as number] as number) - (before[from[at] as number] as number);
    const stack = stackOf[at] as number;
    const worth = worths[scaleOf[stack] as number] as number;
    const value = worthOf(count[at] as number, worth, fraction) + (rests ? (rests[at] as number) : 0);
    sums[stack] = (sums[stack] as number) + value * weight;
  }
  return sums;
}

function weightsBefore(weights: Float64Array): Float64Array {
  const before = new Float64Array(weights.length + 1);
  for (let profile = 0; profile < weights.length; profile++) {
    before[profile + 1] = (before[profile] as number) + (weights[profile] as number);
  }
  return before;
}
