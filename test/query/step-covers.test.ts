import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { StepCovers } from '../../src/query/step-covers.ts';
import { secondsOfUnion } from '../../src/store/standing.ts';

const steps = 3;
const range = fc
  .tuple(fc.nat(60), fc.integer({ min: 1, max: 20 }))
  .map(([from, length]) => ({ from, to: from + length }));
const added = fc.array(fc.tuple(fc.nat(steps - 1), fc.array(range, { maxLength: 4 })), { maxLength: 30 });

test('what was observed in a step is the union of its ranges, whatever their order', () => {
  fc.assert(
    fc.property(added, fc.nat(steps - 1), (ranges, cleared) => {
      const covers = new StepCovers(steps);
      for (const [step, own] of ranges) covers.addAll(step, own);
      const inStep = (step: number) => ranges.filter(([own]) => own === step).flatMap(([, own]) => own);
      for (let step = 0; step < steps; step++) assert.equal(covers.seconds(step), secondsOfUnion(inStep(step)));
      covers.clear(cleared);
      for (let step = 0; step < steps; step++) {
        assert.equal(covers.seconds(step), step === cleared ? 0 : secondsOfUnion(inStep(step)));
      }
    }),
    { numRuns: 500 },
  );
});
