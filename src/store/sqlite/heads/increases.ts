import { PairMap } from '../../../profile/pair-map.ts';
import type { StoredIncreases, StoredType } from '../../profile-store.ts';
import type { StackDictionary } from '../dictionary/dictionary.ts';
import { valueColumn, WeightedSums } from '../read/weighted-sums.ts';
import type { StoredSamples } from './head-writer.ts';
import { decodeTotals, SampleDecoder } from './samples.ts';
import { decodeShape, sameType } from './shape.ts';

/** Adds up the cumulative types of profiles, by stack hash, over the partitions that they are spread over. */
export class IncreaseSum {
  readonly #types: StoredType[] = [];
  readonly #sums = new Map<number, WeightedSums[]>();
  readonly #decoder = new SampleDecoder();
  readonly #dictionaryOf: (partition: number) => StackDictionary;

  constructor(dictionaryOf: (partition: number) => StackDictionary) {
    this.#dictionaryOf = dictionaryOf;
  }

  add({ partition, shape, totals, data }: StoredSamples): void {
    const { types } = decodeShape(shape);
    const sums = this.#sums.get(partition) ?? [];
    this.#sums.set(partition, sums);
    const decoder = this.#decoder;
    const known = this.#dictionaryOf(partition).stackLeaf.size;
    const totalOf = decodeTotals(totals);
    decoder.open(data);
    types.forEach((type, at) => {
      if (type.temporality !== 'cumulative') {
        decoder.skipColumn();
        return;
      }
      const sum = (sums[this.#indexOf(type)] ??= new WeightedSums(known));
      sum.reserve(known);
      const kind = decoder.readColumn();
      if (kind === 'plain') sum.addPlain(decoder.ids, decoder.plain, decoder.count, 1, Number(totalOf[at] ?? 0n));
      else if (kind === 'signed') sum.addSigned(decoder.ids, decoder.signed, decoder.count, 1);
    });
  }

  result(latestMs: number | undefined): StoredIncreases {
    const rowOf = new PairMap();
    const hashHigh: number[] = [];
    const hashLow: number[] = [];
    const values: (number | bigint)[][] = this.#types.map(() => []);
    for (const [partition, sums] of this.#sums) {
      const { stackHashHigh, stackHashLow, stackLeaf } = this.#dictionaryOf(partition);
      for (let id = 0; id < stackLeaf.size; id++) {
        if (sums.every((sum) => sum.isZero(id))) continue;
        const [high, low] = [stackHashHigh.at(id), stackHashLow.at(id)];
        let row = rowOf.get(high, low);
        if (row < 0) {
          row = hashHigh.push(high) - 1;
          hashLow.push(low);
          rowOf.set(high, low, row);
        }
        values.forEach((column, type) => {
          column[row] = added(column[row] ?? 0, sums[type]?.at(id) ?? 0);
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

  #indexOf(type: StoredType): number {
    const known = this.#types.findIndex((other) => sameType(other, type));
    return known >= 0 ? known : this.#types.push(type) - 1;
  }
}

function added(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a + b)) return a + b;
  return BigInt(a) + BigInt(b);
}
