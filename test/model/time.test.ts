import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { FlameherdError } from '../../src/model/errors.ts';
import { formatTime, parseTime } from '../../src/model/time.ts';

const nowMs = Date.UTC(2026, 2, 1, 12);
const read = (text: string): string => formatTime(parseTime('from', text, nowMs));

test('RFC 3339 is read with any offset', () => {
  assert.equal(read('2026-03-01T12:00:00Z'), '2026-03-01T12:00:00.000Z');
  assert.equal(read('2026-03-01T14:00:00.25+02:00'), '2026-03-01T12:00:00.250Z');
  assert.equal(read('2026-03-01t06:30:00-05:30'), '2026-03-01T12:00:00.000Z');
  assert.equal(read('2024-02-29T00:00:00Z'), '2024-02-29T00:00:00.000Z');
});

test('Unix time is read in s, ms, µs and ns, whatever it is given in', () => {
  for (const text of ['1772366400', '1772366400.000', '1772366400000', '1772366400000000', '1772366400000000000'])
    assert.equal(read(text), '2026-03-01T12:00:00.000Z', text);
  assert.equal(read('1772366400.1'), '2026-03-01T12:00:00.100Z');
});

test('now and its past are read off the clock that is passed in', () => {
  assert.equal(read('now'), '2026-03-01T12:00:00.000Z');
  assert.equal(read('now-90m'), '2026-03-01T10:30:00.000Z');
  assert.equal(read('now-1h30m'), '2026-03-01T10:30:00.000Z');
  assert.equal(read('now+5m'), '2026-03-01T12:05:00.000Z');
});

test('finer than a millisecond is rounded up, so that a half-open window holds the same stamps', () => {
  assert.equal(read('2026-03-01T12:00:00.0000001Z'), '2026-03-01T12:00:00.001Z');
  assert.equal(read('1772366400000000001'), '2026-03-01T12:00:00.001Z');
  assert.equal(read('1772366400.0010000000'), '2026-03-01T12:00:00.001Z');
});

test('what is no time is refused by name, with what is allowed and what to do', () => {
  const refusal = (text: string): string => {
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof FlameherdError) || error.code !== 'bad_time') throw error;
      assert.equal(
        error.message,
        `from: ${JSON.stringify(text)} is no time; allowed are RFC 3339 (2026-03-01T12:00:00Z), Unix time in s, ms, µs or ns, now, or now-90m`,
      );
      return error.hint ?? '';
    }
  };
  assert.match(refusal('2026-03-01T12:00:00 02:00'), /write it as %2B/);
  assert.match(refusal('now 5m'), /write it as %2B/);
  assert.match(refusal('2026-03-01T12:00:00'), /add the time of day and the offset/);
  assert.match(refusal('2026-03-01'), /add the time of day and the offset/);
  assert.match(refusal('now-5'), /now-90m/);
  assert.match(refusal('now/d'), /now-90m/);
  assert.match(refusal('now-9999999d'), /now-90m/);
  assert.match(refusal('-1h'), /now-1h/);
  const refused = [
    '',
    'yesterday',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-03-01T24:00:00Z',
    '2026-03-01T00:00:60Z',
  ];
  for (const text of [...refused, '2026-03-01T00:00:00+24:00', '1e9', '0x10', '1'.repeat(21)])
    assert.equal(refusal(text), 'a time of the day is written 2026-03-01T12:00:00Z, a time ago now-90m', text);
});

test('every moment that is written is read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), (ms) => {
      assert.equal(parseTime('to', formatTime(ms), nowMs), ms);
    }),
  );
});
