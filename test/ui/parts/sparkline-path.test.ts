import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastOf, type SparkPoint, sparkPaths } from '../../../src/ui/parts/sparkline-path.ts';

const window = { fromMs: 0, toMs: 100 };

test('a line runs over the window from 0 at the bottom to its largest value', () => {
  const points: SparkPoint[] = [
    [0, 0],
    [50, 10],
    [100, 5],
  ];
  assert.deepEqual(sparkPaths(points, window), {
    line: 'M0,29L50,1L100,15',
    area: 'M0,30L0,29L50,1L100,15V30Z',
  });
});

test('nothing is drawn over what is missing, and a point alone is a dot', () => {
  const known: SparkPoint[] = [0, 10, 20, 70, 80].map((tMs) => [tMs, 10]);
  assert.equal(sparkPaths(known, window).line, 'M0,1L10,1L20,1M70,1L80,1');
  const alone: SparkPoint[] = [
    [0, 10],
    [10, null],
    [20, 10],
  ];
  assert.deepEqual(sparkPaths(alone, window), { line: 'M0,1h0M20,1h0', area: '' });
});

test('what is always 0 is a line at the bottom, and what is not known is no line', () => {
  const nothing: SparkPoint[] = [
    [0, 0],
    [100, 0],
  ];
  assert.equal(sparkPaths(nothing, window).line, 'M0,29L100,29');
  assert.deepEqual(sparkPaths([], window), { line: '', area: '' });
});

test('the newest known value is the last one that is not missing', () => {
  assert.equal(
    lastOf([
      [0, 1],
      [1, 2],
      [2, null],
    ]),
    2,
  );
  assert.equal(lastOf([[0, null]]), undefined);
});
