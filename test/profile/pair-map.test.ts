import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { PairMap } from '../../src/profile/pair-map.ts';

const half = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

test('it holds what a Map of the pairs holds, before and after it is emptied', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(half, half, fc.nat({ max: 2 ** 31 - 2 })), { maxLength: 300 }),
      fc.nat({ max: 500 }),
      (pairs, expected) => {
        const map = new PairMap();
        for (const round of [0, 1]) {
          map.reset(round === 0 ? 0 : expected);
          const model = new Map<string, number>();
          for (const [a, b, value] of pairs) {
            map.set(a, b, value);
            model.set(`${a},${b}`, value);
          }
          assert.equal(map.size, model.size);
          for (const [a, b] of pairs) assert.equal(map.get(a, b), model.get(`${a},${b}`));
          assert.equal(map.get(1, 2), model.get('1,2') ?? -1);
        }
      },
    ),
  );
});
