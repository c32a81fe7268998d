import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callTreeOf } from '../../src/profile/call-tree.ts';
import { comparedTrees } from '../../src/profile/compared-trees.ts';
import { ofSamples } from '../../src/query/in-view.ts';
import { bytesOfTree, bytesToCompare, bytesToShow } from '../../src/query/work-allowance.ts';
import { profileFromText } from '../support/profile-from-text.ts';

const small = callTreeOf(profileFromText('main;a 1'), 0);
const large = callTreeOf(profileFromText(Array.from({ length: 500 }, (_, at) => `main;f${at} 1`).join('\n')), 0);

test('to show a diff takes at least what it takes to show either side, whichever is the larger', () => {
  for (const format of ['collapsed', 'flamegraph', 'top', 'markdown'] as const) {
    const least = bytesToShow(format, large, 16_384);
    assert.ok(bytesToCompare(format, comparedTrees(large, small), 16_384) >= least, format);
    assert.ok(bytesToCompare(format, comparedTrees(small, large), 16_384) >= least, format);
  }
});

test('values that are selected by labels are copies, and count', () => {
  let held = 0;
  const allowance = { check() {}, hold: (bytes: number) => void (held += bytes) };
  const profile = profileFromText('main;a{tenant=t} 1\nmain;b 2');
  assert.equal(ofSamples(profile, [], allowance), profile);
  assert.equal(held, 0);
  ofSamples(profile, [{ name: 'tenant', operator: '=', value: 't' }], allowance);
  assert.equal(held, 8 * 2);
});

test('numbers beyond doubles take several times the memory of others, and count so', () => {
  const huge = callTreeOf(profileFromText(`main;a ${2n ** 60n}\nmain;b 1`), 0);
  const plain = callTreeOf(profileFromText('main;a 1\nmain;b 1'), 0);
  assert.equal(huge.size, plain.size);
  assert.equal(bytesOfTree(plain), plain.size * 24);
  assert.equal(bytesOfTree(huge), huge.size * 72);
});
