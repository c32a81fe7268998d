import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createDetector } from '../../../src/growth/detector/detector.ts';
import { historyBuckets } from '../../../src/growth/detector/options.ts';
import type { ProcessFloors } from '../../../src/store/growth-store.ts';
import { drawnHistory, historyOf } from '../../support/growth-histories.ts';
import { usualSettings } from '../../support/growth-score.ts';
import { testWorkload } from '../../support/growth-scrapes.ts';

/** A restart: what is remembered, and the floors of the days before, in order. */
function restarted(
  memory: string,
  bucket: number,
  past: readonly (readonly ProcessFloors[])[],
): ReturnType<typeof createDetector> {
  const history = past.flat().filter((floors) => floors.bucket > bucket - historyBuckets);
  return createDetector(testWorkload, usualSettings, { memory, bucket, history });
}

test('a detector that is restarted at any bucket goes on, step by step, as one that never was', () => {
  fc.assert(
    fc.property(drawnHistory({ days: 3 }), fc.array(fc.nat(450), { minLength: 1, maxLength: 4 }), (drawn, restarts) => {
      const history = historyOf(drawn);
      const steady = createDetector(testWorkload, usualSettings);
      let other = createDetector(testWorkload, usualSettings);
      history.forEach((floors, i) => {
        const bucket = floors[0]?.bucket ?? 0;
        assert.deepEqual(other.step(bucket, floors), steady.step(bucket, floors));
        if (restarts.includes(i)) {
          assert.equal(other.memory(), steady.memory());
          other = restarted(other.memory(), bucket, history.slice(0, i + 1));
        }
        assert.equal(other.series, steady.series);
      });
    }),
    { numRuns: 8 },
  );
});

test('a restart after more days than the history reaches back changes nothing', () => {
  fc.assert(
    fc.property(drawnHistory({ days: 10 }), fc.integer({ min: 1200, max: 1400 }), (drawn, at) => {
      const history = historyOf(drawn);
      const steady = createDetector(testWorkload, usualSettings);
      let other: ReturnType<typeof createDetector> | undefined;
      history.forEach((floors, i) => {
        const bucket = floors[0]?.bucket ?? 0;
        const verdict = steady.step(bucket, floors);
        if (other) assert.deepEqual(other.step(bucket, floors), verdict);
        if (i === at) other = restarted(steady.memory(), bucket, history.slice(0, i + 1));
      });
    }),
    { numRuns: 2 },
  );
});
