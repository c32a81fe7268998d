import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minute } from '../../../src/model/units.ts';
import type { IngestStatus } from '../../../src/ui/api/answers.ts';
import { perMinute, storeParts } from '../../../src/ui/status/numbers.ts';
import { noFiles, well } from './status-answer.ts';

test('the store is told in the order in which profiles pass through its files, with shares and ages, without what is empty', () => {
  const file = (bytes: number) => ({ files: 1, bytes });
  const byKind = { ...noFiles, meta: file(25), head: { ...file(50), fromMs: 5 }, roll1h: file(25) };
  assert.deepEqual(
    storeParts({ byKind }, well.limits).map(({ kind, share, fromMs, keptMs }) => [kind, share, fromMs, keptMs]),
    [
      ['head', 0.5, 5, 7],
      ['roll1h', 0.25, undefined, 35],
      ['meta', 0.25, undefined, undefined],
    ],
  );
});

test('what comes in is told of the last minute that is over, and of all before there is one', () => {
  const told = (stored: number[], nowMs: number) =>
    perMinute({ ...well, ingest: { stored: 30 } as IngestStatus, recent: { ...well.recent, stored } }, nowMs);
  assert.deepEqual(told([7, 12, 3], 9 * minute), { count: 12, when: 'in the last minute' });
  assert.deepEqual(told([3], 3 * minute), { count: 10, when: 'since the start' });
  assert.deepEqual(told([], 1000), { count: 30, when: 'since the start' });
});
