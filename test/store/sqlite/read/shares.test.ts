import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { sharesOf } from '../../../../src/store/sqlite/read/shares.ts';

function added(values: readonly bigint[]): bigint {
  return values.reduce((sum, value) => sum + value, 0n);
}

function columnOf(shares: readonly (readonly bigint[])[], at: number): bigint[] {
  return shares.map((own) => own[at] ?? 0n);
}

test('a sum is shared out by wholes, and what does not divide goes to the largest remainders', () => {
  assert.deepEqual(sharesOf([31n], [30n, 10n]), [[23n], [8n]]);
  assert.deepEqual(sharesOf([1n, 1n, 1n], [1n, 1n, 1n]).map(added), [1n, 1n, 1n]);
  assert.deepEqual(sharesOf([7n], [0n, 9n, 0n]), [[0n], [7n], [0n]]);
  assert.deepEqual(sharesOf([], [5n]), [[]]);
  assert.deepEqual(sharesOf([5n], []), []);
  assert.deepEqual(sharesOf([0n], [0n, 0n]), [[0n], [0n]]);
});

/** What several takers have of several groups that have nothing in common, and of nothing that is asked for. */
const tables = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.constantFrom(4n, 1000n, 2n ** 80n))
  .chain(([takers, groups, most]) =>
    fc.array(fc.array(fc.bigInt(0n, most), { minLength: groups + 1, maxLength: groups + 1 }), {
      minLength: takers,
      maxLength: takers,
    }),
  );

test('shares add up to each sum, to no more than each whole, and are as large as they should be', () => {
  fc.assert(
    fc.property(tables, (table) => {
      const groups = (table[0]?.length ?? 1) - 1;
      const sums = Array.from({ length: groups }, (_, at) => added(columnOf(table, at)));
      const wholes = table.map(added);
      const shares = sharesOf(sums, wholes);
      assert.deepEqual(
        sums.map((_, at) => added(columnOf(shares, at))),
        sums,
      );
      const whole = added(wholes);
      for (const [taker, own] of shares.entries()) {
        assert.ok(added(own) <= (wholes[taker] ?? 0n));
        for (const [at, share] of own.entries()) {
          assert.ok(share >= 0n);
          const exact = (sums[at] ?? 0n) * (wholes[taker] ?? 0n);
          const off = share * whole - exact;
          assert.ok((off < 0n ? -off : off) <= BigInt(table.length) * whole, 'off by a unit for each taker at most');
        }
      }
    }),
  );
});

test('where the sums are all there is, the shares of a taker are all of its whole', () => {
  fc.assert(
    fc.property(tables, (table) => {
      const sums = (table[0] ?? []).map((_, at) => added(columnOf(table, at)));
      const wholes = table.map(added);
      assert.deepEqual(sharesOf(sums, wholes).map(added), wholes);
    }),
  );
});

test('sums still add up where something is negative', () => {
  const signed = fc.bigInt(-(2n ** 60n), 2n ** 60n);
  fc.assert(
    fc.property(
      fc.array(signed, { maxLength: 4 }),
      fc.array(signed, { minLength: 1, maxLength: 4 }),
      (sums, wholes) => {
        const shares = sharesOf(sums, wholes);
        assert.deepEqual(
          sums.map((_, at) => added(columnOf(shares, at))),
          sums,
        );
      },
    ),
  );
});
