import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeText, scaleOf, spreadText, unsureText, valueText } from '../../../src/ui/diff/movement-text.ts';
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
  const { rows, still, scale } = movementsOf(answer, 'self');
  assert.deepEqual(
    rows.map(({ name, change }) => `${name} ${changeText(change, scale)}`),
    ['came +20.00', 'gone −10.00', 'noisy +9.00', 'rare +1.00'],
  );
  assert.equal(still, 2);
});

test('no row is ever written as a change of nothing', () => {
  const changes = Array.from({ length: 400 }, (_, step) => (step - 200) / 1e6);
  const many = diffTop(changes.map((change) => row(`f${change}`, { base: 1, compare: 1, spread: 0, change })));
  const { rows, scale } = movementsOf(many, 'self');
  const texts = rows.map(({ change }) => changeText(change, scale));
  assert.ok(texts.length > 0);
  assert.deepEqual(
    texts.filter((text) => /^.0\.00$/.test(text)),
    [],
  );
});

test('values are of the sides as they are compared', () => {
  const { rows, scale } = movementsOf(answer, 'self');
  const [came, gone] = rows;
  assert.equal(came && valueText(came.compare, scale), '20.00');
  assert.equal(came && valueText(came.base, scale), '0.00');
  assert.equal(gone && valueText(gone.base, scale), '10.00');
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

test('a table is written in one unit, with as many digits as tell a ten-thousandth of the whole', () => {
  const texts = (whole: number, unit: string, change: number) => {
    const scale = scaleOf(whole, unit);
    return `${valueText(whole, scale)} ${scale.unit}, ${changeText(change, scale)} ${scale.changeUnit}`;
  };
  assert.equal(texts(1, 'share', -0.0312), '100.00 %, −3.12 points');
  assert.equal(texts(0.561, 'cores', 0.16), '0.5610 cores, +0.1600 cores');
  assert.equal(texts(300 * 2 ** 20, 'bytes/s', 2 ** 20), '300.0 MiB/s, +1.0 MiB/s');
  assert.equal(texts(123_456, 'count', -2000), '123,456 , −2,000 ');
  assert.equal(texts(0, 'share', 0), '0.00 %, +0.00 points', 'of nothing nothing is listed');
});

test('spreads are written as the changes that they are of', () => {
  const shares = scaleOf(1, 'share');
  assert.equal(spreadText(0.0123, shares), '± 1.23');
  assert.equal(spreadText(0.00001, shares), '< 0.01');
  assert.equal(spreadText(null, shares), '?');
  assert.equal(spreadText(2048, scaleOf(2 ** 20, 'bytes')), '± 0.0020');
});

test('why a change is unsure stands in words', () => {
  assert.equal(unsureText(0.2, scaleOf(1, 'share')), 'Unsure: scrapes differ by up to 20.00 points anyway');
  assert.equal(unsureText(0.2, scaleOf(0.5, 'cores')), 'Unsure: scrapes differ by up to 0.2000 cores anyway');
  assert.equal(unsureText(null, scaleOf(1, 'share')), 'Unsure: too few scrapes to tell what they differ by');
});
