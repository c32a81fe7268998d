import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { CounterBuffers } from '../../src/ingest/counter-buffers.ts';

test('a buffer that was given back is taken again for what is of much the same size', () => {
  const buffers = new CounterBuffers();
  const first = buffers.take(10_000);
  buffers.give(first);
  assert.equal(buffers.take(10_100), first);
  assert.notEqual(buffers.take(10_100), first);
});

test('a buffer is as long as asked for, and at most an eighth longer', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20_000_000 }), (bytes) => {
      const { byteLength } = new CounterBuffers().take(bytes);
      assert.ok(byteLength >= bytes && byteLength <= Math.max(256, bytes * 1.125 + 1));
      assert.equal(byteLength % 8, 0);
    }),
    { numRuns: 50 },
  );
});

test('no more waits to be taken again than a bound', () => {
  const buffers = new CounterBuffers();
  const taken = Array.from({ length: 10 }, () => buffers.take(1 << 20));
  for (const buffer of taken) buffers.give(buffer);
  const again = new Set(Array.from({ length: 10 }, () => buffers.take(1 << 20)));
  assert.equal(taken.filter((buffer) => again.has(buffer)).length, 6);
});
