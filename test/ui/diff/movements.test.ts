import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeText, spreadText, unsureText, valueText } from '../../../src/ui/diff/movement-text.ts';
import { movementsOf, sureOf, unsureNames } from '../../../src/ui/diff/movements.ts';
import { diffTop, row } from './answers.ts';

const answer = diffTop([
  row('gone', { base: 30, compare: 0, spread: 0.01 }),
  row('came', { base: 0, compare: 120, spread: 0.02 }),
  row('noisy', { base: 3, compare: 60, spread: 0.2 }),
  row('rare', { base: 3, compare: 12, spread: null }),
  row('nearly', { base: 30, compare: 60.02, spread: 0.01 }),
  row('same', { base: 3, compare: 6, spread: 0.01, change: 0 }),
]);

test('functions are listed by how far they moved, and those that would show as 0 are counted, not listed', () => {
  const { rows, still } = movementsOf(answer, 'self');
  assert.deepEqual(
    rows.map(({ name, change }) => `${name} ${changeText(change, 'share')}`),
    ['came +20.00', 'gone −10.00', 'noisy +9.00', 'rare +1.00'],
  );
  assert.equal(still, 2);
});

test('no row is ever written as a change of nothing', () => {
  const changes = Array.from({ length: 400 }, (_, step) => (step - 200) / 1e6);
  const many = diffTop(changes.map((change) => row(`f${change}`, { base: 1, compare: 1, spread: 0, change })));
  const texts = movementsOf(many, 'self').rows.map(({ change }) => changeText(change, 'share'));
  assert.ok(texts.length > 0);
  assert.deepEqual(
    texts.filter((text) => /^.0\.00$/.test(text)),
    [],
  );
});

test('values are of the sides as they are compared', () => {
  const [came, gone] = movementsOf(answer, 'self').rows;
  assert.equal(came && valueText(came.compare, 'share'), '20.00 %');
  assert.equal(came && valueText(came.base, 'share'), '0.00 %');
  assert.equal(gone && valueText(gone.base, 'share'), '10.00 %');
});

test('sure is what moved by more than its spread, where there is one', () => {
  assert.deepEqual(
    sureOf(movementsOf(answer, 'self')).map(({ name }) => name),
    ['came', 'gone'],
  );
});

test('self and total are judged each by its own change', () => {
  const both = {
    ...row('handler', { base: 3, compare: 6, spread: 0.01, change: 0 }),
    totalChange: 0.5,
    totalSpread: 0.1,
  };
  assert.deepEqual(movementsOf(diffTop([both]), 'self').rows, []);
  const [inTotal] = movementsOf(diffTop([both]), 'total').rows;
  assert.equal(inTotal?.unsure, false);
  assert.equal(inTotal?.change, 0.5);
});

test('a graph hatches names that are unsure, and those that nobody judged', () => {
  const names = ['total', 'came', 'noisy', 'rare', 'unlisted'];
  assert.deepEqual([...unsureNames(names, answer, true)], [0, 0, 1, 1, 0]);
  assert.deepEqual([...unsureNames(names, answer, false)], [1, 0, 1, 1, 1]);
});

test('changes are written in the unit that they are compared in', () => {
  assert.equal(changeText(-0.52, 'cores'), '−0.52 cores');
  assert.equal(changeText(1024, 'bytes/s'), '+1 KiB/s');
  assert.equal(valueText(2048, 'bytes'), '2 KiB');
  assert.equal(spreadText(0.0123, 'share'), '± 1.23');
  assert.equal(spreadText(0.00001, 'share'), '< 0.01');
  assert.equal(spreadText(null, 'share'), '?');
  assert.equal(spreadText(2048, 'bytes'), '± 2 KiB');
});

test('why a change is unsure stands in words', () => {
  assert.equal(unsureText(0.2, 'share'), 'Unsure: scrapes differ by up to 20.00 points anyway');
  assert.equal(unsureText(0.2, 'cores'), 'Unsure: scrapes differ by up to 0.2 cores anyway');
  assert.equal(unsureText(null, 'share'), 'Unsure: too few scrapes to tell what they differ by');
});
