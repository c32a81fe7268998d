import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasStanding, labelFilter, standingParameters, wantedStanding } from '../../../src/ui/targets/filter.ts';
import { standings } from '../../../src/ui/targets/standing.ts';
import { scrapeEntry, targetEntry } from './target-entry.ts';

test('a label of the URL is meant exactly, and an empty one not at all', () => {
  const target = targetEntry();
  assert.equal(labelFilter({ namespace: 'shop', pod: '' })(target), true);
  assert.equal(labelFilter({ namespace: 'sho' })(target), false);
  assert.equal(labelFilter({ namespace: 'shop', revision: '7c9b' })(target), false);
});

test('each word of a search is looked for in labels, addresses, reasons and errors, in any case', () => {
  const target = targetEntry({ scrapes: [scrapeEntry('heap', { lastError: 'connect ECONNREFUSED' })] });
  const finds = (search: string) => labelFilter({ search })(target);
  assert.deepEqual(['node-1 econnrefused', '10.0.0.1:6060', 'CHECKOUT direct', ''].map(finds), [
    true,
    true,
    true,
    true,
  ]);
  assert.equal(finds('checkout timeout'), false);
});

test('how a source shall stand is asked by health of active ones, by state of the others', () => {
  for (const standing of standings) assert.equal(wantedStanding(standingParameters(standing)), standing);
  assert.deepEqual(standingParameters('down'), { health: 'down', state: undefined });
  assert.deepEqual(standingParameters('held'), { health: undefined, state: 'held' });
  assert.equal(wantedStanding({ state: 'active' }), 'active');
  assert.equal(wantedStanding({ health: 'nonsense' }), undefined);
});

test('a source that is held is not down, whatever its last scrape was', () => {
  const held = targetEntry({ state: 'held', health: 'down' });
  assert.equal(hasStanding(held, 'down'), false);
  assert.equal(hasStanding(held, 'held'), true);
  assert.equal(hasStanding(held, 'active'), false);
  assert.equal(hasStanding(held, undefined), true);
});
