import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { gzip } from '../../src/pprof/gzip.ts';

const megabyte = 1 << 20;

test('what was packed unpacks to the same, whatever its length, as one member', () => {
  for (const length of [0, 1, 1000, megabyte - 1, megabyte, megabyte + 1, 3 * megabyte + 5]) {
    const bytes = randomBytes(length);
    const packed = gzip(bytes, () => {});
    assert.ok(gunzipSync(packed).equals(bytes), `${length} bytes`);
    assert.equal(Buffer.from(packed).readUInt32LE(packed.length - 4), length, 'the trailer counts all bytes');
  }
});

test('packing may be stopped before each megabyte', () => {
  let checks = 0;
  gzip(new Uint8Array(5 * megabyte), () => void checks++);
  assert.equal(checks, 5);
  const stop = (): void => {
    throw new Error('stopped');
  };
  assert.throws(() => gzip(new Uint8Array(1), stop), /stopped/);
});
