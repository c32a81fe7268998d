import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as check, constantFrom, integer, property } from 'fast-check';
import { parseRollFileName, rollFileOf, windowOf } from '../../../../src/store/sqlite/rollups/roll-name.ts';

test('hours lie in a file for each month, days in one for each year', () => {
  const at = (text: string, ms: number) => Date.parse(text) / ms;
  assert.equal(rollFileOf('1h', at('2026-07-31T23:00Z', 3_600_000)).name, 'roll1h-202607.db');
  assert.equal(rollFileOf('1h', at('2026-08-01T00:00Z', 3_600_000)).name, 'roll1h-202608.db');
  assert.equal(rollFileOf('1d', at('2026-12-31T00:00Z', 86_400_000)).name, 'roll1d-2026.db');
  assert.deepEqual(windowOf(rollFileOf('1h', at('2024-02-03T04:00Z', 3_600_000))), {
    fromMs: Date.parse('2024-02-01T00:00Z'),
    toMs: Date.parse('2024-03-01T00:00Z'),
  });
});

test('a name says which buckets its file covers, and those have no other file', () => {
  check(
    property(constantFrom('1h' as const, '1d' as const), integer({ min: 0, max: 2_000_000 }), (level, of) => {
      const bucket = level === '1h' ? of : Math.floor(of / 24);
      const file = rollFileOf(level, bucket);
      assert.deepEqual(parseRollFileName(file.name), file);
      assert.ok(file.from <= bucket && bucket < file.to);
      assert.equal(rollFileOf(level, file.from).name, file.name);
      assert.equal(rollFileOf(level, file.to - 1).name, file.name);
      assert.notEqual(rollFileOf(level, file.to).name, file.name);
    }),
  );
  for (const name of [
    'roll1h-2026.db',
    'roll1h-202613.db',
    'roll1h-202600.db',
    'roll1d-202607.db',
    'roll1d-2026.db-wal',
  ]) {
    assert.equal(parseRollFileName(name), undefined, name);
  }
});
