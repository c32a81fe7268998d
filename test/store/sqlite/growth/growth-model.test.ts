import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { FloorOrigin, ProcessFloors } from '../../../../src/store/growth-store.ts';
import { openSqliteGrowth } from '../../../../src/store/sqlite/growth/growth.ts';
import { openSqliteState } from '../../../../src/store/sqlite/state.ts';
import { MemoryGrowthStore } from '../../../support/growth-memory-store.ts';
import { storeDir } from '../../../support/store-dirs.ts';

const bucketMs = 600_000;
const everything = { bucketMs, from: 0, to: 1e6 };
const fixtures = join(import.meta.dirname, '../../../fixtures/stores');

const value = fc.oneof(fc.nat(3), fc.nat(100), fc.nat(2 ** 30), fc.constant(0.5));
const part: fc.Arbitrary<ProcessFloors> = fc
  .record({
    process: fc.constantFrom('a', 'b', 'c'),
    workload: fc.constantFrom('checkout', 'cart'),
    bucket: fc.oneof(fc.nat(200), fc.integer({ min: 178, max: 182 })),
    heap: fc.option(fc.tuple(value, value), { nil: undefined }),
    goroutines: fc.option(value, { nil: undefined }),
    functions: fc.uniqueArray(fc.tuple(fc.constantFrom('f', 'g', 'h', 'i'), value, value, value), {
      selector: ([name]) => name,
    }),
  })
  .map(({ process, workload, bucket, heap, goroutines, functions }) => ({
    workload: { namespace: 'shop', workloadKind: 'Deployment', workload, container: 'app' },
    process: { id: process, slot: `s/${process}`, pod: process, revision: 'v1', startedMs: undefined },
    bucket,
    heap: heap && {
      bytes: heap[0],
      objects: heap[1],
      period: 524_288,
      weight: heap[1] + 0.25,
      allocBytes: heap[1],
      allocMs: 1,
    },
    goroutines,
    functions: functions
      .map(([name, bytes, objects, allocBytes]) => ({ id: name, name: `main.${name}`, bytes, objects, allocBytes }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
  }));

interface Save {
  readonly origin: FloorOrigin;
  readonly floors: readonly ProcessFloors[];
  /** Packed so many steps after it. */
  readonly steps: number;
}

const save: fc.Arbitrary<Save> = fc.record({
  origin: fc.constantFrom('live', 'import'),
  floors: fc.array(part, { maxLength: 8 }),
  steps: fc.nat(6),
});

test('whatever is saved in whatever order, and packed at whatever moment, is read as by the model', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(save, { maxLength: 12 }), async (saves) => {
      const model = new MemoryGrowthStore();
      const dataDir = storeDir();
      await using store = openSqliteGrowth({ dataDir, synchronous: 'normal' });
      for (const { origin, floors, steps } of saves) {
        model.saveFloors(bucketMs, origin, floors);
        store.saveFloors(bucketMs, origin, floors);
        for (let step = 0; step < steps; step++) store.prune(0, 0);
      }
      for (const query of [{}, { origin: 'live' }, { origin: 'import' }, { from: 30, to: 80 }] as const) {
        const asked = { ...everything, ...query };
        assert.deepEqual([...store.floors(asked)], [...model.floors(asked)]);
      }
    }),
    { numRuns: 150 },
  );
});

test('floors are packed when a block is over, and what comes late is packed with them', async () => {
  await using store = openSqliteGrowth({ dataDir: storeDir(), synchronous: 'normal' });
  const of = (bucket: number, goroutines: number): ProcessFloors => ({
    workload: { namespace: '', workloadKind: '', workload: 'w', container: '' },
    process: { id: 'p', slot: '', pod: '', revision: '', startedMs: undefined },
    bucket,
    goroutines,
    functions: [],
  });
  const pack = (): string => {
    while (store.prune(0, 0));
    const { openFloors, floorBlocks } = store.stats();
    return `${openFloors} open, ${floorBlocks} packed`;
  };
  for (let bucket = 36; bucket < 74; bucket++) store.saveFloors(bucketMs, 'live', [of(bucket, bucket)]);
  assert.equal(pack(), '38 open, 0 packed');
  store.saveFloors(bucketMs, 'live', [of(74, 74)]);
  assert.equal(pack(), '3 open, 1 packed');
  store.saveFloors(bucketMs, 'live', [of(40, 5)]);
  const levels = [...store.floors({ ...everything, from: 39, to: 42 })].map(({ goroutines }) => goroutines);
  assert.deepEqual(levels, [39, 5, 41]);
  assert.equal(pack(), '3 open, 1 packed');
  assert.deepEqual(
    [...store.floors(everything)].map(({ goroutines }) => goroutines),
    Array.from({ length: 39 }, (_, at) => (at === 4 ? 5 : 36 + at)),
  );
});

test('names that one thread forgets are given anew by another that knew them', async () => {
  const dataDir = storeDir();
  await using ingest = openSqliteGrowth({ dataDir, synchronous: 'normal' });
  await using growth = openSqliteGrowth({ dataDir, synchronous: 'normal' });
  const [given] = fc.sample(
    part.filter(({ functions }) => functions.length > 1),
    { numRuns: 1, seed: 5 },
  );
  assert.ok(given);
  ingest.saveFloors(bucketMs, 'live', [given]);
  while (growth.prune(1e12, 0));
  assert.deepEqual(growth.stats(), { ...growth.stats(), workloads: 0, processes: 0, functions: 0, openFloors: 0 });
  ingest.saveFloors(bucketMs, 'live', [given]);
  assert.deepEqual([...growth.floors(everything)], [given]);
});

test('a save that fails leaves nothing, and the next one is whole', async () => {
  await using store = openSqliteGrowth({ dataDir: storeDir(), synchronous: 'normal' });
  const [given] = fc.sample(
    part.filter(({ functions }) => functions.length > 0),
    { numRuns: 1, seed: 7 },
  );
  assert.ok(given);
  const twice = { ...given, functions: [...given.functions, ...given.functions] };
  assert.throws(() => store.saveFloors(bucketMs, 'live', [given, twice]), /twice/);
  assert.deepEqual([...store.floors(everything)], []);
  store.saveFloors(bucketMs, 'live', [given]);
  assert.deepEqual([...store.floors(everything)], [given]);
});

for (const name of ['0.1.0', '0.1.0-killed']) {
  test(`the store ${name} takes floors and keeps its checkpoints and settings`, async () => {
    const dataDir = storeDir();
    cpSync(join(fixtures, name), dataDir, { recursive: true });
    await using store = openSqliteGrowth({ dataDir, synchronous: 'normal' });
    await using state = openSqliteState({ dataDir, synchronous: 'normal' });
    state.set('collector', 'c-1');
    const [given] = fc.sample(part, { numRuns: 1, seed: 3 });
    assert.ok(given);
    store.saveFloors(bucketMs, 'live', [given]);
    assert.deepEqual([...store.floors(everything)], [given]);
    assert.equal(state.get('collector'), 'c-1');
  });
}
