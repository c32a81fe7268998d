import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainView } from '../../../src/model/view.ts';
import { applyView } from '../../../src/profile/view/apply-view.ts';
import { assertView, drawnProfile } from '../../support/view-drawing.ts';

const carts = `
  main {route=/cart,tenant=a}  1
  main {route=/pay,tenant=a}   2
  main {route=/pay,tenant=b}   4
  main                         8`;

const sizes = `
  main {bytes=512:bytes}    1
  main {bytes=4096:bytes}   2
  main {bytes=8:kb}         4
  main {pages=4096:}        8`;

/** The sum of the values that are left: which rows they were of, in a binary digit each. */
function left(input: string, filters: { tagfocus?: string; tagignore?: string }): number {
  const { values } = applyView(drawnProfile(input), { ...plainView, filters }, () => {});
  return values.flatMap((column) => Array.from(column, Number)).reduce((sum, value) => sum + value, 0);
}

test('an expression matches key:value of a text label', () => {
  assert.equal(left(carts, { tagfocus: '^route:/pay$' }), 6);
  assert.equal(left(carts, { tagignore: 'tenant' }), 8);
});

test('of a list without a key all must match, of one with a key any', () => {
  assert.equal(left(carts, { tagfocus: 'pay,tenant:a' }), 2);
  assert.equal(left(carts, { tagfocus: 'route=cart,pay' }), 7);
  assert.equal(left(carts, { tagfocus: 'tenant=^/pay$' }), 0);
});

test('focus and ignore go together', () => {
  assert.equal(left(carts, { tagfocus: 'tenant', tagignore: 'tenant=b' }), 3);
});

test('a range looks at numbers, ends included, in the unit of each', () => {
  assert.equal(left(sizes, { tagfocus: '4kb' }), 2);
  assert.equal(left(sizes, { tagfocus: 'bytes=512b:4kb' }), 3);
  assert.equal(left(sizes, { tagfocus: 'bytes=4kb:' }), 6);
  assert.equal(left(sizes, { tagfocus: 'bytes=:4095b' }), 1);
  assert.equal(left(sizes, { tagignore: '1kb:1mb' }), 9);
});

test('a number without a unit is in the unit of its key, or in the one that is asked for', () => {
  assert.equal(left(sizes, { tagfocus: 'pages=4096' }), 8);
  assert.equal(left(sizes, { tagfocus: 'pages=4000kb:' }), 8);
  assert.equal(left('main {size=1:kb} 1 \n main {size=1024:} 2', { tagfocus: 'size=1024kb' }), 2);
  assert.equal(left('main {request=1024:} 1', { tagfocus: 'request=1kb' }), 1);
});

test('a unit of another family matches nothing', () => {
  assert.equal(left(sizes, { tagfocus: 'bytes=1ms:' }), 0);
  assert.equal(left('main {wait=1500:ms} 1', { tagfocus: 'wait=1s:2s' }), 1);
});

test('negative numbers and those beyond 2^53 are numbers', () => {
  assert.equal(left('main {n=-5:} 1 \n main {n=5:} 2', { tagfocus: 'n=-10:-1' }), 1);
  assert.equal(left('main {n=9223372036854775807:} 1', { tagfocus: 'n=9223372036854775807:' }), 1);
});

test('what only looks like a range is an expression', () => {
  assert.equal(left('main {v=1:} 1 \n main {v=a1-2} 2', { tagfocus: '1-2' }), 2);
  assert.equal(left('main {v=5kb:2ms} 1', { tagfocus: '5kb:2ms' }), 1);
});

test('a range that matches nothing says that it does not look at texts', () => {
  assertView(
    'main {status=200} 1',
    { filters: { tagfocus: 'status=200' } },
    '',
    'tagfocus: "status=200" matched no samples; it is a range of numbers, and texts are not compared with it',
  );
});

test('tags are looked at in what the other filters leave', () => {
  assertView(
    'main;a {k=x} 1 \n main;b {k=y} 2',
    { filters: { ignore: 'b', tagfocus: 'y' } },
    '',
    'tagfocus: "y" matched no samples',
  );
});
