import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Chunk } from '../../../../src/store/sqlite/chunks/chunk.ts';
import { ChunkEncoder } from '../../../../src/store/sqlite/chunks/chunk-encoder.ts';
import { DamagedData } from '../../../../src/store/sqlite/files/damage.ts';
import { WeightedSums } from '../../../../src/store/sqlite/read/weighted-sums.ts';
import {
  chunkInput,
  type DrawnChunk,
  heapTypes,
  keptOf,
  sampledByGo,
  someChunk,
  someHeapChunk,
  storedInMemory,
  totalsOf,
  weightedSums,
} from '../../../support/store-drawn-chunks.ts';

const hour = 480_000;
const startMs = hour * 3_600_000;
const heap = [
  { type: 'alloc_space', unit: 'bytes', temporality: 'cumulative' },
  { type: 'inuse_space', unit: 'bytes', temporality: 'gauge' },
] as const;
/** More than any stack id that is drawn. */
const manyStacks = 2_200;

/** Encoders are used again and again, as in compaction: nothing may be left over from the chunk before. */
const encoders = [new ChunkEncoder('smaller'), new ChunkEncoder('cells')];

/** The sums that are not 0, by stack. */
function nonZero(sums: WeightedSums): Map<number, bigint> {
  const found = new Map<number, bigint>();
  for (let id = 0; id < manyStacks; id++) if (!sums.isZero(id)) found.set(id, BigInt(sums.at(id)));
  return found;
}

function withoutZeros(sums: ReadonlyMap<number, bigint>): Map<number, bigint> {
  return new Map([...sums].filter(([, sum]) => sum !== 0n).sort(([a], [b]) => a - b));
}

function sumOf(chunk: Chunk, type: number): Map<number, bigint> {
  const into = new WeightedSums(manyStacks);
  chunk.addSum(type, into);
  return nonZero(into);
}

/** Float64Array, BigInt64Array: as bigints. */
function bigints(column: ArrayLike<number | bigint> | undefined): bigint[] {
  return Array.from(column ?? [], BigInt);
}

test('a chunk knows its profiles, the sums over its hour, and each profile', () => {
  const chunk = storedInMemory(
    chunkInput({
      hour,
      types: heap,
      observed: [{ from: hour * 3600 + 60, to: hour * 3600 + 240 }],
      profiles: [
        {
          stampMs: startMs + 60_000,
          standingSeconds: 60,
          rows: new Map([
            [4, [100n, 10n]],
            [9, [0n, 7n]],
          ]),
        },
        {
          stampMs: startMs + 120_000,
          standingSeconds: 120,
          rows: new Map([
            [4, [50n, 12n]],
            [12, [8n, 0n]],
          ]),
        },
      ],
    }),
    new ChunkEncoder(),
  );
  //               alloc_space   inuse_space · s
  //  4            100 + 50      10 · 60 + 12 · 120
  //  9                          7 · 60
  //  12           8
  assert.deepEqual(
    [...sumOf(chunk, 0)],
    [
      [4, 150n],
      [12, 8n],
    ],
  );
  assert.deepEqual(
    [...sumOf(chunk, 1)],
    [
      [4, 2040n],
      [9, 420n],
    ],
  );
  const { entries } = chunk;
  assert.deepEqual([...entries.stampMs], [startMs + 60_000, startMs + 120_000]);
  assert.deepEqual(bigints(entries.totals[0]), [100n, 58n]);
  assert.deepEqual([...entries.standingSeconds], [60, 120]);
  assert.deepEqual(entries.observed, [{ from: hour * 3600 + 60, to: hour * 3600 + 240 }]);
  const { ids, values } = chunk.samples(1);
  assert.deepEqual([...ids], [4, 12]);
  assert.deepEqual(values.map(bigints), [
    [50n, 8n],
    [12n, 0n],
  ]);
});

test('every answer of a chunk is what its profiles add up to', () => {
  fc.assert(
    fc.property(fc.oneof({ weight: 2, arbitrary: someChunk }, someHeapChunk), fc.gen(), (drawn, gen) => {
      for (const encoder of encoders) checkChunk(storedInMemory(chunkInput(drawn), encoder), drawn, gen);
    }),
    { numRuns: 500, endOnFailure: true },
  );
});

test('a stack that was sampled once in an hour is kept', () => {
  // 1 sample of 64 bytes tells of 8192.5 objects, cut to 8192: less than one count is worth.
  const profiles = [0, 1, 2].map((minute) => ({
    stampMs: startMs + minute * 60_000,
    rows: new Map([
      [4, [...sampledByGo(minute === 1 ? 1 : 0, 64, 524_288), 0n, 0n]],
      [9, [...sampledByGo(minute === 2 ? 1 : 0, 48, 524_288), 0n, 0n]],
    ]),
  }));
  for (const encoder of encoders) {
    const chunk = storedInMemory(
      chunkInput({ hour, types: heapTypes, observed: [], profiles, period: 524_288n }),
      encoder,
    );
    const { ids, values } = chunk.samples(1);
    assert.deepEqual([...ids], [4]);
    assert.deepEqual(values.map(bigints), [[8192n], [524_320n], [0n], [0n]]);
  }
});

function checkChunk(chunk: Chunk, drawn: DrawnChunk, gen: fc.GeneratorValue): void {
  const kept = keptOf(drawn);
  checkEntries(chunk, drawn);
  const standing = drawn.profiles.map(({ standingSeconds = 0 }) => standingSeconds);
  for (const [type, { temporality }] of drawn.types.entries()) {
    const weights = temporality === 'gauge' ? standing : standing.map(() => 1);
    assert.deepEqual(sumOf(chunk, type), withoutZeros(weightedSums(kept, type, weights)));
  }
  checkDetail(chunk, kept, gen);
  for (const entry of drawn.profiles.keys()) {
    checkSamples(chunk, kept, entry);
    checkGroups(chunk, kept, entry);
  }
  chunk.letGo();
  checkSamples(chunk, kept, 0);
}

/** Stacks in groups by their ids, of which those of the first are not asked for. */
function checkGroups(chunk: Chunk, { profiles, types }: DrawnChunk, entry: number): void {
  const groups = { count: 3, of: chunk.stacks.map((id) => id % 3) };
  for (const type of types.keys()) {
    const { from, to, sums } = chunk.groupSums(type, entry, groups);
    assert.ok(from <= entry && entry < to);
    assert.equal(sums.length, 3 * (to - from));
    for (const group of [1, 2]) {
      const expected = [...(profiles[entry]?.rows ?? [])]
        .filter(([id]) => id % 3 === group)
        .reduce((sum, [, values]) => sum + (values[type] ?? 0n), 0n);
      assert.equal(BigInt(sums[3 * (entry - from) + group] ?? 0), expected);
    }
  }
}

function checkEntries({ entries, carried, partition, key }: Chunk, drawn: DrawnChunk): void {
  const { profiles } = drawn;
  assert.deepEqual(key, { series: 7, hour, head: 3, part: 0 });
  assert.equal(partition, 5);
  assert.equal(carried, drawn.carried ?? false);
  assert.equal(entries.count, profiles.length);
  assert.deepEqual(
    [...entries.stampMs],
    profiles.map(({ stampMs }) => stampMs),
  );
  assert.deepEqual(
    [...entries.intervalMs],
    profiles.map(({ intervalMs = 60_000 }) => intervalMs),
  );
  assert.deepEqual(
    [...entries.spanMs],
    profiles.map(({ spanMs = 0 }) => spanMs),
  );
  assert.deepEqual(
    [...entries.trimmed],
    profiles.map(({ trimmed = 0 }) => trimmed),
  );
  assert.deepEqual(
    [...entries.standingSeconds],
    profiles.map(({ standingSeconds = 0 }) => standingSeconds),
  );
  assert.deepEqual(entries.observed, drawn.observed);
  for (const [type, totals] of entries.totals.entries()) assert.deepEqual(bigints(totals), totalsOf(drawn, type));
  for (const [entry, profile] of profiles.entries()) {
    const shape = entries.shapes[entries.shape[entry] ?? -1];
    assert.deepEqual(shape?.types, drawn.types);
    assert.equal(shape?.header.docUrl, profile.docUrl ?? '');
    assert.equal(entries.contentHash(entry), profile.contentHash ?? '00000000000000ff');
    assert.equal(entries.timeNanos[entry], profile.timeNanos ?? BigInt(profile.stampMs) * 1_000_000n);
    assert.equal(entries.durationNanos[entry], profile.durationNanos ?? 0n);
  }
  assert.equal(entries.shapes.length, new Set(entries.shape).size);
}

function checkDetail(chunk: Chunk, drawn: DrawnChunk, gen: fc.GeneratorValue): void {
  const types = drawn.types.flatMap((_, type) =>
    gen(() => fc.boolean()) ? [{ type, weights: someWeights(drawn, gen), into: new WeightedSums(manyStacks) }] : [],
  );
  chunk.addDetail(types);
  for (const { type, weights, into } of types) {
    assert.deepEqual(nonZero(into), withoutZeros(weightedSums(drawn, type, weights)));
  }
}

function someWeights({ profiles }: DrawnChunk, gen: fc.GeneratorValue): Float64Array {
  const [from, to] = [gen(() => fc.nat(profiles.length)), gen(() => fc.nat(profiles.length))];
  const weight = fc.constantFrom(0, 1, 60, 60, 3600);
  return Float64Array.from(profiles, (_, entry) => (entry >= from && entry <= to ? gen(() => weight) : 0));
}

function checkSamples(chunk: Chunk, { profiles, types }: DrawnChunk, entry: number): void {
  const rows = [...(profiles[entry]?.rows ?? [])]
    .filter(([, values]) => values.some((value) => value !== 0n))
    .sort(([a], [b]) => a - b);
  const { ids, values } = chunk.samples(entry);
  assert.deepEqual(
    [...ids],
    rows.map(([id]) => id),
  );
  assert.equal(values.length, types.length);
  for (const [type, column] of values.entries()) {
    assert.deepEqual(
      bigints(column),
      rows.map(([, ofRow]) => ofRow[type] ?? 0n),
    );
  }
}

test('a chunk that was restated is the same as one encoded with that standing', () => {
  const someSeconds = fc.array(fc.constantFrom(0, 1, 30, 3600), { minLength: 12, maxLength: 12 });
  fc.assert(
    fc.property(fc.oneof(someChunk, someHeapChunk), someSeconds, (drawn, seconds) => {
      const observed = [{ from: hour * 3600 + 1, to: hour * 3600 + 77 }];
      const standing = drawn.profiles.map((_, entry) => seconds[entry] ?? 0);
      const profiles = drawn.profiles.map((profile, entry) => ({ ...profile, standingSeconds: standing[entry] ?? 0 }));
      for (const encoder of encoders) {
        const before = storedInMemory(chunkInput(drawn), encoder);
        const { entries, sums } = encoder.restate(before, { standingSeconds: standing, observed });
        const anew = encoder.encode(
          chunkInput({ ...drawn, observed, profiles }),
          () => before.entries.shapeReferences[0] ?? { id: 0, checksum: 0 },
        );
        for (const { type, data } of sums) assert.deepEqual(data, anew.sums.find((sum) => sum.type === type)?.data);
        const restated = storedInMemory(chunkInput(drawn), encoder, (blob, part) =>
          part === 'entries' ? entries : blob,
        );
        assert.deepEqual([...restated.entries.standingSeconds], standing);
        assert.deepEqual(restated.entries.observed, observed);
      }
    }),
    { numRuns: 150, endOnFailure: true },
  );
});

test('what Go samples is kept as counts: sizes and rates do not show in the bytes of a chunk', () => {
  const bytesOf = (size: number, rate: number): number => {
    const profiles = Array.from({ length: 60 }, (_, minute) => {
      const rows = Array.from({ length: 200 }, (_, at): [number, bigint[]] => {
        const [allocated, live] = [(at * 7 + minute * 3) % 5, (at + (minute >> 3)) % 4];
        const before = sampledByGo(50 * minute, size, rate);
        const after = sampledByGo(50 * minute + allocated, size, rate);
        return [at, [after[0] - before[0], after[1] - before[1], ...sampledByGo(live, size, rate)]];
      });
      return { stampMs: startMs + minute * 60_000, rows: new Map(rows) };
    });
    const drawn = { hour, types: heapTypes, profiles, observed: [], period: BigInt(rate) };
    const { stacks, details } = new ChunkEncoder().encode(chunkInput(drawn), () => ({ id: 1, checksum: 0 }));
    return details.reduce((sum, { data }) => sum + data.length, stacks.length);
  };
  // Every object is sampled: what is allocated and what lives are the counts themselves.
  const least = bytesOf(16, 1);
  for (const [size, rate] of [
    [1_048_576, 524_288],
    [48, 524_288],
    [9472, 524_288],
  ] as const) {
    const bytes = bytesOf(size, rate);
    assert.ok(bytes < 2 * least, `objects of ${size}: ${bytes} bytes, ${least} unsampled`);
  }
});

test('any damage to a byte is found, or makes no difference', () => {
  fc.assert(
    fc.property(someChunk, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.gen(), (drawn, position, bits, gen) => {
      for (const encoder of encoders) {
        const blobs: Buffer[] = [];
        storedInMemory(chunkInput(drawn), encoder, (blob) => blob.subarray(0, blobs.push(blob) && blob.length));
        const size = blobs.reduce((sum, { length }) => sum + length, 0);
        let left = position % size;
        const damage = (blob: Buffer): Buffer => {
          const copy = Buffer.from(blob);
          if (left >= 0 && left < copy.length) copy[left] = (copy[left] ?? 0) ^ bits;
          left -= copy.length;
          return copy;
        };
        const chunk = storedInMemory(chunkInput(drawn), encoder, damage);
        try {
          checkChunk(chunk, drawn, gen);
        } catch (error) {
          assert.ok(error instanceof DamagedData, String(error));
          assert.equal(error.hour, hour);
        }
      }
    }),
    { numRuns: 300, endOnFailure: true },
  );
});
