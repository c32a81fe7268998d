import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directionOf, nextSort, readSort, sortRows } from '../../../src/ui/table/sort.ts';

test('the largest number and the letter A come first', () => {
  assert.deepEqual(
    sortRows([1, 3, 2], (row) => row, false),
    [3, 2, 1],
  );
  assert.deepEqual(
    sortRows(['b', 'a'], (row) => row, false),
    ['a', 'b'],
  );
  assert.equal(directionOf(1, false), 'descending');
  assert.equal(directionOf('a', false), 'ascending');
});

test('a second click on a column turns its order round, a third turns it back', () => {
  assert.equal(nextSort('self', 'total'), 'total');
  assert.equal(nextSort('total', 'total'), '-total');
  assert.equal(nextSort('-total', 'total'), 'total');
  assert.deepEqual(readSort('-total'), { by: 'total', reversed: true });
  assert.equal(directionOf(1, true), 'ascending');
  assert.equal(directionOf('a', true), 'descending');
});

test('rows that are equal stay in their order, either way', () => {
  const rows = [
    { name: 'a', self: 1 },
    { name: 'b', self: 1 },
    { name: 'c', self: 2 },
  ];
  const names = (reversed: boolean) => sortRows(rows, ({ self }) => self, reversed).map(({ name }) => name);
  assert.deepEqual(names(false), ['c', 'a', 'b']);
  assert.deepEqual(names(true), ['a', 'b', 'c']);
});
