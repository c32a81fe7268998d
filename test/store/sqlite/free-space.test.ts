import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlameherdError } from '../../../src/model/errors.ts';
import { FreeSpace } from '../../../src/store/sqlite/files/free-space.ts';

/** A disk with so many bytes free, of which 100 must stay so. */
function diskWith(free: number) {
  const disk = { free, nowMs: 0 };
  const space = new FreeSpace(
    '/data',
    100,
    () => disk.nowMs,
    () => disk.free,
  );
  return { disk, space };
}

const readOnly = new FlameherdError('storage_read_only', '/data cannot be written');

test('too little free disk is told of, and within a second of its end no more', () => {
  const { disk, space } = diskWith(99);
  assert.equal(space.trouble?.code, 'storage_full');
  assert.throws(() => space.assertWritable(), { code: 'storage_full' });
  disk.free = 100;
  disk.nowMs = 1000;
  assert.equal(space.trouble, undefined);
  space.assertWritable();
});

test('a write that failed may be tried again after a second, and is told of until one works', () => {
  const { disk, space } = diskWith(1000);
  space.mark(readOnly);
  assert.throws(() => space.assertWritable(), readOnly);
  disk.nowMs = 30_000;
  space.assertWritable();
  assert.equal(space.trouble, readOnly);
  space.worked();
  assert.equal(space.trouble, undefined);
});

test('a failure that nobody tried again is not told of for ever, or a collector that waits for it would never be ready', () => {
  const { disk, space } = diskWith(1000);
  space.mark(readOnly);
  disk.nowMs = 90_000;
  assert.equal(space.trouble, undefined);
});
