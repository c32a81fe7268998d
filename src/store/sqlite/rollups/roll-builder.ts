import type { LabelSet } from '../../../model/labels.ts';
import type { ProfileKind } from '../../../model/profile-type.ts';
import type { UnixMs } from '../../../model/units.ts';
import type { SecondRange, StoredType } from '../../profile-store.ts';
import { unionOf } from '../../standing.ts';
import type { Chunk } from '../chunks/chunk.ts';
import type { Sums } from '../chunks/sum-column.ts';
import type { Shape } from '../heads/shape.ts';
import { WeightedSums } from '../read/weighted-sums.ts';
import type { Roll, RollInput } from './roll.ts';
import { shapeText } from './roll-writer.ts';

/** Adds up what one group and kind has in one bucket: a roll-up for each partition and list of sample types. */
export class RollBuilder {
  readonly #parts = new Map<string, RollPart>();

  /** Chunks of one process, in order of time. */
  addChunk(chunk: Chunk, process: number): void {
    const [shape] = chunk.entries.shapes;
    if (shape) this.#partFor(chunk.partition, shape.types).addChunk(chunk, process);
  }

  addRoll(roll: Roll): void {
    const [shape] = roll.shapes;
    if (shape) this.#partFor(roll.key.partition, shape.types).addRoll(roll);
  }

  *finish(labels: LabelSet, kind: ProfileKind, bucket: number): Generator<RollInput> {
    const next = new Map<number, number>();
    for (const found of this.#parts.values()) {
      const { partition } = found;
      const part = next.get(partition) ?? 0;
      next.set(partition, part + 1);
      yield { key: { labels, kind, bucket, partition, part }, ...found.finish() };
    }
  }

  #partFor(partition: number, types: readonly StoredType[]): RollPart {
    const key = `${partition} ${types.map(({ type, unit, temporality }) => JSON.stringify([type, unit, temporality])).join()}`;
    const known = this.#parts.get(key) ?? new RollPart(partition, types);
    this.#parts.set(key, known);
    return known;
  }
}

interface OpenProcess {
  profiles: number;
  spanMs: number;
  readonly totals: (number | bigint)[];
  readonly observed: SecondRange[];
}

/** One roll-up in the making. */
class RollPart {
  readonly partition: number;
  readonly #types: readonly StoredType[];
  readonly #sums: readonly WeightedSums[];
  /** Of its own profiles, and of snapshots that only stand into it. */
  readonly #ownShapes = new Map<string, Shape>();
  readonly #carriedShapes = new Map<string, Shape>();
  readonly #processes = new Map<number, OpenProcess>();
  #stamps: { firstMs: UnixMs; lastMs: UnixMs } | undefined;
  #trimmed = 0;
  #timeNanos = 0n;
  #durationNanos = 0n;

  constructor(partition: number, types: readonly StoredType[]) {
    this.partition = partition;
    this.#types = types;
    this.#sums = types.map(() => new WeightedSums(0));
  }

  addChunk(chunk: Chunk, id: number): void {
    const { entries, carried } = chunk;
    this.#addShapes(entries.shapes, !carried);
    const process = this.#process(id);
    process.observed.push(...entries.observed);
    this.#types.forEach(({ temporality }, type) => {
      const isGauge = temporality === 'gauge';
      if (carried && !isGauge) return;
      const sums = this.#sums[type];
      if (sums) chunk.addSum(type, sums);
      const total = totalOf(entries.totals[type] ?? new Float64Array(0), isGauge ? entries.standingSeconds : undefined);
      process.totals[type] = added(process.totals[type] ?? 0, total);
    });
    if (carried) return;
    process.profiles += entries.count;
    for (let at = 0; at < entries.count; at++) {
      process.spanMs += entries.spanMs[at] as number;
      this.#trimmed += entries.trimmed[at] as number;
      this.#addTimes(entries.timeNanos[at] as bigint, entries.durationNanos[at] as bigint);
    }
    if (entries.count > 0) this.#addStamps(entries.stampMs[0] as number, entries.stampMs[entries.count - 1] as number);
  }

  addRoll(roll: Roll): void {
    this.#addShapes(roll.shapes, roll.stamps !== undefined);
    for (const { id, profiles, spanMs, totals, observed } of roll.processes) {
      const process = this.#process(id);
      process.profiles += profiles;
      process.spanMs += spanMs;
      process.observed.push(...observed);
      totals.forEach((total, type) => {
        process.totals[type] = added(process.totals[type] ?? 0, total);
      });
    }
    this.#trimmed += roll.trimmed;
    this.#addTimes(roll.timeNanos, roll.durationNanos);
    if (roll.stamps) this.#addStamps(roll.stamps.firstMs, roll.stamps.lastMs);
    this.#sums.forEach((sums, type) => roll.addSum(type, sums));
  }

  finish(): Omit<RollInput, 'key'> {
    const { stacks, sums } = columnsOf(this.#sums);
    const shapes = this.#ownShapes.size > 0 ? this.#ownShapes : this.#carriedShapes;
    const processes = [...this.#processes].map(([id, { profiles, spanMs, totals, observed }]) => {
      return { id, profiles, spanMs, totals, observed: unionOf(observed) };
    });
    return {
      shapes: [...shapes.values()],
      processes: processes.sort((a, b) => a.id - b.id),
      stamps: this.#stamps,
      trimmed: this.#trimmed,
      timeNanos: this.#timeNanos,
      durationNanos: this.#durationNanos,
      stacks,
      sums,
    };
  }

  #addShapes(shapes: readonly Shape[], areOwn: boolean): void {
    const known = areOwn ? this.#ownShapes : this.#carriedShapes;
    for (const shape of shapes) if (!known.has(shapeText(shape))) known.set(shapeText(shape), shape);
  }

  #process(id: number): OpenProcess {
    const known = this.#processes.get(id);
    if (known) return known;
    const process = { profiles: 0, spanMs: 0, totals: this.#types.map(() => 0), observed: [] };
    this.#processes.set(id, process);
    return process;
  }

  #addTimes(timeNanos: bigint, durationNanos: bigint): void {
    this.#durationNanos += durationNanos;
    if (timeNanos !== 0n && (this.#timeNanos === 0n || timeNanos < this.#timeNanos)) this.#timeNanos = timeNanos;
  }

  #addStamps(firstMs: UnixMs, lastMs: UnixMs): void {
    this.#stamps ??= { firstMs, lastMs };
    this.#stamps.firstMs = Math.min(this.#stamps.firstMs, firstMs);
    this.#stamps.lastMs = Math.max(this.#stamps.lastMs, lastMs);
  }
}

/** Σ value · weight, exact; a weight is 1 where none are given. */
function totalOf(values: ArrayLike<number | bigint>, weights: Float64Array | undefined): number | bigint {
  let sum: number | bigint = 0;
  for (let at = 0; at < values.length; at++) sum = added(sum, values[at] as number | bigint, weights?.[at] ?? 1);
  return sum;
}

/** `sum + value · weight`, a bigint as soon as a number would not be exact. */
function added(sum: number | bigint, value: number | bigint, weight = 1): number | bigint {
  if (typeof sum === 'number' && typeof value === 'number') {
    const product = value * weight;
    const next = sum + product;
    if (Number.isSafeInteger(product) && Number.isSafeInteger(next)) return next;
  }
  return BigInt(sum) + BigInt(value) * BigInt(weight);
}

/** The stacks that have a sum other than 0, and the sums of each type for them. */
function columnsOf(sums: readonly WeightedSums[]): Pick<RollInput, 'stacks' | 'sums'> {
  const end = sums.reduce((most, { size }) => Math.max(most, size), 0);
  const isFound = new Uint8Array(end);
  for (const sum of sums) markStacks(sum, isFound);
  const found = new Int32Array(end);
  let count = 0;
  for (let id = 0; id < end; id++) if (isFound[id] === 1) found[count++] = id;
  const stacks = found.slice(0, count);
  return { stacks, sums: sums.map((sum) => columnOf(sum, stacks)) };
}

function markStacks(sum: WeightedSums, isFound: Uint8Array): void {
  const { doubles, size } = sum;
  if (doubles) {
    for (let id = 0; id < size; id++) if (doubles[id] !== 0) isFound[id] = 1;
  } else {
    for (let id = 0; id < size; id++) if (!sum.isZero(id)) isFound[id] = 1;
  }
}

function columnOf(sum: WeightedSums, stacks: Int32Array): Sums {
  const column = new Float64Array(stacks.length);
  for (let at = 0; at < stacks.length; at++) {
    const value = sum.at(stacks[at] as number);
    if (value < 0 || value > Number.MAX_SAFE_INTEGER) return Array.from(stacks, (id) => BigInt(sum.at(id)));
    column[at] = Number(value);
  }
  return column;
}
