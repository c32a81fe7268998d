import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { CellDecoder } from '../../../../src/store/sqlite/chunks/cell-decoder.ts';
import { CellEncoder } from '../../../../src/store/sqlite/chunks/cell-encoder.ts';
import { increaseClasses } from '../../../../src/store/sqlite/chunks/increase-cells.ts';
import { type Scales, sampledFraction, sampledWorth, worthOf } from '../../../../src/store/sqlite/chunks/scales.ts';
import { WeightedSums } from '../../../../src/store/sqlite/read/weighted-sums.ts';

const stackCount = 300;
const stacks = Int32Array.from({ length: stackCount }, (_, stack) => 3 * stack);
const encoder = new CellEncoder();

const plain: Scales = {
  scales: [{ worth: [1], hasRest: [false], size: 0 }],
  scaleOf: new Uint8Array(stackCount),
  fraction: 1,
  rate: undefined,
};
const sampled: Scales = {
  scales: [64, 4096].map((size) => ({ worth: [sampledWorth(size, 524_288)[1]], hasRest: [false], size })),
  scaleOf: Uint8Array.from(stacks, (id) => id & 1),
  fraction: sampledFraction,
  rate: 524_288,
};

/** Enough of them that contexts have tables of their own: what is read in a wrong one comes out wrong. */
const drawn = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 3 }),
  seed: fc.integer({ min: 1 }),
  /** How often a count stays what it was before. */
  constancy: fc.constantFrom(0.2, 0.6, 0.9, 0.99),
  weight: fc.constantFrom(1, 60),
});

/** By stack and profile: many are 0, most are small, some are very large. */
function countsOf(profiles: number, seed: number, constancy: number, isLarge: boolean): Float64Array {
  let state = seed | 0;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return ((state ^ (state >>> 15)) >>> 0) / 2 ** 32;
  };
  const counts = new Float64Array(stackCount * profiles);
  for (let stack = 0; stack < stackCount; stack++) {
    const most = isLarge && random() < 0.1 ? 2 ** (20 + 16 * random()) : 2 ** (6 * random());
    for (let profile = 0, count = 0; profile < profiles; profile++) {
      if (profile === 0 || random() > constancy) count = random() < 0.3 ? 0 : Math.floor(most * random());
      counts[stack * profiles + profile] = count;
    }
  }
  return counts;
}

/** Encodes counts as cells of a chunk: what each block adds up to, and the values of one profile, are what they were. */
function checkCells(
  counts: Float64Array,
  sizes: readonly number[],
  scales: Scales,
  kind: 'snapshots' | 'increases',
  weight: number,
): void {
  const profiles = counts.length / stackCount;
  const rows: { readonly index: number[]; readonly counts: number[]; readonly rowEnd: number[] } = {
    index: [],
    counts: [],
    rowEnd: [],
  };
  const valueOf = (stack: number, profile: number): number => {
    const worth = scales.scales[scales.scaleOf[stack] as number]?.worth[0] as number;
    return worthOf(counts[stack * profiles + profile] as number, worth, scales.fraction);
  };
  const sums = new Float64Array(stackCount);
  for (let profile = 0; profile < profiles; profile++) {
    for (let stack = 0; stack < stackCount; stack++) {
      const count = counts[stack * profiles + profile] as number;
      if (count === 0) continue;
      rows.index.push(stack);
      rows.counts.push(count);
      sums[stack] = (sums[stack] as number) + valueOf(stack, profile);
    }
    rows.rowEnd.push(rows.index.length);
  }
  const chunk = { rowEnd: Int32Array.from(rows.rowEnd), index: Int32Array.from(rows.index), stackCount };
  const counted = { ...scales, counts: Float64Array.from(rows.counts), rests: [undefined] };
  const isIncrease = kind === 'increases';
  const encoded = encoder.encode(chunk, counted, [2 ** 40], sizes, isIncrease ? [sums] : undefined);
  assert.ok(encoded);
  const classes = isIncrease ? increaseClasses(scales, profiles, () => sums) : undefined;
  const decoder = new CellDecoder(encoded.model, scales, classes);
  let from = 0;
  for (const [at, size] of sizes.entries()) {
    const block = (): ReturnType<CellDecoder['block']> => decoder.block(encoded.blocks[at] as Uint8Array, size, [true]);
    const weights = Float64Array.from({ length: size }, (_, profile) => ((profile + at) % 3) * weight);
    const into = new WeightedSums(3 * stackCount);
    block().add(0, weights, stacks, into);
    const expected = Array.from(stacks, (_, stack) =>
      weights.reduce((sum, weight, profile) => sum + weight * valueOf(stack, from + profile), 0),
    );
    assert.deepEqual(
      Array.from(stacks, (id) => into.at(id)),
      expected,
    );
    const last: number[] = Array.from(stacks, () => 0);
    block().values(0, size - 1, last);
    assert.deepEqual(
      last,
      Array.from(stacks, (_, stack) => valueOf(stack, from + size - 1)),
    );
    from += size;
  }
}

for (const kind of ['snapshots', 'increases'] as const) {
  test(`cells of ${kind} come back, and what they add up to, from contexts that have tables of their own`, () => {
    fc.assert(
      fc.property(
        drawn,
        kind === 'snapshots' ? fc.boolean() : fc.constant(false),
        ({ sizes, seed, constancy, weight }, isSampled) => {
          const profiles = sizes.reduce((sum, size) => sum + size, 0);
          const counts = countsOf(profiles, seed, constancy, !isSampled);
          checkCells(counts, sizes, isSampled ? sampled : plain, kind, weight);
        },
      ),
      { numRuns: 60 },
    );
  });
}
