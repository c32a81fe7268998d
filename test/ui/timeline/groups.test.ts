import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RangeAnswer } from '../../../src/ui/api/answers.ts';
import { compareHref, groupsOf, labelsThatDiffer } from '../../../src/ui/timeline/groups.ts';
import type { ScrapedProcess } from '../../../src/ui/timeline/provenance.ts';

const processOf = (labels: Record<string, string>) => ({ labels }) as unknown as ScrapedProcess;
const answer = {
  stepMs: 60,
  series: [
    {
      labels: { revision: 'b' },
      points: [
        [0, 3, 60],
        [60, 5, 60],
      ],
    },
    { labels: {}, points: [[0, 1, 60]] },
  ],
} as unknown as RangeAnswer;

test('a selection is split by labels that differ, the usual ones first', () => {
  const processes = [
    processOf({ namespace: 'shop', zone: 'a', pod: 'x', revision: '1' }),
    processOf({ namespace: 'shop', zone: 'b', pod: 'y', revision: '2' }),
  ];
  assert.deepEqual(labelsThatDiffer(processes), ['revision', 'pod', 'zone']);
  assert.deepEqual(labelsThatDiffer(processes.slice(1)), []);
});

test('a group is averaged over what the graph is of, and its query selects it alone', () => {
  const split = { query: 'cpu{workload="checkout"}', label: 'revision', part: { fromMs: 0, toMs: 60 }, heldMs: 60 };
  const groups = groupsOf(answer, split);
  assert.deepEqual(
    groups.map(({ value, average, query }) => [value, average, query]),
    [
      ['b', 3, 'cpu{revision="b",workload="checkout"}'],
      ['', 1, 'cpu{workload="checkout",revision=""}'],
    ],
  );
});

test('two groups are compared over the same time', () => {
  const split = { query: 'cpu{workload="checkout"}', label: 'revision', part: { fromMs: 0, toMs: 60 }, heldMs: 60 };
  const [first, second] = groupsOf(answer, split);
  assert.ok(first && second);
  const href = new URL(compareHref(first, second, { fromMs: 0, toMs: 60_000 }), 'http://localhost');
  assert.deepEqual(Object.fromEntries(href.searchParams), {
    query: 'cpu{workload="checkout",revision=""}',
    base_query: 'cpu{revision="b",workload="checkout"}',
    from: '1970-01-01T00:00:00Z',
    to: '1970-01-01T00:01:00Z',
  });
});
