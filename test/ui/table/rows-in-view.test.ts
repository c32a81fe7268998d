import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowAfterKey, rowsInView, scrollToRow } from '../../../src/ui/table/rows-in-view.ts';

const view = { rowHeight: 20, scrollTop: 1000, height: 200 };

test('only rows near the view are in the document', () => {
  assert.deepEqual(rowsInView(10_000, view), { first: 42, end: 68 });
  assert.deepEqual(rowsInView(10_000, { ...view, scrollTop: 0 }), { first: 0, end: 18 });
  assert.deepEqual(rowsInView(5, { ...view, scrollTop: 0 }), { first: 0, end: 5 });
});

test('rows that became fewer than were scrolled past are none, not less', () => {
  assert.deepEqual(rowsInView(3, view), { first: 3, end: 3 });
  assert.deepEqual(rowsInView(0, view), { first: 0, end: 0 });
});

test('a row is scrolled to as little as is needed', () => {
  assert.equal(scrollToRow(55, view), undefined);
  assert.equal(scrollToRow(49, view), 980);
  assert.equal(scrollToRow(60, view), 1020);
});

test('keys go by rows, by pages, and to the ends', () => {
  assert.equal(rowAfterKey('ArrowDown', 3, 10, 4), 4);
  assert.equal(rowAfterKey('ArrowDown', -1, 10, 4), 0);
  assert.equal(rowAfterKey('ArrowUp', 0, 10, 4), 0);
  assert.equal(rowAfterKey('PageDown', 8, 10, 4), 9);
  assert.equal(rowAfterKey('Home', 8, 10, 4), 0);
  assert.equal(rowAfterKey('End', 8, 10, 4), 9);
  assert.equal(rowAfterKey('x', 8, 10, 4), undefined);
});
