import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, gzipSync } from 'node:zlib';
import { contentHash } from '../../src/ingest/content-hash.ts';

const plain = Buffer.from('a profile, or what passes for one');

test('it is the CRC-32 and the length of the message, however it came', () => {
  const expected = crc32(plain).toString(16).padStart(8, '0') + plain.length.toString(16).padStart(8, '0');
  const members = Buffer.concat([gzipSync(plain.subarray(0, 10)), gzipSync(plain.subarray(10))]);
  for (const body of [plain, gzipSync(plain, { level: 1 }), gzipSync(plain, { level: 9 }), members]) {
    assert.equal(contentHash(body, plain), expected);
  }
});

test('another message has another one', () => {
  const other = Buffer.from(plain);
  other[3] = 0;
  assert.notEqual(contentHash(gzipSync(other), other), contentHash(gzipSync(plain), plain));
});
