import assert from 'node:assert/strict';
import { test } from 'node:test';
import { day, hour, minute, second } from '../../../src/model/units.ts';
import {
  agoText,
  durationText,
  inputText,
  isoText,
  momentText,
  readInput,
  readWindow,
  windowText,
} from '../../../src/ui/format/time.ts';

// Local times: the zone is the machine's, whatever it is.
const local = (text: string): number => new Date(text).getTime();
const nowMs = local('2026-11-23T13:00:00');

test('a moment of today is a clock, one of another day has its date, one of another year its year', () => {
  assert.equal(momentText(local('2026-11-23T12:31:05'), { nowMs }), '12:31');
  assert.equal(momentText(local('2026-11-23T12:31:05'), { nowMs, seconds: true }), '12:31:05');
  assert.equal(momentText(local('2026-11-22T09:05:00'), { nowMs }), '22 Nov, 09:05');
  assert.equal(momentText(local('2025-11-22T09:05:00'), { nowMs }), '22 Nov 2025, 09:05');
});

test('a window says its day once, and shows seconds where it is short', () => {
  assert.equal(
    windowText({ fromMs: local('2026-11-23T12:01:00'), toMs: local('2026-11-23T12:31:00') }, nowMs),
    '12:01–12:31',
  );
  assert.equal(
    windowText({ fromMs: local('2026-11-22T12:01:00'), toMs: local('2026-11-22T12:31:00') }, nowMs),
    '22 Nov, 12:01–12:31',
  );
  assert.equal(
    windowText({ fromMs: local('2026-11-22T23:30:00'), toMs: local('2026-11-23T00:30:00') }, nowMs),
    '22 Nov, 23:30 – 23 Nov, 00:30',
  );
  assert.equal(
    windowText({ fromMs: local('2026-11-23T12:01:10'), toMs: local('2026-11-23T12:01:40') }, nowMs),
    '12:01:10–12:01:40',
  );
});

test('durations have their two largest units', () => {
  const texts = [0, 320, 45 * second, 30 * minute, hour + 5 * minute, 3 * day + 2 * hour + minute, hour - 1, day];
  assert.deepEqual(texts.map(durationText), ['0 ms', '320 ms', '45 s', '30 min', '1 h 5 min', '3 d 2 h', '1 h', '1 d']);
});

test('how long ago is told in one unit, and the future is told apart', () => {
  assert.deepEqual(
    [0, 12 * second, 3 * hour + 59 * minute, -20 * second].map((age) => agoText(nowMs - age, nowMs)),
    ['now', '12 s ago', '3 h ago', 'in 20 s'],
  );
});

test('what a date-time input holds is read back as it was written', () => {
  const ms = local('2026-11-23T12:31:05');
  assert.equal(inputText(ms), '2026-11-23T12:31:05');
  assert.equal(readInput(inputText(ms)), ms);
  assert.equal(readInput(''), undefined);
  assert.equal(readInput('2026-11'), undefined);
});

test('the window of a URL: relative, absolute, absent, none', () => {
  assert.deepEqual(readWindow('now-90m', undefined, nowMs), { fromMs: nowMs - 90 * minute, toMs: nowMs });
  assert.deepEqual(readWindow('2026-11-23T12:00:00Z', '2026-11-23T12:30:00Z', nowMs), {
    fromMs: Date.UTC(2026, 10, 23, 12),
    toMs: Date.UTC(2026, 10, 23, 12, 30),
  });
  assert.deepEqual(readWindow(undefined, undefined, nowMs), { fromMs: nowMs - hour, toMs: nowMs });
  assert.equal(readWindow('now', 'now-1h', nowMs), undefined);
  assert.equal(readWindow('yesterday', undefined, nowMs), undefined);
});

test('times in UTC leave out milliseconds that are none', () => {
  assert.deepEqual([Date.UTC(2026, 0, 2, 3, 4, 5), Date.UTC(2026, 0, 2, 3, 4, 5, 60)].map(isoText), [
    '2026-01-02T03:04:05Z',
    '2026-01-02T03:04:05.060Z',
  ]);
});
