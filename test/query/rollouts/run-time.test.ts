import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { closeGaps, RunTime, shared } from '../../../src/query/rollouts/run-time.ts';
import type { SecondRange } from '../../../src/store/profile-store.ts';
import { intersect, secondsIn, unionOf } from '../../../src/store/standing.ts';

const noon = Date.UTC(2026, 2, 1, 12) / 1000;
const range = fc
  .tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 900 }))
  .map(([from, length]): SecondRange => ({ from: noon + from, to: noon + from + length }));
const ranges = fc.array(range, { maxLength: 20 });

/** The seconds that are in some range, one by one. */
function secondsOf(list: readonly SecondRange[]): Set<number> {
  return new Set(list.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, at) => from + at)));
}

test('process-seconds of a window are the sum of what each range has in it', () => {
  const property = fc.property(ranges, range, (list, window) => {
    const runTime = new RunTime(list);
    const sum = (within: SecondRange) => list.reduce((all, one) => all + secondsIn(intersect(one, within)), 0);
    assert.equal(runTime.processSeconds(window), sum(window));
    assert.equal(runTime.allProcessSeconds, sum({ from: noon, to: noon + 10_000 }));
    assert.deepEqual(runTime.union, unionOf(list));
  });
  fc.assert(property, { numRuns: 200 });
});

test('what two lists share is each second that is in both; gaps that are closed are the shorter ones', () => {
  const property = fc.property(ranges, ranges, fc.integer({ min: 1, max: 300 }), (some, others, gap) => {
    const [a, b] = [unionOf(some), unionOf(others)];
    const inB = secondsOf(b);
    assert.deepEqual(
      [...secondsOf(shared(a, b))],
      [...secondsOf(a)].filter((second) => inB.has(second)),
    );
    const closed = closeGaps(a, gap);
    closed.forEach(({ from }, at) => assert.ok(at === 0 || from - (closed[at - 1]?.to ?? 0) >= gap));
    assert.deepEqual([closed[0]?.from, closed.at(-1)?.to], [a[0]?.from, a.at(-1)?.to]);
    const inClosed = secondsOf(closed);
    assert.ok([...secondsOf(a)].every((second) => inClosed.has(second)));
  });
  fc.assert(property, { numRuns: 50 });
});
