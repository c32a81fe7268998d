import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ByteReader, ByteWriter } from '../../../../src/store/sqlite/encoding/bytes.ts';
import { readColumn, writeColumn } from '../../../../src/store/sqlite/growth/bit-columns.ts';
import { BitReader, BitWriter, golombSize } from '../../../../src/store/sqlite/growth/bits.ts';
import { bucketsPerBlock, decodeBlock, encodeBlock } from '../../../../src/store/sqlite/growth/block.ts';
import type { FloorColumns } from '../../../../src/store/sqlite/growth/floor-columns.ts';
import { mergeColumns } from '../../../../src/store/sqlite/growth/floor-columns.ts';
import { readOpenFloor, writeOpenFloor } from '../../../../src/store/sqlite/growth/open-floor.ts';
import { findUnit, objectsOf, sampleUnit } from '../../../../src/store/sqlite/growth/sampled.ts';

const period = 524_288;

/** What floors are made of, and what nobody would send but must come back all the same. */
const anyNumber = fc.oneof(
  { weight: 4, arbitrary: fc.nat(1000) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 2 ** 40 }) },
  { weight: 2, arbitrary: fc.maxSafeNat() },
  { weight: 1, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.float() },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, -1, 2 ** 51, 2 ** 51 + 1, 2 ** 52, 2 ** 53, Number.NaN) },
);

/** As the heap profiler of Go says objects of one size; more than one stack of them, so that rests add up. */
const sampledFloor = (size: number) =>
  fc.array(fc.nat(5000), { minLength: 1, maxLength: 3 }).map((counts) => {
    const scale = 1 / (1 - Math.exp(-size / period));
    const sum = (of: (count: number) => number) => counts.reduce((total, count) => total + Math.floor(of(count)), 0);
    return { bytes: sum((count) => count * size * scale), objects: sum((count) => count * scale) };
  });

const functionFloor = fc.tuple(fc.constantFrom(8, 48, 512, 8192, 2 ** 20), fc.boolean()).chain(([size, isSampled]) =>
  isSampled
    ? fc.record({ held: sampledFloor(size), allocated: sampledFloor(size) }).map(({ held, allocated }) => ({
        ...held,
        allocBytes: allocated.bytes,
      }))
    : fc.record({ bytes: anyNumber, objects: anyNumber, allocBytes: anyNumber }),
);

const heapFloor = fc.record(
  {
    bytes: anyNumber,
    objects: anyNumber,
    period: fc.oneof(fc.constant(period), anyNumber),
    weight: anyNumber,
    allocBytes: anyNumber,
    allocMs: anyNumber,
  },
  { noNullPrototype: true },
);

const floor: fc.Arbitrary<FloorColumns> = fc
  .record({
    heap: fc.option(heapFloor, { nil: undefined }),
    goroutines: fc.option(anyNumber, { nil: undefined }),
    functions: fc.dictionary(fc.integer({ min: 1, max: 9 }).map(String), functionFloor),
  })
  .map(({ heap, goroutines, functions }) => {
    const rows = Object.entries(functions).sort(([a], [b]) => Number(a) - Number(b));
    return {
      heap,
      goroutines,
      functions: rows.map(([id]) => Number(id) ** 4),
      bytes: rows.map(([, { bytes }]) => bytes),
      objects: rows.map(([, { objects }]) => objects),
      allocBytes: rows.map(([, { allocBytes }]) => allocBytes),
    };
  });

const block = fc
  .dictionary(fc.nat(bucketsPerBlock - 1).map(String), floor, { minKeys: 1, maxKeys: bucketsPerBlock })
  .map((buckets) => new Map(Object.entries(buckets).map(([at, columns]) => [Number(at), columns])));

test('any floors of a block come back exactly', () => {
  fc.assert(
    fc.property(block, (floors) => assert.deepEqual(decodeBlock(encodeBlock(floors)), floors)),
    {
      numRuns: 300,
    },
  );
});

test('any floors of an open bucket come back exactly', () => {
  fc.assert(
    fc.property(floor, (given) => {
      const writer = new ByteWriter();
      writeOpenFloor(writer, given);
      assert.deepEqual(readOpenFloor(new ByteReader(writer.bytes())), given);
    }),
    { numRuns: 300 },
  );
});

test('any column of numbers comes back exactly', () => {
  fc.assert(
    fc.property(fc.array(anyNumber), (values) => {
      const bits = new BitWriter();
      writeColumn(bits, values);
      assert.deepEqual(readColumn(new BitReader(bits.bytes()), values.length), values);
    }),
    { numRuns: 1000 },
  );
});

test('bits and Golomb codes come back, in the size that was foretold', () => {
  const piece = fc.record({ value: fc.maxSafeNat(), order: fc.nat(31), plain: fc.boolean() });
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const writer = new BitWriter();
      let size = 0;
      for (const { value, order, plain } of pieces) {
        if (plain) writer.bits(value, 53);
        else writer.golomb(value, order);
        size += plain ? 53 : golombSize(value, order);
      }
      const bytes = writer.bytes();
      assert.equal(bytes.length, Math.ceil(size / 8));
      const reader = new BitReader(bytes);
      for (const { value, order, plain } of pieces) {
        assert.equal(plain ? reader.bits(53) : reader.golomb(order), value);
      }
    }),
  );
});

test('a block that was cut off is a broken store, not a shorter one', () => {
  const heap = { bytes: 1e9, objects: 1e6, period, weight: 6e5, allocBytes: 1e9, allocMs: 6e5 };
  const columns = { heap, goroutines: 5, functions: [1, 2], bytes: [5e8, 7], objects: [1e5, 3], allocBytes: [9, 1e7] };
  const data = encodeBlock(new Map(Array.from({ length: bucketsPerBlock }, (_, at) => [at, columns])));
  assert.throws(() => decodeBlock(data.subarray(0, data.length / 2)), /stored bits end early/);
});

test('the size of sampled objects is found, and is none where sizes are mixed', () => {
  const of = (size: number, counts: readonly number[]) => {
    const { scale } = sampleUnit(size, period);
    return {
      bytes: counts.map((count) => Math.floor(count * size * scale)),
      objects: counts.map((count) => Math.floor(count * scale)),
    };
  };
  for (const size of [8, 48, 1152, 8192, 24_576, 2 ** 21]) {
    const { bytes, objects } = of(size, [0, 3, 40, 7]);
    assert.equal(findUnit(bytes, objects, period)?.size, size);
  }
  const [small, large] = [of(64, [50, 60]), of(8192, [9, 20])];
  const sum = (a: readonly number[], b: readonly number[]) => a.map((value, at) => value + (b[at] as number));
  assert.equal(findUnit(sum(small.bytes, large.bytes), sum(small.objects, large.objects), period), undefined);
  assert.equal(findUnit([0, 0], [0, 0], period), undefined);
});

test('the scale of a sample is that of the profiler to fifteen digits, without its exponential', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 30 }), fc.integer({ min: 1, max: 2 ** 24 }), (size, rate) => {
      const expected = 1 / -Math.expm1(-size / rate);
      const unit = sampleUnit(size, rate);
      assert.ok(Math.abs(unit.scale / expected - 1) < 1e-14, `${unit.scale} is not ${expected}`);
      assert.equal(objectsOf(unit, 0), 0);
    }),
  );
});

test('parts of a bucket are brought together in any grouping', () => {
  const whole = fc.nat(1e6);
  const part: fc.Arbitrary<FloorColumns> = fc
    .tuple(fc.uniqueArray(fc.integer({ min: 1, max: 6 })), fc.array(whole, { minLength: 18, maxLength: 18 }))
    .map(([ids, values]) => {
      const functions = [...ids].sort((a, b) => a - b);
      const column = (from: number) => functions.map((_, at) => values[from + at] as number);
      return {
        heap: undefined,
        goroutines: values[0],
        functions,
        bytes: column(0),
        objects: column(6),
        allocBytes: column(12),
      };
    });
  fc.assert(
    fc.property(part, part, part, (a, b, c) => {
      assert.deepEqual(mergeColumns(mergeColumns(a, b), c), mergeColumns(a, mergeColumns(b, c)));
    }),
  );
});
