import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSort, sortRows, workloadRows } from '../../../src/ui/targets/workloads.ts';
import { scrapeEntry, targetEntry } from './target-entry.ts';

const pod = (name: string, workload = 'checkout') => ({ labels: { pod: name, workload } });

test('sources are put together by workload, the gravest first, then by name', () => {
  const rows = workloadRows([
    targetEntry(pod('search-1', 'search')),
    targetEntry(pod('cart-1', 'cart')),
    targetEntry(pod('checkout-1')),
    targetEntry({ ...pod('checkout-2'), health: 'down' }),
  ]);
  assert.deepEqual(
    rows.map(({ name, standing, counts }) => [name, standing, counts.up, counts.down]),
    [
      ['checkout', 'down', 1, 1],
      ['cart', 'up', 1, 0],
      ['search', 'up', 1, 0],
    ],
  );
});

test('a row has the last and next scrape of any kind, the sum of sizes, and the slowest answer without the length of profiles', () => {
  const [row] = workloadRows([
    targetEntry({
      scrapes: [
        scrapeEntry('cpu', {
          lastScrapeMs: 1000,
          nextScrapeMs: 9000,
          durationMs: 7040,
          seconds: 7,
          bytes: 100,
          samples: 2,
        }),
        scrapeEntry('heap', { lastScrapeMs: 3000, nextScrapeMs: 8000, durationMs: 25, bytes: 50, samples: 3 }),
      ],
    }),
    targetEntry({ ...pod('checkout-2'), scrapes: [scrapeEntry('heap')] }),
  ]);
  const { lastMs, nextMs, tookMs, bytes, samples } = row ?? {};
  assert.deepEqual(
    { lastMs, nextMs, tookMs, bytes, samples },
    { lastMs: 3000, nextMs: 8000, tookMs: 40, bytes: 150, samples: 5 },
  );
});

test('what was never scraped has no numbers, and comes last whichever way rows are sorted', () => {
  const rows = workloadRows([
    targetEntry({ ...pod('a-1', 'a'), scrapes: [scrapeEntry('heap', { bytes: 10 })] }),
    targetEntry({ ...pod('b-1', 'b'), scrapes: [scrapeEntry('heap')] }),
    targetEntry({ ...pod('c-1', 'c'), scrapes: [scrapeEntry('heap', { bytes: 30 })] }),
  ]);
  const names = (sort: string) => sortRows(rows, readSort(sort)).map(({ name }) => name);
  assert.deepEqual(names('bytes'), ['a', 'c', 'b']);
  assert.deepEqual(names('-bytes'), ['c', 'a', 'b']);
  assert.deepEqual(names('-name'), ['c', 'b', 'a']);
  assert.deepEqual(names('nonsense'), ['a', 'b', 'c']);
});
