import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Breaker } from '../../src/sidecar/breaker.ts';

test('it opens after so many failures in a row, and says so once', () => {
  const breaker = new Breaker({ failures: 3, openMs: 100 });
  assert.deepEqual(
    [1, 2, 3, 4].map((ms) => breaker.failed('a', `no ${ms}`, ms)),
    [false, false, true, false],
  );
  assert.deepEqual(breaker.blocked('a', 50), { key: 'a', sinceMs: 3, untilMs: 103, reason: 'no 3' });
  assert.equal(breaker.blocked('b', 50), undefined);
});

test('a success between failures begins the count anew, and closes what is open', () => {
  const breaker = new Breaker({ failures: 2, openMs: 100 });
  breaker.failed('a', '', 1);
  breaker.succeeded('a');
  assert.equal(breaker.failed('a', '', 2), false);
  assert.equal(breaker.failed('a', '', 3), true);
  breaker.succeeded('a');
  assert.deepEqual([breaker.blocked('a', 4), breaker.open()], [undefined, []]);
});

test('when its time is over one try is let through, and the next one after as long again', () => {
  const breaker = new Breaker({ failures: 1, openMs: 100 });
  breaker.failed('a', 'no', 0);
  assert.equal(breaker.blocked('a', 99)?.untilMs, 100);
  assert.equal(breaker.blocked('a', 100), undefined);
  breaker.trying('a', 100);
  assert.equal(breaker.blocked('a', 101)?.untilMs, 200);
  // Seeing the same failure again is no new try.
  assert.equal(breaker.failed('a', 'still no', 150), false);
  assert.equal(breaker.blocked('a', 199)?.untilMs, 200);
  assert.equal(breaker.blocked('a', 200), undefined);
});

test('it remembers a bounded number of things, those that failed last', () => {
  const breaker = new Breaker({ failures: 1, openMs: 100, maxKeys: 3 });
  for (const key of ['a', 'b', 'c', 'd']) breaker.failed(key, '', 0);
  assert.deepEqual(
    breaker.open().map(({ key }) => key),
    ['b', 'c', 'd'],
  );
});
