import type { ValueType } from '../../../model/profile-type.ts';
import { sameType } from '../../../model/profile-type.ts';
import type { StackDictionary } from '../dictionary/dictionary.ts';
import type { HeadReader, ProfileRow } from '../heads/head-reader.ts';
import { openSamples, SampleDecoder } from '../heads/samples.ts';
import { type Shape } from '../heads/shape.ts';
import { totalBoundsIn } from '../heads/totals-text.ts';
import type { Roll } from '../rollups/roll.ts';
import type { PartitionSums } from './answer.ts';
import { detailOrSum } from './detail-or-sum.ts';
import type { HeaderMerge } from './header-merge.ts';
import { ChunkPiece, type HeadPiece } from './piece.ts';
import { WeightedSums } from './weighted-sums.ts';

/** How often each profile of a piece counts: its sums, and its snapshots. */
export interface WeightedPiece {
  readonly piece: ChunkPiece | HeadPiece;
  readonly sums: Float64Array;
  readonly gauges: Float64Array;
}

interface OpenSums extends PartitionSums {
  readonly sums: readonly WeightedSums[];
  /** What is in a chunk's sum and not in the answer; taken off in the end. */
  readonly outside: (WeightedSums | undefined)[];
}

/** Adds up values by partition, stack and type: each of some types exactly, the others are not read. */
export class ValueSum {
  readonly #types: readonly ValueType[];
  readonly #dictionaryOf: (partition: number) => StackDictionary;
  readonly #partitions = new Map<number, OpenSums>();
  readonly #columnsOf = new Map<Shape, readonly number[]>();
  readonly #decoder = new SampleDecoder();

  constructor(types: readonly ValueType[], dictionaryOf: (partition: number) => StackDictionary) {
    this.#types = types;
    this.#dictionaryOf = dictionaryOf;
  }

  addRoll(roll: Roll): void {
    const [shape] = roll.shapes;
    if (!shape) return;
    const { sums } = this.#partition(roll.key.partition);
    for (const [type, column] of this.#columns(shape).entries()) {
      const into = sums[column];
      if (into) roll.addSum(type, into);
    }
  }

  /** Adds profiles with their weights. `times` is told of those that are stamped in the window; without it they are not read. */
  addPiece({ piece, sums, gauges }: WeightedPiece, times?: HeaderMerge): void {
    if (piece instanceof ChunkPiece) {
      this.#addChunk(piece, sums, gauges);
      if (times) addTimesOfChunk(piece, sums, times);
      return;
    }
    for (let entry = 0; entry < piece.count; entry++) {
      const weights = { ofSums: sums[entry] as number, ofGauges: gauges[entry] as number };
      if (weights.ofSums + weights.ofGauges > 0) this.#addRow(piece.head, piece.row(entry), weights, times);
    }
  }

  /** The sums of each partition, in order of id. */
  result(): PartitionSums[] {
    const inOrder = [...this.#partitions].sort(([a], [b]) => a - b);
    return inOrder.map(([, { dictionary, sums, outside }]) => {
      for (const [column, part] of outside.entries()) if (part) sums[column]?.subtract(part);
      return { dictionary, sums };
    });
  }

  #addChunk({ chunk }: ChunkPiece, sums: Float64Array, gauges: Float64Array): void {
    const { entries, partition } = chunk;
    const [shape] = entries.shapes;
    if (!shape) return;
    const into = this.#partition(partition);
    const ofSums = detailOrSum(entries, sums, undefined);
    const ofGauges = detailOrSum(entries, gauges, entries.standingSeconds);
    const detail: { readonly type: number; readonly weights: Float64Array; readonly into: WeightedSums }[] = [];
    for (const [type, column] of this.#columns(shape).entries()) {
      const plan = shape.types[type]?.temporality === 'gauge' ? ofGauges : ofSums;
      const target = into.sums[column];
      if (!target) continue;
      if (plan.sum) chunk.addSum(type, target);
      if (plan.add) detail.push({ type, weights: plan.add, into: target });
      if (plan.subtract) {
        const outside = (into.outside[column] ??= new WeightedSums(target.size));
        detail.push({ type, weights: plan.subtract, into: outside });
      }
    }
    if (detail.length > 0) chunk.addDetail(detail);
  }

  #addRow(
    head: HeadReader,
    row: ProfileRow,
    weights: { readonly ofSums: number; readonly ofGauges: number },
    times: HeaderMerge | undefined,
  ): void {
    const shape = head.shape(row.shape);
    const columns = this.#columns(shape);
    const weightOf = (type: number): number =>
      columns[type] === -1 ? 0 : shape.types[type]?.temporality === 'gauge' ? weights.ofGauges : weights.ofSums;
    const isTimed = times !== undefined && weights.ofSums > 0;
    if (!isTimed && shape.types.every((_, type) => weightOf(type) === 0)) return;
    const decoder = this.#decoder;
    openSamples(decoder, head.samples(row.samples));
    if (isTimed) times.addTimes(decoder.timeNanos, decoder.durationNanos);
    const { sums } = this.#partition(row.partition);
    const bounds = totalBoundsIn(row.totals);
    for (const [type, column] of columns.entries()) {
      addColumn(decoder, sums[column], weightOf(type), bounds[type] ?? 0);
    }
  }

  #partition(partition: number): OpenSums {
    const known = this.#partitions.get(partition);
    if (known) return known;
    const dictionary = this.#dictionaryOf(partition);
    const sums = this.#types.map(() => new WeightedSums(dictionary.stackLeaf.size));
    const added = { dictionary, sums, outside: [] };
    this.#partitions.set(partition, added);
    return added;
  }

  /** The column of the answer for each type of a shape; -1 where the type was not asked for. */
  #columns(shape: Shape): readonly number[] {
    const known = this.#columnsOf.get(shape);
    if (known) return known;
    const columns = shape.types.map((type) => this.#types.findIndex((asked) => sameType(asked, type)));
    this.#columnsOf.set(shape, columns);
    return columns;
  }
}

/** Adds the next column, or skips it. */
function addColumn(decoder: SampleDecoder, sums: WeightedSums | undefined, weight: number, total: number): void {
  if (weight === 0 || !sums) {
    decoder.skipColumn();
    return;
  }
  const kind = decoder.readColumn();
  if (kind === 'plain') sums.addPlain(decoder.ids, decoder.plain, decoder.count, weight, total);
  else if (kind === 'signed') sums.addSigned(decoder.ids, decoder.signed, decoder.count, weight);
}

function addTimesOfChunk({ chunk, count }: ChunkPiece, isInside: Float64Array, times: HeaderMerge): void {
  if (isInside.every((weight) => weight === 0)) return;
  const { timeNanos, durationNanos } = chunk.entries;
  for (let entry = 0; entry < count; entry++) {
    if (isInside[entry] === 1) times.addTimes(timeNanos[entry] ?? 0n, durationNanos[entry] ?? 0n);
  }
}
