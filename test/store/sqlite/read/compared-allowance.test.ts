import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Allowance, unlimited } from '../../../../src/store/allowance.ts';
import type { CallTreeRequest } from '../../../../src/store/profile-store.ts';
import { openSqliteReader } from '../../../../src/store/sqlite/reader.ts';
import { storeDir, writerOn } from '../../../support/store-dirs.ts';
import { at } from '../../../support/store-questions.ts';
import { recordOf } from '../../../support/store-records.ts';

test('the dictionary that two questions share is accounted once', async () => {
  const dataDir = storeDir();
  await using writer = writerOn(dataDir);
  const stacks = Array.from({ length: 500 }, (_, index) => [`main;f${index};g`, [1, 1]] as const);
  for (const minutes of [0, 40]) {
    writer.append([recordOf({ stampMs: at(minutes), samples: Object.fromEntries(stacks) })]);
  }
  let parts: number[] = [];
  const allowance: Allowance = { ...unlimited, holdPart: (bytes) => void parts.push(bytes) };
  await using reader = openSqliteReader({ dataDir, allowance });
  const request = (from: number): CallTreeRequest => ({
    selector: { kind: 'heap', matchers: [] },
    window: { fromMs: at(from), toMs: at(from + 30) },
    aggregation: 'avg',
    peakType: { type: 'alloc_space', unit: 'bytes' },
    type: { type: 'alloc_space', unit: 'bytes' },
    maxNodes: 100,
  });
  reader.callTree(request(0));
  const [one = 0] = parts;
  parts = [];
  const { trees } = reader.callTrees(request(30), request(0));
  assert.deepEqual([trees?.compare.total[0], trees?.base.total[0]], [500, 500]);
  assert.equal(parts.length, 1);
  assert.ok((parts[0] ?? 0) > one && (parts[0] ?? 0) < 2 * one);
});
