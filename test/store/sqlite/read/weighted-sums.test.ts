import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, bigInt, constantFrom, assert as fcAssert, nat, oneof, property, record, uniqueArray } from 'fast-check';
import { WeightedSums } from '../../../../src/store/sqlite/read/weighted-sums.ts';

const mostSafe = Number.MAX_SAFE_INTEGER;

test('sums are exact and grow to the largest id, whatever the sizes, signs and weights', () => {
  const plain = oneof(nat(9), nat(2 ** 31 - 1), constantFrom(0, 2 ** 32, 2 ** 45 + 1, mostSafe - 1, mostSafe, 2 ** 53));
  const signed = oneof(bigInt({ min: -9n, max: 9n }), bigInt({ min: -(2n ** 80n), max: 2n ** 80n }));
  const weight = oneof(constantFrom(1), nat(90), constantFrom(86_400, 2 ** 20, 2 ** 31));
  const addition = record({
    ids: uniqueArray(nat(12), { maxLength: 9 }),
    plain: array(plain),
    signed: array(signed),
    weight,
  });
  fcAssert(
    property(array(addition, { maxLength: 8 }), nat(12), (additions, size) => {
      const sums = new WeightedSums(size);
      const expected = new Map<number, bigint>();
      for (const { ids, plain, signed, weight } of additions) {
        const rising = Int32Array.from(ids.toSorted((a, b) => a - b));
        const isPlain = signed.length % 3 > 0;
        const values = [...rising.keys()].map((at) => (isPlain ? BigInt(plain[at] ?? 0) : (signed[at] ?? 0n)));
        const total = values.reduce((sum, value) => sum + value, 0n);
        if (isPlain) sums.addPlain(rising, Float64Array.from(values, Number), rising.length, weight, Number(total));
        else sums.addSigned(rising, values, rising.length, weight);
        rising.forEach((id, at) => {
          expected.set(id, (expected.get(id) ?? 0n) + (values[at] ?? 0n) * BigInt(weight));
        });
      }
      for (let id = 0; id < 15; id++) {
        const value = expected.get(id) ?? 0n;
        const found = sums.at(id);
        assert.equal(BigInt(found), value, `stack ${id}`);
        assert.equal(sums.isZero(id), value === 0n);
        if (typeof found === 'number') assert.ok(found <= mostSafe);
        if (value !== 0n) assert.ok(id < sums.size);
      }
    }),
    { numRuns: 500 },
  );
});

test('a sum that passes 2^53 by many small additions stays exact, those beside it stay plain numbers', () => {
  const sums = new WeightedSums(0);
  const ids = Int32Array.of(3, 7);
  for (let i = 0; i < 1000; i++) sums.addPlain(ids, Float64Array.of(2 ** 50 + 1, 1), 2, 1, 2 ** 50 + 2);
  assert.equal(sums.at(3), 1000n * (2n ** 50n + 1n));
  assert.equal(sums.at(7), 1000);
  assert.equal(sums.at(5), 0);
});

test('what is taken off leaves exactly the rest, whatever the sizes and signs', () => {
  const plain = oneof(nat(9), constantFrom(0, 2 ** 45 + 1, mostSafe));
  const signed = bigInt({ min: -(2n ** 70n), max: 2n ** 70n });
  const stack = record({ plain, weight: constantFrom(1, 3600), less: nat(3600), signed, isSigned: nat(9) });
  fcAssert(
    property(array(stack, { maxLength: 9 }), (stacks) => {
      const [sums, part] = [new WeightedSums(0), new WeightedSums(0)];
      stacks.forEach(({ plain, weight, less, signed, isSigned }, id) => {
        const ids = Int32Array.of(id);
        if (isSigned === 0) sums.addSigned(ids, [signed], 1, weight);
        sums.addPlain(ids, Float64Array.of(plain), 1, weight, plain);
        part.addPlain(ids, Float64Array.of(plain), 1, Math.min(less, weight), plain);
        if (isSigned === 0) part.addSigned(ids, [signed], 1, 1);
      });
      sums.subtract(part);
      stacks.forEach(({ plain, weight, less, signed, isSigned }, id) => {
        const rest = isSigned === 0 ? signed * BigInt(weight - 1) : 0n;
        const left = BigInt(plain) * BigInt(weight - Math.min(less, weight)) + rest;
        assert.equal(BigInt(sums.at(id)), left);
        assert.equal(sums.isZero(id), left === 0n);
      });
    }),
    { numRuns: 300 },
  );
});
