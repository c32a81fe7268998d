import type { WeightedSums } from '../read/weighted-sums.ts';
import type { DetailBlock } from './detail-block.ts';
import type { StackGroups } from './group-sums.ts';
import type { Runs } from './runs.ts';
import { type Scales, worthOf, worthsOf } from './scales.ts';
import type { SnapshotUse } from './snapshot-cells.ts';

/** How a sub-block of snapshots is read, when it is known what for. */
export interface SnapshotReading {
  readonly profiles: number;
  /** What was kept by the last call of `read` of any block. */
  readonly runs: Runs;
  /** Adds up counts by stack. Good until the next call of any block. */
  read(use: SnapshotUse): Float64Array;
  /** By run: what a value is more than its count is worth; undefined where no value is. */
  restsOf(type: number): Float64Array | undefined;
}

/** A sub-block of snapshots. Where values are what their counts are worth, they are added up without a look at each. */
export class RunBlock implements DetailBlock {
  readonly #reading: SnapshotReading;
  readonly #scales: Scales;
  readonly #most: readonly number[];

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
    const { runs, valueOf } = this.#everyRun(type);
    for (let at = 0; at < runs.length; at++) {
      if (profile < (runs.from[at] as number) || profile >= (runs.to[at] as number)) continue;
      const value = valueOf(at);
      if (value !== 0) into[runs.stack[at] as number] = value;
    }
  }

  /** Notes where each run begins and ends, then adds up profile by profile: a run may be long. */
  addByGroup(type: number, { count, of }: StackGroups, into: Float64Array): boolean {
    const { runs, valueOf } = this.#everyRun(type);
    const { profiles } = this.#reading;
    const change = new Float64Array(profiles * count);
    for (let run = 0; run < runs.length; run++) {
      const group = of[runs.stack[run] as number] as number;
      if (group === 0) continue;
      const value = valueOf(run);
      const [from, to] = [runs.from[run] as number, runs.to[run] as number];
      change[from * count + group] = (change[from * count + group] as number) + value;
      if (to < profiles) change[to * count + group] = (change[to * count + group] as number) - value;
    }
    for (let at = 0; at < change.length; at++) {
      if (at >= count) change[at] = (change[at] as number) + (change[at - count] as number);
      into[at] = (into[at] as number) + (change[at] as number);
    }
    return true;
  }

  /** `before`, by profile: the weights of those before it. */
  #sums(type: number, before: Float64Array): Float64Array {
    const { scales } = this.#scales;
    const worths = Float64Array.from(scales, ({ worth, hasRest }) => (hasRest[type] ? -1 : (worth[type] as number)));
    const sums = this.#reading.read({ before, worths });
    const rests = this.#reading.restsOf(type);
    if (rests) addValues(this.#reading.runs, rests, worthsOf(this.#scales, type), this.#scales, before, sums);
    return sums;
  }

  #wideSums(type: number, weights: Float64Array): bigint[] {
    const { runs, valueOf } = this.#everyRun(type);
    const before = [0n];
    for (const weight of weights) before.push((before.at(-1) as bigint) + BigInt(weight));
    const sums = Array.from({ length: this.#scales.scaleOf.length }, () => 0n);
    for (let at = 0; at < runs.length; at++) {
      const stack = runs.stack[at] as number;
      const weight = (before[runs.to[at] as number] as bigint) - (before[runs.from[at] as number] as bigint);
      sums[stack] = (sums[stack] as bigint) + BigInt(valueOf(at)) * weight;
    }
    return sums;
  }

  #everyRun(type: number): { readonly runs: Runs; readonly valueOf: (at: number) => number } {
    const { scales, scaleOf, fraction } = this.#scales;
    const { profiles, runs } = this.#reading;
    this.#reading.read({ before: new Float64Array(profiles + 1), worths: new Float64Array(scales.length).fill(-1) });
    const rests = this.#reading.restsOf(type);
    const valueOf = (at: number): number => {
      const worth = scales[scaleOf[runs.stack[at] as number] as number]?.worth[type] as number;
      return worthOf(runs.count[at] as number, worth, fraction) + (rests?.[at] ?? 0);
    };
    return { runs, valueOf };
  }
}

/** Adds the values of runs with rests, each times the weights of its profiles. */
function addValues(
  { stack: stackOf, from, to, count, length }: Runs,
  rests: Float64Array,
  worths: Float64Array,
  { scaleOf, fraction }: Scales,
  before: Float64Array,
  sums: Float64Array,
): void {
  for (let at = 0; at < length; at++) {
    const weight = (before[to[at] as number] as number) - (before[from[at] as number] as number);
    const stack = stackOf[at] as number;
    const worth = worths[scaleOf[stack] as number] as number;
    const value = worthOf(count[at] as number, worth, fraction) + (rests[at] as number);
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
