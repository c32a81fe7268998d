import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createDetector } from '../../../src/growth/detector/detector.ts';
import type { GrowthVerdict, SignalVerdict } from '../../../src/model/growth.ts';
import type { ProcessFloors } from '../../../src/store/growth-store.ts';
import { type DrawnHistory, drawnHistory, firstBucket, historyOf } from '../../support/growth-histories.ts';
import { usualSettings } from '../../support/growth-score.ts';
import { testWorkload } from '../../support/growth-scrapes.ts';

const runs = { numRuns: 5 };

function verdictsOf(history: readonly (readonly ProcessFloors[])[]): GrowthVerdict[] {
  const detector = createDetector(testWorkload, usualSettings);
  return history.map((floors) => detector.step(floors[0]?.bucket ?? 0, floors));
}

const heapOf = ({ signals }: GrowthVerdict): SignalVerdict | undefined =>
  signals.find(({ signal }) => signal === 'heap');

/** What is found, without the numbers. */
function findings(verdicts: readonly GrowthVerdict[]): unknown[] {
  return verdicts.map((verdict) => {
    const { tier, likelyBecause, pods, functions } = heapOf(verdict) ?? {};
    return { tier, likelyBecause, pods, names: functions?.map(({ name }) => name) };
  });
}

test('bytes and sampling period twice as large change nothing', () => {
  fc.assert(
    fc.property(drawnHistory({ days: 2 }), fc.constantFrom(0.5, 2, 8), (drawn, by) => {
      const history = historyOf(drawn);
      const scaled = history.map((floors) => floors.map((one) => scaledFloors(one, by)));
      assert.deepEqual(findings(verdictsOf(scaled)), findings(verdictsOf(history)));
    }),
    runs,
  );
});

function scaledFloors(one: ProcessFloors, by: number): ProcessFloors {
  const { heap, functions } = one;
  return {
    ...one,
    ...(heap && { heap: { ...heap, bytes: by * heap.bytes, period: by * heap.period, weight: by * heap.weight } }),
    functions: functions.map((fn) => ({ ...fn, bytes: by * fn.bytes })),
  };
}

test('whole days later the same is found', () => {
  fc.assert(
    fc.property(drawnHistory({ days: 2 }), fc.integer({ min: 1, max: 400 }), (drawn, days) => {
      const later = historyOf(drawn).map((floors) => floors.map((one) => daysLater(one, days)));
      assert.deepEqual(findings(verdictsOf(later)), findings(verdictsOf(historyOf(drawn))));
    }),
    runs,
  );
});

function daysLater(one: ProcessFloors, days: number): ProcessFloors {
  const { startedMs } = one.process;
  const later = startedMs === undefined ? undefined : startedMs + days * 86_400_000;
  return { ...one, bucket: one.bucket + 144 * days, process: { ...one.process, startedMs: later } };
}

test('the order of processes and of functions in a bucket does not matter', () => {
  fc.assert(
    fc.property(drawnHistory({ days: 2 }), (drawn) => {
      const history = historyOf(drawn);
      const turned = history.map((floors) =>
        floors.map((one) => ({ ...one, functions: one.functions.toReversed() })).toReversed(),
      );
      assert.deepEqual(verdictsOf(turned), verdictsOf(history));
    }),
    { ...runs, examples: [[twoThatAllocateAlike]] },
  );
});

/** One is left out of the floors more often than the other. */
const still = { base: 0, slope: 0, swing: 0, rate: 10, faster: 1 };
const twoThatAllocateAlike: DrawnHistory = {
  buckets: 288,
  gap: { from: 0, length: 0 },
  noise: 0,
  processes: [
    {
      slot: 0,
      revision: 0,
      from: 0,
      life: 288,
      goroutines: 0,
      functions: [
        { ...still, slope: 0.5, rate: 0, followed: 0.9 },
        { ...still, followed: 0.9 },
        { ...still, followed: 0.3 },
      ],
    },
  ],
};

test('nothing is found in what is flat, whatever it holds', () => {
  fc.assert(
    fc.property(drawnHistory({ days: 2 }), fc.nat(4000), (drawn, more) => {
      const flat = drawn.processes.map((process) => ({
        ...process,
        goroutines: 0,
        functions: process.functions.map((fn) => ({
          ...fn,
          base: fn.base + more,
          slope: 0,
          swing: 0,
          followed: 1,
          faster: 1,
          rate: 0,
        })),
      }));
      const verdicts = verdictsOf(historyOf({ ...drawn, noise: 0, processes: flat }));
      for (const { signals } of verdicts)
        assert.deepEqual(
          signals.map(({ tier }) => tier),
          [undefined, undefined, undefined],
        );
    }),
    runs,
  );
});

const anyNumber = fc.oneof(fc.constantFrom(Number.NaN, Infinity, -Infinity, -1, 0), fc.double());

test('numbers that are none, and buckets without any, never throw', () => {
  const floors = fc.record({
    process: fc.record({
      id: fc.constantFrom('a', 'b', ''),
      slot: fc.constantFrom('a', ''),
      pod: fc.constant('pod'),
      revision: fc.constantFrom('', '1'),
      startedMs: fc.option(anyNumber, { nil: undefined }),
    }),
    heap: fc.option(
      fc.record({
        bytes: anyNumber,
        objects: anyNumber,
        period: anyNumber,
        weight: anyNumber,
        allocBytes: anyNumber,
        allocMs: anyNumber,
      }),
      { nil: undefined },
    ),
    goroutines: fc.option(anyNumber, { nil: undefined }),
    functions: fc.array(
      fc.record({
        id: fc.constantFrom('f', 'g', ''),
        name: fc.constant('f'),
        bytes: anyNumber,
        objects: anyNumber,
        allocBytes: anyNumber,
      }),
      { maxLength: 3 },
    ),
  });
  fc.assert(
    fc.property(fc.array(fc.array(floors, { maxLength: 3 }), { minLength: 1, maxLength: 60 }), (buckets) => {
      const detector = createDetector(testWorkload, usualSettings);
      buckets.forEach((all, i) => {
        const bucket = firstBucket + i;
        const verdict = detector.step(
          bucket,
          all.map((one) => ({ ...one, bucket, workload: testWorkload })),
        );
        assert.equal(verdict.signals.length, 3);
        assert.deepEqual(JSON.parse(JSON.stringify(verdict.signals)), JSON.parse(JSON.stringify(verdict.signals)));
        JSON.parse(detector.memory());
      });
    }),
    { numRuns: 40 },
  );
});

test('buckets come in order', () => {
  const detector = createDetector(testWorkload, usualSettings);
  detector.step(10, []);
  assert.throws(() => detector.step(10, []), { name: 'RangeError', message: 'buckets come in order: got 10 after 10' });
  assert.throws(() => detector.step(Number.NaN, []), RangeError);
});
