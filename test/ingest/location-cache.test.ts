import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LocationCache } from '../../src/ingest/location-cache.ts';
import type { Frame } from '../../src/model/frame.ts';

test('of what does not fit, the half that was used last is kept', () => {
  const cache = new LocationCache<readonly Frame[]>(8);
  const frames = Array.from({ length: 40 }, (): readonly Frame[] => []);
  for (const [number, of] of frames.entries()) {
    cache.set(number, -number, of);
    // What is asked for again and again stays, however many come after it.
    assert.equal(cache.get(0, -0), frames[0]);
  }
  assert.equal(cache.get(39, -39), frames[39]);
  assert.equal(cache.get(20, -20), undefined);
  assert.ok(frames.filter((of, number) => cache.get(number, -number) === of).length <= 8);
});
