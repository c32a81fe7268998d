import assert from 'node:assert/strict';
import { test } from 'node:test';
import { day, hour, minute, second } from '../../../src/model/units.ts';
import { alignLines, averageIn, stepAt, stepFor, withGaps } from '../../../src/ui/timeline/lines.ts';

test('steps are round, never shorter than scrapes are apart, and no two points share a pixel', () => {
  const stepOf = (lengthMs: number, width: number) => stepFor({ fromMs: 0, toMs: lengthMs }, width);
  assert.equal(stepOf(15 * minute, 1400), 15 * second);
  assert.equal(stepOf(hour, 1400), minute);
  assert.equal(stepOf(hour, 60), 2 * minute);
  for (const lengthMs of [hour, 6 * hour, day, 7 * day, 30 * day, 365 * day]) {
    for (const width of [300, 800, 1500, 3800]) {
      assert.ok(lengthMs / stepOf(lengthMs, width) <= width, `${lengthMs} on ${width}`);
    }
  }
});

test('a line ends where no point follows in time', () => {
  assert.deepEqual(
    withGaps(
      [
        [0, 1, 60],
        [60, 2, 60],
        [240, 3, 60],
      ],
      60,
    ),
    [
      [0, 1],
      [60, 2],
      [120, null],
      [240, 3],
      [300, 3],
      [301, null],
    ],
  );
});

test('lines are columns over the moments of all: a value holds until the next', () => {
  const columns = alignLines([
    {
      label: 'a',
      points: [
        [0, 1],
        [60, 2],
        [120, null],
      ],
    },
    {
      label: 'b',
      points: [
        [30, 5],
        [90, 6],
      ],
    },
  ]);
  assert.deepEqual(columns, {
    times: [0, 30, 60, 90, 120],
    values: [
      [1, 1, 2, 2, null],
      [null, 5, 5, 6, 6],
    ],
  });
});

test('the step that holds a moment is the last that began', () => {
  assert.deepEqual(
    [-1, 0, 59, 60, 1000].map((atMs) => stepAt([0, 60, 120], atMs)),
    [-1, 0, 0, 1, 2],
  );
});

test('averages leave out what was not measured', () => {
  const points = [
    [0, 2],
    [60, null],
    [120, 4],
    [180, 100],
  ] as const;
  assert.equal(averageIn(points, { fromMs: 0, toMs: 180 }), 3);
  assert.equal(averageIn(points, { fromMs: 60, toMs: 120 }), undefined);
});
