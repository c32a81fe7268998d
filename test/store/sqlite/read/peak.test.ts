import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, bigInt, assert as check, integer, nat, oneof, property, record } from 'fast-check';
import { StandingTotals } from '../../../../src/store/sqlite/read/peak.ts';

test('the peak is the first second of the largest total, where anything stands at all', () => {
  const standing = new StandingTotals();
  assert.equal(standing.peakSecond(), undefined);
  standing.add(10, 20, 5);
  standing.add(15, 30, 7);
  standing.add(40, 50, 12);
  assert.equal(standing.peakSecond(), 15);
  assert.deepEqual(
    [14, 15, 29, 30].map((second) => standing.isAt(1, second)),
    [false, true, true, false],
  );
});

test('the peak equals that of a look at each second, for totals of any size and sign', () => {
  const total = oneof(nat(9), integer({ min: -5, max: 5 }), bigInt({ min: -(2n ** 62n), max: 2n ** 62n }));
  const stretch = record({ from: nat(20), length: nat(9), total });
  check(
    property(array(stretch, { maxLength: 12 }), (stretches) => {
      const standing = new StandingTotals();
      for (const { from, length, total } of stretches) standing.add(from, from + length + 1, total);
      let best: { second: number; sum: bigint } | undefined;
      for (let second = 0; second < 40; second++) {
        const there = stretches.filter(({ from, length }) => from <= second && second < from + length + 1);
        const sum = there.reduce((all, one) => all + BigInt(one.total), 0n);
        if (there.length > 0 && (!best || sum > best.sum)) best = { second, sum };
      }
      assert.equal(standing.peakSecond(), best?.second);
    }),
    { numRuns: 300 },
  );
});
