import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { backoffMs, defaultBackoff } from '../../src/kubernetes/backoff.ts';
import { errorFromStatus, KubernetesError, retryAfterMs } from '../../src/kubernetes/errors.ts';

const unreachable = new KubernetesError({ kind: 'unavailable', message: 'ECONNREFUSED' });
const refused = errorFromStatus({ code: 403, reason: 'Forbidden' }, 403);

test('a server that cannot be reached is tried every 5 s at most, one that refuses every 30 s at most', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const away = backoffMs(defaultBackoff, unreachable, failures, random);
      const denied = backoffMs(defaultBackoff, refused, failures, random);
      assert.ok(away >= 200 && away <= 5_000 && denied >= 200 && denied <= 30_000);
    }),
  );
  assert.equal(backoffMs(defaultBackoff, unreachable, 50, 1), 5_000);
  assert.equal(backoffMs(defaultBackoff, refused, 50, 1), 30_000);
});

test('waits double', () => {
  assert.deepEqual(
    [1, 2, 3, 4].map((failures) => backoffMs(defaultBackoff, refused, failures, 1)),
    [400, 800, 1600, 3200],
  );
});

test('a Retry-After is waited for in full, up to five minutes, whatever the cap', () => {
  const throttled = (seconds: number) => errorFromStatus({ code: 429 }, 429, seconds * 1000);
  assert.equal(backoffMs(defaultBackoff, throttled(60), 1, 0), 60_000);
  assert.equal(backoffMs(defaultBackoff, throttled(86_400), 1, 0), 300_000);
});

test('Retry-After is read as seconds and as a date', () => {
  assert.equal(retryAfterMs('7', 0), 7000);
  assert.equal(retryAfterMs('Sun, 22 Nov 2026 12:00:10 GMT', Date.parse('2026-11-22T12:00:00Z')), 10_000);
  assert.equal(retryAfterMs('soon', 0), undefined);
});

test('what failed is told by status, reason and cause', () => {
  const kindOf = (body: unknown, status: number) => errorFromStatus(body, status).kind;
  assert.equal(
    kindOf({ code: 504, details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } }, 504),
    'version-too-large',
  );
  assert.equal(kindOf({ reason: 'Expired' }, 410), 'gone');
  assert.equal(kindOf({}, 422), 'invalid');
  assert.equal(kindOf(null, 503), 'server');
  assert.equal(errorFromStatus({}, 500).message, 'the API server answered 500');
});
