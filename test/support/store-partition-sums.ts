import * as fc from 'fast-check';
import { type Frame, type StackTrace } from '../../src/model/frame.ts';
import { StackDictionary } from '../../src/store/sqlite/dictionary/dictionary.ts';
import { StackInterner } from '../../src/store/sqlite/dictionary/stack-interner.ts';
import type { PartitionSums } from '../../src/store/sqlite/read/answer.ts';
import { WeightedSums } from '../../src/store/sqlite/read/weighted-sums.ts';
import { frameNamed, stackFromText } from './store-records.ts';

/** A stack with what was counted of it, by type. */
export type Sample = readonly [stack: StackTrace, ...values: bigint[]];
export type Samples = readonly Sample[];

/** Sums of one partition, as a merge leaves them. */
export class Partition {
  readonly #interner = new StackInterner();
  readonly #dictionary = new StackDictionary();

  sums(samples: Samples): PartitionSums {
    const dictionary = this.#dictionary;
    const ids = samples.map(([stack]) => this.#interner.add(...hashOf(stack), stack));
    const segment = this.#interner.takeSegment();
    if (segment) dictionary.load(segment);
    const sums = [0, 1].map((type) => {
      const column = new WeightedSums(0);
      samples.forEach(([, ...values], at) => {
        const [id, value] = [Int32Array.of(ids[at] ?? 0), values[type] ?? 0n];
        if (value >= 0n && value < 2n ** 53n) column.addPlain(id, Float64Array.of(Number(value)), 1, 1, Number(value));
        else column.addSigned(id, [value], 1, 1);
      });
      return column;
    });
    return { dictionary, sums };
  }
}

function hashOf(stack: StackTrace): [number, number] {
  const text = JSON.stringify(stack, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  let [high, low] = [7, 11];
  for (const char of text) {
    high = Math.imul(high, 31) + char.charCodeAt(0);
    low = Math.imul(low, 37) ^ char.charCodeAt(0);
  }
  return [high | 0, low | 0];
}

export function partition(...lines: readonly string[]): PartitionSums {
  return new Partition().sums(
    lines.map((line): Sample => {
      const [stack = '', ...values] = line.split(' ');
      return [stackFromText(stack === '-' ? '' : stack), ...values.map(BigInt)];
    }),
  );
}

const frames = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.constantFrom('a', 'b', 'c', 'd', 'total', 'a.func1', 'a.func2', 'a.func2.1').map(frameNamed),
  },
  fc.record({ line: fc.nat(2), address: fc.bigInt({ min: 0n, max: 2n }) }).map(
    ({ line, address }): Frame => ({
      ...frameNamed('b'),
      line,
      address,
      ...(line === 2 ? { function: undefined, line: 0 } : {}),
    }),
  ),
);
const labels = fc.constantFrom([], [{ key: 'route', text: '/pay' }]);
export const values = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt({ min: 0n, max: 20n }) },
  fc.bigInt({ min: -20n, max: 20n }),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.constantFrom(2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, -(2n ** 53n) - 1n),
);
export const smallValues = fc.bigInt({ min: 0n, max: 20n });

export function samplesOf(value: fc.Arbitrary<bigint>): fc.Arbitrary<Samples> {
  const stack = fc.record({ frames: fc.array(frames, { maxLength: 5 }), labels });
  return fc.array(fc.tuple(stack, value, value), { maxLength: 12 });
}
