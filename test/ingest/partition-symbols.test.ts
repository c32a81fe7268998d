import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultPipelineLimits } from '../../src/ingest/defaults.ts';
import { SymbolCache } from '../../src/ingest/partition-symbols.ts';

test('of what is remembered, partitions that were used last stay within the bound, and one always', () => {
  const bytes = 100_000;
  const cache = new SymbolCache({ ...defaultPipelineLimits.symbols, bytes });
  const isRemembered = (key: string): boolean => cache.partition(key).locations.size > 0;
  const fill = (key: string, locations: number): void => {
    const { locations: table } = cache.partition(key);
    table.reserve(locations);
    for (let at = 1; at <= locations; at++) table.put(table.place(at, 7), at, 7, at, 1);
  };
  for (const key of ['a', 'b', 'c', 'd']) fill(key, 1000);
  assert.ok(isRemembered('a'));
  cache.trim();
  assert.deepEqual(['d', 'a', 'b', 'c'].map(isRemembered), [true, true, false, false]);
  fill('large', 10_000);
  cache.trim();
  assert.deepEqual(['large', 'a', 'd'].map(isRemembered), [true, false, false]);
});
