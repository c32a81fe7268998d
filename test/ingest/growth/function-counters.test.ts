import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { FunctionCounters } from '../../../src/ingest/growth/function-counters.ts';
import { hour, minute, second } from '../../../src/model/units.ts';

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

test('no counter falls but by going away, and what is told adds up to all increases', () => {
  const increase = fc.oneof(fc.integer({ min: -3, max: 50 }), fc.double({ min: 0, max: 9, noNaN: true }));
  const step = fc.record({
    increases: fc.array(increase, { minLength: 7, maxLength: 7 }),
    minutes: fc.nat(50),
    share: fc.constantFrom(1, 0.25, 6),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.nat(4), (steps, limit) => {
      const counters = new FunctionCounters(limit);
      let [nowMs, all, other] = [0, 0, 0];
      const told = new Map<number, number>();
      let gone = 0;
      for (const { increases, minutes, share } of steps) {
        nowMs += minutes * minute;
        const numbers = Int32Array.from(increases, (_, at) => at + 1);
        counters.add(numbers, Float64Array.from(increases), share, 9, nowMs);
        for (const one of increases) all += share * Math.max(0, one);
        for (const [number, before] of told) {
          const now = counters.totals().get(number);
          if (now === undefined) gone += before;
          else assert.ok(now >= before);
        }
        told.clear();
        for (const [number, total] of counters.totals()) told.set(number, total);
        assert.ok(told.size <= limit && !told.has(1), '(other) is none of them');
        assert.ok(counters.other >= other);
        other = counters.other;
        const sum = other + gone + [...told.values()].reduce((a, b) => a + b, 0);
        for (const found of [counters.total, sum]) assert.ok(Math.abs(found - all) <= 1e-9 * (1 + all));
      }
    }),
  );
});

test('a function whose hour is over makes room, and begins at 0 when it comes again', () => {
  const counters = new FunctionCounters(1);
  const add = (number: number, increase: number, nowMs: number) =>
    counters.add(Int32Array.of(number), Float64Array.of(increase), 1, 5, nowMs);
  add(query, 10, 0);
  add(render, 1000, hour - 1);
  assert.deepEqual([[...counters.totals()], counters.other], [[[query, 10]], 1000]);
  add(render, 5, hour + minute);
  assert.deepEqual([[...counters.totals()], counters.other], [[[render, 5]], 1000]);
  add(query, 1e6, 2 * hour + 2 * minute);
  assert.deepEqual([...counters.totals()], [[query, 1e6]]);
});
