import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ScaleFinder } from '../../../../src/store/sqlite/chunks/find-scales.ts';
import { sampledWorth, shareBelow, worthOf } from '../../../../src/store/sqlite/chunks/scales.ts';
import { sampledByGo } from '../../../support/store-drawn-chunks.ts';

/** Rows as `[stack, value of each type]`. */
function rowsOf(rows: readonly (readonly [number, ...number[]])[], rate?: number) {
  const types = (rows[0]?.length ?? 1) - 1;
  const values = Array.from({ length: types }, (_, type) => Float64Array.from(rows, (row) => row[type + 1] ?? 0));
  return {
    index: Int32Array.from(rows, ([stack]) => stack),
    rowCount: rows.length,
    stackCount: Math.max(...rows.map(([stack]) => stack)) + 1,
    values,
    most: values.map((column) => Math.max(...column)),
    rate,
    isIncrease: false,
  };
}

test('objects of one size are counts of that size, and what all have in common is counted once', () => {
  const rows = rowsOf([
    [0, 64, 1024],
    [1, 6, 288],
    [0, 192, 3072],
    [1, 0, 0],
    [1, 9, 432],
  ]);
  const [found] = new ScaleFinder().count([rows]);
  assert.ok(found);
  const worths = [...found.scaleOf].map((scale) => found.scales[scale]?.worth);
  assert.deepEqual(worths, [
    [64, 1024],
    [3, 144],
  ]);
  assert.deepEqual([...found.counts.subarray(0, 5)], [1, 2, 3, 0, 3]);
  assert.deepEqual(found.rests, [undefined, undefined]);
});

test('types that have nothing to do with each other are kept apart', () => {
  const rows = rowsOf([
    [0, 2, 1_000_003],
    [0, 5, 77],
    [1, 0, 9],
  ]);
  const [found] = new ScaleFinder().count([rows]);
  assert.deepEqual(found?.scales[0]?.worth, [1, 0]);
  assert.deepEqual([...(found?.counts.subarray(0, 3) ?? [])], [2, 5, 1]);
  assert.deepEqual([...(found?.rests[0] ?? [])], [0, 0, -1]);
  assert.deepEqual([...(found?.rests[1] ?? [])], [1_000_003, 77, 9]);
});

test('groups that agree have the same scales, also where a stack is only in one of them', () => {
  const alloc = rowsOf([
    [0, 1, 16],
    [2, 1, 48],
  ]);
  const inUse = {
    ...rowsOf([
      [1, 1, 32],
      [2, 5, 240],
    ]),
  };
  const [first, second] = new ScaleFinder().count([alloc, inUse]);
  assert.deepEqual(first?.scaleOf, second?.scaleOf);
  assert.deepEqual([...(first?.scaleOf ?? [])], [1, 2, 3]);
});

test('sizes of what Go sampled are found, and counts say how many samples there were', () => {
  const rate = 524_288;
  const sites = [16, 48, 1024, 9472, 500_000, 3_000_000];
  const rows = sites.flatMap((size, stack) =>
    [1, 2, 7].map((count): [number, number, number] => {
      const [objects, bytes] = sampledByGo(count, size, rate);
      return [stack, Number(objects), Number(bytes)];
    }),
  );
  const [found] = new ScaleFinder().count([rowsOf(rows, rate)]);
  assert.ok(found);
  assert.deepEqual(
    [...found.scaleOf].map((scale) => found.scales[scale]?.size),
    sites,
  );
  assert.deepEqual(
    [...found.counts.subarray(0, rows.length)],
    sites.flatMap(() => [1, 2, 7]),
  );
  assert.deepEqual(found.rests, [undefined, undefined]);
});

test('what a sample is worth is the same arithmetic everywhere, and what an exponential says', () => {
  for (const x of [1e-7, 1e-4, 0.01, 0.06, 0.07, 0.5, 1, 3, 20, 41]) {
    const error = shareBelow(x) / -Math.expm1(-x) - 1;
    assert.ok(Math.abs(error) < 1e-14, `${x}: ${error}`);
  }
  // Stored counts mean these numbers: they must never change.
  assert.deepEqual(sampledWorth(16, 524_288), [2_147_516_417, 34_360_262_659]);
  assert.deepEqual(sampledWorth(9472, 524_288), [3_660_373, 34_671_051_430]);
});

test('a count and its worth make a value that was cut', () => {
  assert.equal(worthOf(3, 7, 1), 21);
  assert.equal(worthOf(3, 2.5 * 65_536, 65_536), 7);
});
