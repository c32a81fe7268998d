import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { BatchColumns } from '../../src/ingest/batch-columns.ts';

test('columns of one batch do not overlap, small or large', () => {
  const sizes = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 40_000 })), { maxLength: 40 });
  const columns = new BatchColumns();
  fc.assert(
    fc.property(sizes, (asked) => {
      columns.reset();
      const taken = asked.map(([doubles, rows]) => (doubles ? columns.doubles(rows) : columns.ints(rows)));
      for (const [number, column] of taken.entries()) column.fill(number);
      for (const [number, column] of taken.entries()) {
        assert.equal(column.length, asked[number]?.[1]);
        assert.ok(column.every((value) => value === number));
      }
    }),
    { numRuns: 50 },
  );
});

test('the memory of a batch is that of the next', () => {
  const columns = new BatchColumns();
  const { buffer } = columns.ints(100);
  columns.reset();
  assert.equal(columns.doubles(7).buffer, buffer);
});
