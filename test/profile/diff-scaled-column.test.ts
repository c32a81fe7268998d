import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { changeOf, jsonChange } from '../../src/profile/diff-scale.ts';
import { scaledColumn, shareRatio } from '../../src/profile/diff-scaled-column.ts';
import type { ValueColumn } from '../../src/profile/profile.ts';
import { profileFromText } from '../support/profile-from-text.ts';

const check = (): void => {};
const columns = fc.oneof(
  fc.array(fc.integer({ min: -1000, max: 1000 })).map((values) => Float64Array.from(values)),
  fc
    .array(fc.bigInt({ min: -(2n ** 55n), max: 2n ** 55n }), { maxLength: 20 })
    .map((values) => BigInt64Array.from(values)),
);

test('a scaled column is right to 1 in each row, and in its sum to the nearest whole number', () => {
  const property = fc.property(columns, fc.bigInt(0n, 100n), fc.bigInt(1n, 100n), (column, times, over) => {
    const exact = bigintsOf(column).map((value) => value * times);
    const found = bigintsOf(scaledColumn(column, { times, over }, check));
    for (const [row, value] of found.entries()) {
      const off = value * over - (exact[row] ?? 0n);
      assert.ok(off < over && off > -over, `row ${row}`);
    }
    const sumOf = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n);
    const off = 2n * (sumOf(found) * over - sumOf(exact));
    assert.ok(off <= over && off >= -over, 'the sum');
  });
  fc.assert(property);
});

test('a column that is not scaled is itself, and one that would pass int64 is refused', () => {
  const column = Float64Array.of(1, 2);
  assert.equal(scaledColumn(column, { times: 3n, over: 3n }, check), column);
  const large = BigInt64Array.of(2n ** 62n);
  assert.throws(() => scaledColumn(large, { times: 2n, over: 1n }, check), { code: 'bad_profile' });
});

test('changes are exact where nothing is divided, whatever the size, and otherwise without digits that rounding made', () => {
  const raw = { compare: 1, base: 1 };
  const large = 2n ** 60n;
  assert.equal(jsonChange(changeOf(large + 1n, large, raw)), '1');
  assert.equal(jsonChange(changeOf(large, 5, raw)), String(large - 5n));
  assert.equal(jsonChange(changeOf(2 ** 53 - 1, -(2 ** 53 - 1), raw)), String(2n ** 54n - 2n));
  assert.equal(jsonChange(changeOf(3, 1, { compare: 10, base: 5 })), '0.1');
  assert.equal(jsonChange(changeOf(3, 1, { compare: 10, base: 0 })), '0.3', 'nothing on a side is 0');
});

function bigintsOf(column: ValueColumn): bigint[] {
  return column instanceof Float64Array ? Array.from(column, BigInt) : [...column];
}

test('by shares the compared side has the total of the base; one that adds up to nothing counts as nothing', () => {
  const profile = (rows: string) => profileFromText(rows);
  const base = profile('main;a 30\nmain;b 70');
  assert.deepEqual(shareRatio(profile('main;a 1\nmain;b 4'), base, 0), { times: 100n, over: 5n });
  assert.deepEqual(shareRatio(profile('main;a 5\nmain;b -5'), base, 0), { times: 0n, over: 1n });
  assert.deepEqual(shareRatio(base, profile('main;a 5\nmain;b -5'), 0), { times: 0n, over: 100n });
});
