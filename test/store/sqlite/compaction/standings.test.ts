import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hoursAfter, standingsOf, withinHour } from '../../../../src/store/sqlite/compaction/standings.ts';

const minute = 60_000;
/** Hour 100 after the Unix epoch: seconds from 360000. */
const hour = 100;
const start = 360_000;
const taken = (minutes: number, intervalMinutes = 1) => ({
  stampMs: start * 1000 + minutes * minute,
  intervalMs: intervalMinutes * minute,
});
const drawn = (ranges: readonly { from: number; to: number }[]) =>
  ranges.map(({ from, to }) => `${from - start}-${to - start}`);

test('each profile stands until the next one, the last one until the next wherever that is', () => {
  const profiles = [taken(57), taken(58), taken(59)];
  assert.deepEqual(drawn(standingsOf(profiles, undefined, undefined)), ['3420-3480', '3480-3540', '3540-3600']);
  assert.deepEqual(drawn(standingsOf(profiles, taken(60.5).stampMs, undefined)), [
    '3420-3480',
    '3480-3540',
    '3540-3630',
  ]);
  assert.deepEqual(drawn(standingsOf(profiles, taken(300).stampMs, undefined)).at(-1), '3540-3690', '2.5 intervals');
  assert.deepEqual(drawn(standingsOf(profiles, undefined, taken(58.5).stampMs)), [
    '3420-3480',
    '3480-3510',
    '3540-3540',
  ]);
});

test('what stands beyond the hour falls on the hours after it, each with its part', () => {
  const of = (from: number, to: number) =>
    hoursAfter({ from: start + from, to: start + to }, hour).map(({ hour: later, range }) => [
      later - hour,
      ...drawn([range]),
    ]);
  assert.deepEqual(of(3540, 3600), []);
  assert.deepEqual(of(3540, 3540), []);
  assert.deepEqual(of(3540, 3601), [[1, '3600-3601']]);
  assert.deepEqual(of(3540, 7200), [[1, '3600-7200']]);
  assert.deepEqual(of(1800, 12_000), [
    [1, '3600-7200'],
    [2, '7200-10800'],
    [3, '10800-12000'],
  ]);
});

test('what of a range is in an hour may be nothing', () => {
  const range = { from: start + 3540, to: start + 3660 };
  assert.deepEqual(drawn([withinHour(range, hour)]), ['3540-3600']);
  assert.deepEqual(drawn([withinHour(range, hour + 1)]), ['3600-3660']);
  assert.equal(withinHour(range, hour + 2).to - withinHour(range, hour + 2).from, 0);
});
