import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SideSlices, spreadOf } from '../../src/profile/diff-spread.ts';
import { chance, poisson } from '../support/query-diff.ts';

function side(values: readonly number[], options: Partial<SideSlices> = {}): SideSlices {
  return { values, weights: values.map(() => 10), times: 1, isOneMoment: false, samples: undefined, ...options };
}

test('the interval is that of Welch: by hand, for four slices and three', () => {
  // Means 0.25 and 0.5 by weight; squared errors (4/3)·Σ(v-r·w)²/40² and (3/2)·Σ(v-r·w)²/30².
  const [first, second] = [side([2, 3, 2, 3]), side([4, 5, 6])];
  const [a, b] = [((4 / 3) * 1) / 1600, ((3 / 2) * 2) / 900];
  const freedom = Math.floor((a + b) ** 2 / (a ** 2 / 3 + b ** 2 / 2));
  assert.equal(freedom, 2);
  assert.ok(Math.abs((spreadOf(first, second) ?? 0) - 9.925 * Math.sqrt(a + b)) < 1e-12);
});

test('fewer than three slices on a side tell nothing', () => {
  assert.equal(spreadOf(side([1, 2]), side([1, 2, 3, 4])), null);
  assert.equal(spreadOf(side([1, 2, 3]), side([])), null);
  assert.equal(spreadOf(side([1, 1, 1]), side([1, 1, 1])), 0);
});

test('what comes in even slices by luck still varies as counts do', () => {
  const counted = { seen: 8, of: undefined, worth: 0.5 };
  const spread = spreadOf(side([1, 1, 1], { samples: counted }), side([1, 1, 1], { samples: counted }));
  assert.equal(spread, 2.576 * Math.sqrt(2 * 0.25 * 9));
  const whole = { seen: 99, of: 99, worth: 1 / 99 };
  const ofAll = spreadOf(side([1, 1, 1], { samples: whole }), side([1, 1, 1], { samples: whole }));
  assert.ok(ofAll !== null && ofAll < 0.04, 'what is in every sample hardly varies as a share of them');
});

test('a value at one moment varies as moments do, and not as their mean', () => {
  const mean = spreadOf(side([1, 5, 1, 5]), side([2, 2, 2, 2])) ?? 0;
  const moment = spreadOf(side([1, 5, 1, 5], { isOneMoment: true }), side([2, 2, 2, 2])) ?? 0;
  assert.ok(Math.abs(moment - 2 * mean) < 1e-12);
});

test('slices count by their weights: a short one does not count as a whole one', () => {
  const even = spreadOf(side([10, 20], { weights: [10, 20, 30], values: [10, 20, 30] }), side([1, 1, 1]));
  assert.equal(even, 0, 'the same rate in slices of any length');
});

test('of what varies by chance alone, one in a hundred lies beyond its spread, however seldom or in bursts it comes', () => {
  for (const slices of [3, 5, 8]) {
    for (const mean of [0.05, 0.5, 3, 30, 300]) {
      for (const burst of [1, 4]) {
        const rate = sureRate(slices, mean, burst);
        assert.ok(rate < 0.02, `${slices} slices of ${mean} samples, ${burst} at once: ${rate}`);
      }
    }
  }
});

function sureRate(slices: number, mean: number, burst: number): number {
  const random = chance(1000 * slices + 7 * mean + burst);
  const worth = 1 / (10 * slices);
  const draw = (): SideSlices & { readonly seen: number } => {
    const values = Array.from({ length: slices }, () => burst * poisson(mean / burst, random));
    const seen = values.reduce((sum, value) => sum + value, 0);
    return { ...side(values, { samples: { seen, of: undefined, worth } }), seen };
  };
  const runs = 4000;
  let sure = 0;
  for (let run = 0; run < runs; run++) {
    const [compare, base] = [draw(), draw()];
    if (Math.abs(compare.seen - base.seen) * worth > (spreadOf(compare, base) ?? Infinity)) sure++;
  }
  return sure / runs;
}
