import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { KnownStacks } from '../../src/ingest/known-stacks.ts';
import { PairTable } from '../../src/ingest/pair-table.ts';

/** Few values, so that pairs come again and share halves. */
const half = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
const pairs = fc.array(fc.tuple(half, half), { maxLength: 200 });

test('a table holds what a Map of the pairs would, while it grows and after it is emptied', () => {
  fc.assert(
    fc.property(pairs, (keys) => {
      const table = new PairTable();
      for (const _ of [0, 1]) {
        const model = new Map<string, number>();
        for (const [value, [a, b]] of keys.entries()) {
          table.reserve(1);
          const at = table.place(a, b);
          const known = model.get(`${a},${b}`);
          assert.deepEqual([...table.slots.subarray(at + 2, at + 4)], known === undefined ? [0, 0] : [known, 1]);
          if (known !== undefined) continue;
          table.put(at, a, b, value, 1);
          model.set(`${a},${b}`, value);
        }
        assert.equal(table.size, model.size);
        for (const [a, b] of keys) assert.equal(table.slots[table.place(a, b) + 2], model.get(`${a},${b}`));
        table.reset();
      }
    }),
  );
});

test('rows are counted anew in each profile; what was described stays so', () => {
  fc.assert(
    fc.property(fc.array(pairs, { maxLength: 6 }), (profiles) => {
      const stacks = new KnownStacks();
      const described = new Set<string>();
      for (const profile of profiles) {
        stacks.begin(profile.length);
        const rows = new Map<string, number>();
        const slots = profile.map(([a, b]) => {
          const row = stacks.rowFor(a, b, rows.size);
          assert.equal(row, rows.get(`${a},${b}`) ?? rows.size);
          rows.set(`${a},${b}`, row);
          return stacks.at;
        });
        for (const [index, [a, b]] of profile.entries()) {
          const at = slots[index] ?? 0;
          assert.equal(stacks.isDescribed(at), described.has(`${a},${b}`));
          assert.equal(stacks.rowOf(a, b), rows.get(`${a},${b}`));
          if (index % 2 === 1) continue;
          stacks.setDescribed(at);
          described.add(`${a},${b}`);
        }
        for (const [a, b] of profiles.flat()) assert.equal(stacks.rowOf(a, b), rows.get(`${a},${b}`) ?? -1);
      }
    }),
  );
});
