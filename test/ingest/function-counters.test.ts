import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FunctionCounters } from '../../src/ingest/growth/function-counters.ts';
import { minute, second } from '../../src/model/units.ts';

const [query, render, log] = [2, 3, 4];

test('the first increase of a function is told as its own as long as there is room, however soon after another one it comes', () => {
  const counters = new FunctionCounters(2);
  const add = (increases: Readonly<Record<number, number>>, nowMs: number) =>
    counters.add(
      Int32Array.from(Object.keys(increases), Number),
      Float64Array.from(Object.values(increases)),
      1,
      5,
      nowMs,
    );
  // What only set a base.
  add({ [query]: 0, [render]: 0 }, 0);
  assert.deepEqual([...counters.totals()], []);
  add({ [query]: 10, [render]: 0 }, second);
  assert.deepEqual([...counters.totals()], [[query, 10]]);
  add({ [query]: 5, [render]: 7 }, 2 * second);
  assert.deepEqual(
    [...counters.totals()],
    [
      [query, 15],
      [render, 7],
    ],
  );
  assert.equal(counters.other, 0);

  // There is no more room, and those told of stay.
  add({ [query]: 1, [log]: 1000 }, 2 * minute);
  assert.equal(counters.other, 1000);
  assert.deepEqual([counters.totals().get(query), counters.totals().has(log)], [16, false]);
  assert.equal(counters.total, 15 + 7 + 1 + 1000);
});
