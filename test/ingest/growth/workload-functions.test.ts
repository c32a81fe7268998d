import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { FunctionNames, ownerFunction } from '../../../src/ingest/growth/function-names.ts';
import { otherNumber, WorkloadFunctions } from '../../../src/ingest/growth/workload-functions.ts';

const of = (number: number) => ownerFunction(`shop.f${number}`, 'shop');

test('functions keep their numbers until these are given anew; then those in use keep their places and the others go', () => {
  const step = fc.oneof(fc.nat(30), fc.array(fc.nat(30), { maxLength: 10 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const names = new FunctionNames();
      const functions = new WorkloadFunctions(names, 12);
      let known = new Map<number, number>();
      for (const one of steps) {
        if (typeof one === 'number') {
          const number = functions.numberOf(of(one));
          if (number === otherNumber) {
            assert.ok(functions.isFull && !known.has(one) && known.size === 11);
            continue;
          }
          assert.equal(known.get(one) ?? number, number);
          known.set(one, number);
          assert.equal(functions.at(number).name, of(one).name);
          continue;
        }
        const { generation } = functions;
        const used = new Set(one.map((wanted) => known.get(wanted)));
        const numbers = functions.compact((number) => used.has(number));
        assert.notEqual(functions.generation, generation);
        known = new Map(
          [...known]
            .filter(([, number]) => used.has(number))
            .map(([name, number]) => [name, numbers[number] ?? otherNumber] as const),
        );
        assert.ok(!functions.isFull);
      }
      assert.equal(new Set(known.values()).size, known.size);
      assert.equal(names.size, known.size);
      functions.release();
      assert.equal(names.size, 0);
    }),
  );
});

test('workloads that have the same function share its name', () => {
  const names = new FunctionNames();
  const [cart, pay] = [new WorkloadFunctions(names, 10), new WorkloadFunctions(names, 10)];
  assert.equal(cart.at(cart.numberOf(of(1))), pay.at(pay.numberOf(of(1))));
  cart.release();
  assert.equal(names.size, 1);
  assert.equal(pay.at(2).name, 'shop.f1');
});

test('names over all workloads are bounded, and there is room again when some are let go of', () => {
  const names = new FunctionNames(3);
  const [cart, pay] = [new WorkloadFunctions(names, 10), new WorkloadFunctions(names, 10)];
  for (const each of [1, 2, 3]) cart.numberOf(of(each));
  assert.equal(pay.numberOf(of(4)), otherNumber);
  assert.equal(pay.isFull, true);
  assert.notEqual(pay.numberOf(of(3)), otherNumber, 'a name that is there takes no room');
  assert.equal(names.size, 3);
  cart.release();
  assert.notEqual(pay.numberOf(of(4)), otherNumber);
  assert.equal(names.size, 2);
});
