import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simplifiedName } from '../../../src/profile/view/drop-frames.ts';
import { assertView, drawnProfile } from '../../support/view-drawing.ts';

function assertDropped(
  input: string,
  [dropFrames, keepFrames = '']: readonly [drop: string, keep?: string],
  expected: string,
): void {
  assertView(drawnProfile(input, { dropFrames, keepFrames }), {}, expected);
}

test('drop_frames cuts a stack at the first match, with all below it', () => {
  assertDropped('main;work;malloc;sbrk 4 \n main;work 1', ['malloc'], 'main;work 5');
});

test('it matches whole names only, without the arguments of C++', () => {
  assertDropped('main;malloc2 4', ['malloc'], 'main;malloc2 4');
  assertDropped('main;f(int);g 4', ['f'], 'main 4');
});

test('a function that keep_frames matches stays', () => {
  assertDropped(
    'main;malloc_hook;log 4 \n main;malloc;log 2',
    ['malloc.*|log', '.*_hook'],
    'main;malloc_hook 4 \n main 2',
  );
});

test('nothing is cut before the first frame that is not to be dropped', () => {
  assertDropped('malloc;malloc;main;malloc 4 \n malloc 1', ['malloc'], 'malloc;malloc;main 4 \n malloc 1');
});

test('of a location, what a match was inlined into stays', () => {
  assertDropped('main;work;^malloc;^sbrk;page 4', ['malloc'], 'main;work 4');
  assertDropped('main;malloc;^work;page 4', ['malloc'], 'main 4');
  // Without a user frame above it the location loses the match, but what it calls stays.
  assertDropped('work;^malloc;page 4', ['malloc'], 'work;page 4');
});

test('an expression that is none is ignored, drop_frames too when only keep_frames is', () => {
  assertDropped('main;malloc 4', ['(malloc'], 'main;malloc 4');
  assertDropped('main;malloc 4', ['malloc', '('], 'main;malloc 4');
});

test('names lose their arguments, but not the brackets that belong to a name', () => {
  assert.equal(simplifiedName('ns::f(int, char)'), 'ns::f');
  assert.equal(simplifiedName('(anonymous namespace)::f(int)'), '(anonymous namespace)::f');
  assert.equal(simplifiedName('ns::operator()(int)'), 'ns::operator()');
  assert.equal(simplifiedName('.power'), 'power');
  assert.equal(simplifiedName('main.(*T).run'), 'main.');
});
