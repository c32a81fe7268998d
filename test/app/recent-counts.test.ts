import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentCounts } from '../../src/app/recent-counts.ts';
import { minute, second } from '../../src/model/units.ts';

const counts = (stored: number, dropped = 0) => ({ stored, refused: 0, dropped });

test('what was counted between readings is told by the minute that they lie in', () => {
  const recent = new RecentCounts();
  recent.read(counts(100), 10 * minute);
  recent.read(counts(104), 10 * minute + 15 * second);
  recent.read(counts(110, 1), 11 * minute);
  recent.read(counts(113, 1), 11 * minute + 15 * second);
  assert.deepEqual(recent.byMinute(), {
    stepMs: minute,
    time: [10 * minute, 11 * minute],
    stored: [10, 3],
    refused: [0, 0],
    dropped: [1, 0],
  });
});

test('a minute is told for a quarter of an hour', () => {
  const recent = new RecentCounts();
  for (let at = 0; at <= 40; at++) recent.read(counts(at), at * minute);
  const { time, stored } = recent.byMinute();
  assert.deepEqual([time.length, time[0], time.at(-1)], [15, 25 * minute, 39 * minute]);
  assert.ok(stored.every((count) => count === 1));
});

test('counters that began anew, and clocks that were set back, are no minus', () => {
  const recent = new RecentCounts();
  recent.read(counts(50), 5 * minute);
  recent.read(counts(2), 6 * minute);
  recent.read(counts(4), 4 * minute);
  recent.read(counts(9), 5 * minute);
  assert.deepEqual(recent.byMinute().stored, [5]);
});
