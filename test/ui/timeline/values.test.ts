import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignLines } from '../../../src/ui/timeline/lines.ts';
import { averagesOver, drawnLines, spokenValues, valuesAt } from '../../../src/ui/timeline/values.ts';

const total = {
  label: 'total',
  points: [
    [0, 2],
    [60, 4],
    [120, null],
  ] as const,
};
const part = {
  label: 'pricing.Total',
  points: [
    [0, 0.5],
    [60, 3],
    [120, null],
  ] as const,
};

test('a part of the total is told with its share, at a moment and on average', () => {
  const lines = drawnLines([total], part);
  const columns = alignLines(lines);
  assert.equal(spokenValues(valuesAt(lines, columns, 70), 'cores'), 'total 4 cores, pricing.Total 3 cores 75 %');
  const averages = averagesOver(lines, { fromMs: 0, toMs: 120 }, []);
  assert.equal(spokenValues(averages, 'cores'), 'total 3 cores, pricing.Total 1.75 cores 58.3 % of the total');
});

test('where nothing was measured it is said so', () => {
  const lines = drawnLines([total], part);
  assert.equal(
    spokenValues(valuesAt(lines, alignLines(lines), 130), 'cores'),
    'total nothing measured, pricing.Total nothing measured',
  );
});

test('lines that are compared are averaged each over its own window, and no two look alike', () => {
  const lines = drawnLines([total, part], { ...part, label: 'of both' });
  assert.equal(new Set(lines.map(({ colour }) => colour)).size, 3);
  const [first, second] = averagesOver(lines, { fromMs: 0, toMs: 60 }, [undefined, { fromMs: 60, toMs: 120 }]);
  assert.deepEqual([first?.value, second?.value], [2, 3]);
  assert.match(second?.beside ?? '', /^over /);
});
