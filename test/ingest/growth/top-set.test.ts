import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { largestScores, TopSet } from '../../../src/ingest/growth/top-set.ts';
import { hour, minute } from '../../../src/model/units.ts';

test('the largest scores are those that sorting finds', () => {
  const scores = fc.array(fc.integer({ min: -2, max: 9 }), { maxLength: 30 });
  fc.assert(
    fc.property(scores, fc.nat(6), fc.nat(3), (drawn, limit, from) => {
      const sorted = [...drawn.keys()]
        .filter((number) => number >= from && (drawn[number] ?? 0) > 0)
        .sort((a, b) => (drawn[b] ?? 0) - (drawn[a] ?? 0) || a - b);
      assert.deepEqual(largestScores(drawn, limit, from), sorted.slice(0, limit));
    }),
  );
});

test('one that is in stays an hour, however small it gets, and goes when it is not among the largest then', () => {
  const set = new TopSet(2, hour);
  set.update([0, 0, 5, 4, 0], 2, 0);
  assert.deepEqual([...set.numbers()], [2, 3]);
  set.update([0, 0, 1, 0, 9], 2, 59 * minute);
  assert.deepEqual([...set.numbers()], [2, 3], 'there is no room before');
  set.update([0, 0, 1, 0, 9], 2, 60 * minute);
  assert.deepEqual([...set.numbers()], [2, 4], '2 is still one of the two largest');
  set.update([0, 0, 0, 7, 9], 2, 61 * minute);
  assert.deepEqual([...set.numbers()], [4, 3]);
});

test('there are never more than fit, and none leaves before its time', () => {
  const step = fc.tuple(fc.array(fc.nat(9), { minLength: 8, maxLength: 8 }), fc.nat(40));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const set = new TopSet(3, hour);
      const since = new Map<number, number>();
      let nowMs = 0;
      for (const [scores, minutes] of steps) {
        nowMs += minutes * minute;
        set.update(scores, 0, nowMs);
        const members = [...set.numbers()];
        assert.ok(members.length <= 3);
        for (const [number, sinceMs] of since) {
          if (members.includes(number)) continue;
          assert.ok(nowMs - sinceMs >= hour);
          since.delete(number);
        }
        for (const number of members) if (!since.has(number)) since.set(number, nowMs);
      }
    }),
  );
});
