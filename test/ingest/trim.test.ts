import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { keepLargest, keptColumn } from '../../src/ingest/trim.ts';
import { valueAt } from '../../src/ingest/value-columns.ts';

const all = (): boolean => true;

test('rows without any value go, and count as nothing', () => {
  const kept = keepLargest(3, [Float64Array.of(0, 2, 0), Float64Array.of(0, 0, 5)], all, 10);
  assert.deepEqual([...kept.rows], [1, 2]);
  assert.equal(kept.trimmed, 0);
});

test('over the cap the largest stay, by their greatest share of any type', () => {
  const bytes = Float64Array.of(900, 50, 30, 20);
  const count = Float64Array.of(1, 1, 1, 97);
  const kept = keepLargest(4, [bytes, count], all, 2);
  assert.deepEqual([...kept.rows], [0, 3]);
  assert.deepEqual(kept.folded, [80n, 2n]);
  assert.equal(kept.trimmed, 2);
});

test('what is not admitted folds however large it is', () => {
  const kept = keepLargest(2, [Float64Array.of(900, 1)], (row) => row !== 0, 10);
  assert.deepEqual([...keptColumn(Float64Array.of(900, 1), kept, 0, 1)], [1, 900]);
});

test('no total changes, whatever is folded', () => {
  const value = fc.bigInt({ min: -(2n ** 40n), max: 2n ** 62n });
  fc.assert(
    fc.property(fc.array(value, { maxLength: 40 }), fc.integer({ min: 1, max: 20 }), (values, cap) => {
      const column = BigInt64Array.from(values);
      const kept = keepLargest(values.length, [column], (row) => row % 7 !== 3, cap);
      const stored = keptColumn(column, kept, 0, kept.rows.length);
      let sum = 0n;
      for (let row = 0; row < stored.length; row++) sum += valueAt(stored, row);
      const expected = values.reduce((total, value) => total + value, 0n);
      assert.equal(BigInt.asIntN(64, sum), BigInt.asIntN(64, expected));
      assert.ok(stored.length <= cap + 1);
    }),
  );
});
