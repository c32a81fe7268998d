import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { DifferencingLimits } from '../../src/ingest/differencing.ts';
import { openModel, scrapeOf } from '../support/ingest-differencing-model.ts';
import { MemoryState, MemoryWriter } from '../support/ingest-memory-store.ts';

test('increases since the last look are counted, and what is new counts whole', () => {
  const model = openModel();
  assert.deepEqual(model.scrape('heap', 1_000, { a: 5, b: 1 }, { isNew: true }), { kind: 'from_zero', a: 5, b: 1 });
  assert.deepEqual(model.scrape('heap', 2_000, { a: 7, b: 1, c: 3 }), { kind: 'increase', a: 2, c: 3 });
});

test('the first look at a process of unknown age only seeds', () => {
  const model = openModel();
  assert.deepEqual(model.scrape('heap', 1_000, { a: 500 }), { kind: 'seed' });
  assert.deepEqual(model.scrape('heap', 2_000, { a: 501 }), { kind: 'increase', a: 1 });
});

test('a fall of one stack counts the whole profile', () => {
  const model = openModel();
  model.scrape('heap', 1_000, { a: 5, b: 9 });
  assert.deepEqual(model.scrape('heap', 2_000, { a: 6, b: 8 }), { kind: 'reset', a: 6, b: 8 });
  assert.deepEqual(model.scrape('heap', 3_000, { a: 6, b: 9 }), { kind: 'increase', b: 1 });
});

test('a stack that vanished fell to 0', () => {
  const model = openModel();
  model.scrape('heap', 1_000, { a: 5, b: 9 });
  assert.deepEqual(model.scrape('heap', 2_000, { a: 60 }), { kind: 'reset', a: 60 });
});

test('a fall in one kind lets the other kinds of the process begin at 0', () => {
  const model = openModel();
  model.scrape('heap', 1_000, { a: 5 });
  model.scrape('block', 1_100, { x: 7 });
  assert.deepEqual(model.scrape('block', 61_100, { x: 1 }), { kind: 'reset', x: 1 });
  // Nothing fell here, yet all of it was allocated after the restart.
  assert.deepEqual(model.scrape('heap', 61_200, { a: 8 }), { kind: 'increase', a: 8 });
});

test('a kind that was scraped between the restart and its discovery is made up for', () => {
  const model = openModel();
  model.scrape('heap', 1_000, { a: 5 });
  model.scrape('block', 1_100, { x: 7 });
  assert.deepEqual(model.scrape('heap', 61_000, { a: 8 }), { kind: 'increase', a: 3 });
  assert.deepEqual(model.scrape('block', 61_100, { x: 1 }), { kind: 'reset', x: 1 });
  // 10 in all since the restart, of which 3 were counted already.
  assert.deepEqual(model.scrape('heap', 121_000, { a: 10 }), { kind: 'increase', a: 7 });
});

test('kinds that fall one after the other show one restart, not several', () => {
  const model = openModel();
  model.scrape('heap', 1_000, { a: 5 });
  model.scrape('block', 2_000, { x: 7 });
  model.scrape('heap', 61_000, { a: 1 });
  assert.deepEqual(model.scrape('block', 62_000, { x: 2 }), { kind: 'increase', x: 2 });
  assert.deepEqual(model.scrape('heap', 121_000, { a: 2 }), { kind: 'increase', a: 1 });
  assert.equal(model.differencer.resets, 1);
});

test('a span is the time since the last look, and from zero the time since the start', () => {
  const model = openModel();
  model.scrape('heap', 90_000, { a: 1 }, { isNew: true, startedMs: 30_000 });
  assert.equal(model.lastSpanMs, 60_000);
  model.scrape('heap', 150_000, { a: 2 });
  assert.equal(model.lastSpanMs, 60_000);
  model.scrape('heap', 10_950_000, { a: 3 });
  assert.equal(model.lastSpanMs, 10_800_000);
});

test('a seed has no span', () => {
  const model = openModel();
  model.scrape('heap', 90_000, { a: 1 }, { startedMs: 30_000 });
  assert.equal(model.lastSpanMs, 0);
});

test('a base stays as it is until its batch is settled, whatever else the batch holds', () => {
  const { differencer } = openModel();
  const { base } = differencer.difference(scrapeOf('heap', 1_000, { a: 5, b: 9 }));
  differencer.difference(scrapeOf('heap', 2_000, { a: 6, b: 9 }));
  differencer.difference(scrapeOf('block', 2_000, { x: 70, y: 80 }));
  differencer.difference(scrapeOf('heap', 3_000, { a: 7, b: 10 }));
  assert.deepEqual([...(base?.values[0] ?? [])], [5, 9]);
  assert.deepEqual([...(base?.hashHigh ?? [])], [97, 98]);
});

test('values beyond 2^53 stay exact', () => {
  const model = openModel();
  model.scrape('heap', 1_000, { a: 2n ** 62n });
  assert.deepEqual(model.scrape('heap', 2_000, { a: 2n ** 62n + 1n }), { kind: 'increase', a: 1 });
});

test('ordinary profiles write no checkpoint, and one is written each hour', () => {
  const model = openModel();
  const hour = 3_600_000;
  for (let at = 0; at <= hour; at += 60_000) model.scrape('heap', at + 1, { a: at + 1 }, { isNew: true });
  // The base of the first, and the one that is due.
  assert.equal(model.state.saves, 2);
});

test('what no longer fits in memory is put away and comes back exactly', () => {
  const model = openModel({ stacks: 2 });
  model.scrape('heap', 1_000, { a: 1, b: 1 }, { isNew: true });
  model.scrape('block', 1_100, { x: 1, y: 1 }, { isNew: true });
  assert.deepEqual(model.scrape('heap', 2_000, { a: 4, b: 1 }), { kind: 'increase', a: 3 });
  assert.deepEqual(model.scrape('block', 2_100, { x: 1, y: 3 }), { kind: 'increase', y: 2 });
});

test('the state of a series that is quiet while others are not is put away, and comes back exactly', () => {
  const model = openModel({ quietMs: 100_000 });
  model.scrape('heap', 1_000, { a: 5, b: 1 });
  for (let stamp = 2_000; stamp < 100_000; stamp += 10_000) model.scrape('block', stamp, { x: stamp });
  assert.equal(model.differencer.stacks, 3);
  model.scrape('block', 101_000, { x: 101_000 });
  assert.equal(model.differencer.stacks, 1, 'heap is put away');
  assert.deepEqual(model.scrape('heap', 102_000, { a: 7, b: 1 }), { kind: 'increase', a: 2 });
  assert.equal(model.differencer.stacks, 3);
});

test('stacks over the cap of a series are not counted, and those that are held go on', () => {
  const model = openModel({ stacksPerSeries: 2 });
  model.scrape('heap', 1_000, { a: 1, b: 1 });
  assert.deepEqual(model.scrape('heap', 2_000, { a: 2, b: 2, c: 90 }), { kind: 'increase', a: 1, b: 1, c: 90 });
  assert.deepEqual(model.scrape('heap', 3_000, { a: 3, b: 3, c: 91, d: 5 }), { kind: 'increase', a: 1, b: 1 });
});

test('after retention has removed increases the series seeds again instead of counting them twice', () => {
  const writer = new MemoryWriter();
  const state = new MemoryState();
  const before = openModel({}, writer, state);
  before.scrape('heap', 1_000, { a: 1 }, { isNew: true });
  before.scrape('heap', 2_000, { a: 50 });
  writer.retain(2_000);
  const after = openModel({}, writer, state, 2_000);
  assert.deepEqual(after.scrape('heap', 3_000, { a: 51 }), { kind: 'seed' });
});

/** One step of a life: what the program did, what was scraped, and what befell the collector meanwhile. */
const step = fc.record({
  grows: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 0, max: 50 }), { maxKeys: 4 }),
  restartOdds: fc.integer({ min: 0, max: 9 }),
  kill: fc.constantFrom('none', 'none', 'before', 'between', 'after'),
  checkpoint: fc.boolean(),
  repeat: fc.boolean(),
});

/** Whether a restart shows: by a new identity, or only by what fell. */
const identity = fc.constantFrom('new', 'same');

test('kills, repeats and restarts lose nothing and count nothing twice', () => {
  const life = [fc.array(step, { minLength: 1, maxLength: 25 }), fc.integer({ min: 1, max: 6 }), identity] as const;
  fc.assert(
    fc.property(...life, (steps, cap, identity) => {
      const limits: Partial<DifferencingLimits> = { stacks: cap, checkpointEveryMs: 7_000, quietMs: 3_000 };
      const writer = new MemoryWriter();
      const state = new MemoryState();
      let model = openModel(limits, writer, state);
      let counters: Record<string, number> = {};
      let seen: Record<string, number> = {};
      let expected = 0;
      let incarnation = 1;
      for (const [at, { grows, restartOdds, kill, checkpoint, repeat }] of steps.entries()) {
        if (restartOdds === 0) {
          counters = {};
          if (identity === 'new') {
            seen = {};
            incarnation++;
          }
        }
        for (const [stack, growth] of Object.entries(grows)) counters[stack] = (counters[stack] ?? 0) + growth;
        const fell = Object.entries(seen).some(([stack, value]) => (counters[stack] ?? 0) < value);
        expected += sumOf(counters) - (fell ? 0 : sumOf(seen));
        seen = { ...counters };
        const stampMs = 10_000 + 1_000 * at;
        const options = { isNew: true, process: `p${incarnation}`, startedMs: stampMs - 500 };
        if (kill === 'before') model = openModel(limits, writer, state);
        if (kill === 'between') {
          // The bases are saved, the profile is not; then the client sends it again.
          model.saveBaseOnly('heap', stampMs, counters, options);
          model = openModel(limits, writer, state);
        }
        model.scrape('heap', stampMs, counters, options);
        if (repeat) model.repeat();
        if (kill === 'after') model = openModel(limits, writer, state);
        if (checkpoint) model.differencer.checkpointAll();
      }
      assert.equal(model.storedTotal(), BigInt(expected));
    }),
    { numRuns: 400 },
  );
});

function sumOf(counters: Readonly<Record<string, number>>): number {
  return Object.values(counters).reduce((sum, value) => sum + value, 0);
}
