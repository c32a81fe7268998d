import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { largest } from '../../src/profile/largest.ts';

test('the largest are those that sorting them all puts first, ties as they are compared', () => {
  const drawn = fc.uniqueArray(fc.tuple(fc.nat(50), fc.nat(3)), { selector: ([id]) => id, maxLength: 20 });
  fc.assert(
    fc.property(drawn, fc.oneof(fc.nat(25), fc.constant(Infinity)), (pairs, limit) => {
      const ids = pairs.map(([id]) => id);
      const sizes = new Float64Array(51);
      for (const [id, size] of pairs) sizes[id] = size;
      const compare = (a: number, b: number): number => (sizes[b] ?? 0) - (sizes[a] ?? 0) || a - b;
      assert.deepEqual(largest(ids, sizes, limit, compare), ids.toSorted(compare).slice(0, limit));
    }),
  );
});
