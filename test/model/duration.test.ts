import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatDuration, parseDuration } from '../../src/model/duration.ts';

test('a duration is numbers with units, largest first', () => {
  const read = {
    '90s': 90_000,
    '1h30m': 5_400_000,
    '500ms': 500,
    '2d': 172_800_000,
    '1w': 604_800_000,
    '0': 0,
    '0s': 0,
  };
  for (const [text, ms] of Object.entries(read)) assert.equal(parseDuration(text), ms, text);
});

test('decimals are exact, and must come to whole milliseconds', () => {
  assert.equal(parseDuration('1.5h'), 5_400_000);
  assert.equal(parseDuration('0.1s'), 100);
  assert.equal(parseDuration('1.001s'), 1001);
  assert.equal(parseDuration('0.5ms'), undefined);
  assert.equal(parseDuration('1.0001s'), undefined);
});

test('what is no duration is not guessed at', () => {
  const refused = [
    '',
    '90',
    '-1s',
    '+1s',
    '1 s',
    ' 1s',
    '1s ',
    '30m1h',
    '1h1h',
    '1H',
    '.5s',
    '1.s',
    '1e3s',
    's',
    '1s;',
    '9999999999999999s',
  ];
  for (const text of [...refused, `${'9'.repeat(15)}d`]) assert.equal(parseDuration(text), undefined, text);
});

test('durations are written as a person would', () => {
  const written: [number, string][] = [
    [0, '0s'],
    [500, '500ms'],
    [90_000, '1m30s'],
    [5_400_000, '1h30m'],
    [7 * 86_400_000, '7d'],
    [61_001, '1m1s1ms'],
    [-60_000, '-1m'],
  ];
  for (const [ms, text] of written) assert.equal(formatDuration(ms), text);
});

test('every duration that is written is read back the same', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (ms) => {
      assert.equal(parseDuration(formatDuration(ms)), ms);
    }),
  );
});
