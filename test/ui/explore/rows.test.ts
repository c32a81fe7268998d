import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlameAnswer, TopAnswer } from '../../../src/ui/api/answers.ts';
import { functionRows, headingOf, matching } from '../../../src/ui/explore/rows.ts';
import { prepareFlame } from '../../../src/ui/flame/model.ts';

/**
 *     total 10
 *     ├─ serve 10 ─ serve 6 ─ Marshal 4
 */
const model = prepareFlame({
  unit: 'count',
  names: ['total', 'serve', 'json.Marshal'],
  name: [0, 1, 1, 2],
  parent: [-1, 0, 1, 2],
  self: [0, 4, 2, 4],
  total: [10, 10, 6, 4],
  meta: {} as FlameAnswer['meta'],
});

test('a row a function, recursion counted once', () => {
  assert.deepEqual(functionRows(model, undefined), [
    { key: 'serve', name: 'serve', self: 6, total: 10, index: 1 },
    { key: 'json.Marshal', name: 'json.Marshal', self: 4, total: 4, index: 2 },
  ]);
});

test('where frames were folded the rows are those that the server counted', () => {
  const top = {
    rows: [
      { function: 'json.Marshal', file: 'a.go', self: 5, total: 5 },
      { function: 'tiny', file: 'b.go', self: 1, total: 1 },
      { function: 'tiny', file: 'c.go', self: 1, total: 1 },
    ],
  } as TopAnswer;
  const rows = functionRows(model, top);
  assert.deepEqual(
    rows.map(({ name, index }) => [name, index]),
    [
      ['json.Marshal', 2],
      ['tiny', -1],
      ['tiny', -1],
    ],
  );
  assert.equal(new Set(rows.map(({ key }) => key)).size, 3);
});

test('a search finds rows as it finds frames', () => {
  const rows = functionRows(model, undefined);
  const found = (search: string) => matching(rows, model, search).map(({ name }) => name);
  assert.deepEqual(found('marshal'), ['json.Marshal']);
  assert.deepEqual(found('MARSHAL'), []);
  assert.deepEqual(found('ser|json'), ['serve', 'json.Marshal']);
  assert.equal(found('').length, 2);
});

test('the heading says how many functions there are, and of what while the graph is zoomed', () => {
  assert.deepEqual(headingOf({ shown: 3, all: 3, isZoomed: false }), { label: 'Function (3)' });
  assert.equal(headingOf({ shown: 1, all: 3, isZoomed: false }).label, 'Function (1 of 3)');
  assert.equal(headingOf({ shown: 1, all: 3, isZoomed: true }).label, 'Function (1 of 3, whole profile)');
});
