import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { PairIds } from '../../../../src/store/sqlite/dictionary/pair-ids.ts';

const int32s = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));

test('pairs are numbered as they come, and found by their lowest number, however many there are', () => {
  const pairs = fc.array(fc.tuple(int32s, int32s), { maxLength: 3000, size: 'max' });
  const property = fc.property(pairs, (all) => {
    const ids = new PairIds();
    const firstAt = new Map<string, number>();
    for (const [at, [first, second]] of all.entries()) {
      assert.equal(ids.find(first, second), firstAt.get(`${first},${second}`) ?? -1);
      assert.equal(ids.push(first, second), at);
      if (!firstAt.has(`${first},${second}`)) firstAt.set(`${first},${second}`, at);
    }
    for (const [at, [first, second]] of all.entries()) {
      assert.deepEqual([ids.first(at), ids.second(at)], [first, second]);
      assert.equal(ids.find(first, second), firstAt.get(`${first},${second}`));
      assert.equal(ids.intern(first, second), firstAt.get(`${first},${second}`));
    }
    assert.equal(ids.size, all.length);
  });
  fc.assert(property, { numRuns: 30 });
});

test('a hundred thousand pairs take less than 20 bytes each', () => {
  const ids = new PairIds();
  for (let at = 0; at < 100_000; at++) assert.equal(ids.intern(at >> 3, at * 7), at);
  for (let at = 0; at < 100_000; at++) assert.equal(ids.find(at >> 3, at * 7), at);
  assert.equal(ids.find(1, -1), -1);
  assert.ok(ids.bytes < 20 * ids.size, `${ids.bytes} bytes`);
});
