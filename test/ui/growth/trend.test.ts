import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawnWindow, podLines, stepOf, topValue, trendOf } from '../../../src/ui/growth/trend.ts';
import { signalEntry } from './judged.ts';

const hour = 3_600_000;
const mebi = 2 ** 20;

/** Pod `a` holds 5 MiB; pod `b` rises by 36 MiB an hour from 10 MiB at hour 10, with one wild value. */
const series = [
  { labels: { pod: 'b' }, points: [10, 11, 12, 13, 14].map((at) => [at * hour, (10 + 36 * (at - 10)) * mebi, 1]) },
  { labels: { pod: 'a' }, points: [10, 11, 12, 13, 14].map((at) => [at * hour, 5 * mebi, 1]) },
];
const wild = series.map(({ labels, points }) => ({
  labels,
  points: points.map(([tMs = 0, value = 0]) => [tMs, tMs === 13 * hour ? 900 * mebi : value, 1]),
}));

test('pods that grow are drawn over the others', () => {
  assert.deepEqual(
    podLines(series, ['b']).map(({ pod, grows }) => [pod, grows]),
    [
      ['a', false],
      ['b', true],
    ],
  );
});

test('the slope lies over the level of the pod that grows, and its interval opens from the middle', () => {
  const trend = trendOf(podLines(series, ['b']), signalEntry(), 14 * hour);
  const [from, to] = trend?.ends ?? assert.fail();
  const inMebi = ({ tMs, value, low, high }: typeof from) =>
    [tMs / hour, value / mebi, low / mebi, high / mebi].map(Math.round);
  assert.deepEqual(inMebi(from), [10, 10, -26, 46]);
  assert.deepEqual(inMebi(to), [14, 154, 118, 190]);
});

test('one wild value does not move the line', () => {
  const trend = trendOf(podLines(wild, ['b']), signalEntry(), 14 * hour);
  assert.equal(Math.round((trend?.ends[0].value ?? 0) / mebi), 10);
});

test('where no pod is named the one that rose most is taken', () => {
  const trend = trendOf(podLines(series, []), signalEntry({ pods: [] }), 14 * hour);
  assert.equal(Math.round((trend?.ends[1].value ?? 0) / mebi), 154);
});

test('there is no line without a slope, without a beginning, without points, and for a step', () => {
  const lines = podLines(series, ['b']);
  const end = 14 * hour;
  assert.equal(trendOf(lines, signalEntry({ perSecond: null }), end), undefined);
  assert.equal(trendOf(lines, signalEntry({ startMs: null }), end), undefined);
  assert.equal(trendOf(lines, signalEntry({ signal: 'allocations' }), end), undefined);
  assert.equal(trendOf(podLines([], []), signalEntry(), end), undefined);
});

test('all that is drawn lies below the upper edge', () => {
  const lines = podLines(series, ['b']);
  const trend = trendOf(lines, signalEntry(), 14 * hour);
  assert.equal(Math.round(topValue(lines, trend, null) / mebi), 190);
  assert.equal(topValue(lines, undefined, 999 * mebi), 999 * mebi);
  assert.equal(topValue([], undefined, null), 0);
});

test('some time before the growth is drawn, in buckets where those are neither too few nor too many', () => {
  assert.deepEqual(drawnWindow(10 * hour, 14 * hour), { fromMs: 9 * hour, toMs: 14 * hour });
  assert.deepEqual(drawnWindow(null, 14 * hour), { fromMs: 8 * hour, toMs: 14 * hour });
  assert.equal(stepOf({ fromMs: 0, toMs: 6 * hour }), '10m');
  assert.equal(stepOf({ fromMs: 0, toMs: hour }), undefined);
  assert.equal(stepOf({ fromMs: 0, toMs: 300 * hour }), undefined);
});
