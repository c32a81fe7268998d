import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from '../../../src/ui/home/found.ts';
import { scrapeEntry, targetEntry } from '../targets/target-entry.ts';

test('a workload is told once for each way in which it is not profiled, what is nearest to it first', () => {
  const down = scrapeEntry('heap', { health: 'down', lastError: 'ECONNREFUSED' });
  const found = findings([
    targetEntry({
      state: 'candidate',
      reason: 'not annotated',
      labels: { namespace: 'shop', workload: 'cart', pod: 'a' },
    }),
    targetEntry({
      state: 'candidate',
      reason: 'not annotated',
      labels: { namespace: 'shop', workload: 'cart', pod: 'b' },
    }),
    targetEntry({ health: 'up', labels: { namespace: 'shop', workload: 'web', pod: 'a' } }),
    targetEntry({ health: 'down', scrapes: [down], labels: { namespace: 'shop', workload: 'web', pod: 'b' } }),
    targetEntry({ state: 'held', reason: 'a limit', labels: { namespace: 'ops', workload: 'c' } }),
  ]);
  assert.deepEqual(
    found.map(({ target, state, why }) => [target.labels['workload'], state, why]),
    [
      ['web', 'down', 'ECONNREFUSED'],
      ['c', 'held', 'a limit'],
      ['cart', 'candidate', 'not annotated'],
    ],
  );
});

test('at most a dozen are told', () => {
  const many = Array.from({ length: 30 }, (_, at) =>
    targetEntry({ state: 'candidate', labels: { namespace: 'shop', workload: `w${at}` } }),
  );
  assert.equal(findings(many).length, 12);
});
