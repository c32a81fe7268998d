import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeText } from '../../../src/ui/flame/describe.ts';
import { prepareFlame } from '../../../src/ui/flame/model.ts';
import { diffOf } from '../flame/answers.ts';

test('frames of a graph tell changes as the sides are compared: in points of shares, or in cores per process', () => {
  const answer = diffOf('serve;sign 50 50\nserve;scan 50 0');
  assert.equal(changeText(prepareFlame(answer), 50, 50), '-50 points');
  const perProcess = { ...answer, meta: { ...answer.meta, factor: 0.01, baseFactor: 0.01, changeUnit: 'cores' } };
  assert.equal(changeText(prepareFlame(perProcess), 50, 50), 'no change');
  assert.equal(changeText(prepareFlame(perProcess), 50, 0), '+0.5 cores');
});
