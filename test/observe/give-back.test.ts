import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { getHeapStatistics } from 'node:v8';
import { type GiveBackOptions, keepHeapSmall } from '../../src/observe/give-back.ts';

const burst = 64 * 1024 ** 2;

/** On a clock of its own; `looks` goes on to the next look so many times. */
function start(t: TestContext, options: GiveBackOptions): (looks: number) => void {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  t.after(keepHeapSmall({ firstMs: 1, everyMs: 1, ...options }));
  return (looks) => {
    for (let look = 0; look < looks; look++) t.mock.timers.tick(1);
  };
}

/** As much garbage as the pages of a burst, old enough to have left the nursery. */
function makeGarbage(): void {
  let held: object[] = [];
  for (let bytes = 0; bytes < burst; bytes += 32) held.push({ bytes, twice: 2 * bytes });
  assert.ok(held.length > 0);
  held = [];
}

test('the pages of a burst are given back', (t) => {
  const look = start(t, { worthBytes: burst / 4 });
  look(1);
  makeGarbage();
  const { total_physical_size: before } = getHeapStatistics();
  look(1);
  assert.ok(getHeapStatistics().total_physical_size < before - burst / 2);
});

test('nothing is collected where little was allocated since', (t) => {
  let collections = 0;
  const look = start(t, { worthBytes: burst, collect: () => collections++ });
  look(1);
  const begun = collections;
  look(50);
  assert.equal(collections, begun);
});
