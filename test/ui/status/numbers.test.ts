import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minute } from '../../../src/model/units.ts';
import { type Reading, ratePerMinute, storeParts, withReading } from '../../../src/ui/status/numbers.ts';

test('the store is told in the order in which profiles pass through its files, with shares, without what is empty', () => {
  const file = (bytes: number, files = 1) => ({ files, bytes });
  const byKind = { meta: file(25), head: file(50), detail: file(0, 0), roll1h: file(25), unheard: file(0) };
  assert.deepEqual(
    storeParts({ byKind }).map(({ kind, share }) => [kind, share]),
    [
      ['head', 0.5],
      ['roll1h', 0.25],
      ['meta', 0.25],
      ['unheard', 0],
    ],
  );
});

const readings = (...counts: readonly number[]): readonly Reading[] =>
  counts.reduce<readonly Reading[]>((list, count, at) => withReading(list, { atMs: at * (minute / 2), count }), []);

test('a rate is measured over the last two minutes', () => {
  assert.equal(ratePerMinute(readings(100, 110, 120, 130, 140)), 20);
  assert.equal(ratePerMinute(readings(0, 0, 0, 0, 0, 0, 40)), 20);
});

test('one reading is no rate, and a counter that began anew is read anew', () => {
  assert.equal(ratePerMinute(readings(100)), undefined);
  assert.equal(ratePerMinute(readings(100, 110, 5)), undefined);
  assert.equal(ratePerMinute(readings(100, 110, 5, 10)), 10);
});
