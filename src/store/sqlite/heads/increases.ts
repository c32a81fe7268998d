import { sameType } from '../../../model/profile-type.ts';
import type { UnixMs } from '../../../model/units.ts';
import { exactSum } from '../../../profile/amounts.ts';
import { PairMap } from '../../../profile/pair-map.ts';
import type { StoredIncreases, StoredType } from '../../profile-store.ts';
import type { Chunk } from '../chunks/chunk.ts';
import type { StackHashes } from '../dictionary/stack-interner.ts';
import { valueColumn, WeightedSums } from '../read/weighted-sums.ts';
import type { StoredSamples } from './head-writer.ts';
import { decodeTotals, SampleDecoder } from './samples.ts';
import { decodeShape } from './shape.ts';

/** Adds up the cumulative types of profiles, by stack hash, over the partitions that they are spread over. */
export class IncreaseSum {
  readonly #types: StoredType[] = [];
  readonly #sums = new Map<number, WeightedSums[]>();
  readonly #decoder = new SampleDecoder();
  readonly #stacksOf: (partition: number) => StackHashes;

  constructor(stacksOf: (partition: number) => StackHashes) {
    this.#stacksOf = stacksOf;
  }

  /** A profile of a head. */
  add({ partition, shape, totals, data }: StoredSamples): void {
    const decoder = this.#decoder;
    const totalOf = decodeTotals(totals);
    decoder.open(data);
    for (const [at, type] of decodeShape(shape).types.entries()) {
      if (type.temporality !== 'cumulative') {
        decoder.skipColumn();
        continue;
      }
      const sum = this.#sumOf(partition, type);
      const kind = decoder.readColumn();
      if (kind === 'plain') sum.addPlain(decoder.ids, decoder.plain, decoder.count, 1, Number(totalOf[at] ?? 0n));
      else if (kind === 'signed') sum.addSigned(decoder.ids, decoder.signed, decoder.count, 1);
    }
  }

  /** The profiles of a chunk that are stamped after a moment. */
  addChunk(chunk: Chunk, afterMs: UnixMs): void {
    const { shapes, stampMs } = chunk.entries;
    const weights = stampMs.map((stamp) => (stamp > afterMs ? 1 : 0));
    if (!weights.includes(1)) return;
    const sums = (shapes[0]?.types ?? []).flatMap((type, at) =>
      type.temporality === 'cumulative' ? [{ type: at, weights, into: this.#sumOf(chunk.partition, type) }] : [],
    );
    if (weights.includes(0)) chunk.addDetail(sums);
    else for (const { type, into } of sums) chunk.addSum(type, into);
  }

  result(latestMs: number | undefined): StoredIncreases {
    const rowOf = new PairMap();
    const hashHigh: number[] = [];
    const hashLow: number[] = [];
    const values: (number | bigint)[][] = this.#types.map(() => []);
    for (const [partition, sums] of this.#sums) {
      const known = this.#stacksOf(partition);
      for (let id = 0; id < known.stacks; id++) {
        if (sums.every((sum) => sum.isZero(id))) continue;
        const [high, low] = [known.hashHigh(id), known.hashLow(id)];
        let row = rowOf.get(high, low);
        if (row < 0) {
          row = hashHigh.push(high) - 1;
          hashLow.push(low);
          rowOf.set(high, low, row);
        }
        values.forEach((column, type) => {
          column[row] = exactSum(column[row] ?? 0, sums[type]?.at(id) ?? 0);
        });
      }
    }
    return {
      latestMs,
      types: this.#types,
      hashHigh: Int32Array.from(hashHigh),
      hashLow: Int32Array.from(hashLow),
      values: values.map((column) => valueColumn(column).column),
    };
  }

  #sumOf(partition: number, type: StoredType): WeightedSums {
    const sums = this.#sums.get(partition) ?? [];
    this.#sums.set(partition, sums);
    return (sums[this.#indexOf(type)] ??= new WeightedSums(this.#stacksOf(partition).stacks));
  }

  #indexOf(type: StoredType): number {
    const known = this.#types.findIndex((other) => sameType(other, type));
    return known >= 0 ? known : this.#types.push(type) - 1;
  }
}
