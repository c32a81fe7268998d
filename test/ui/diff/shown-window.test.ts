import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shownAround } from '../../../src/ui/diff/shown-window.ts';

const minute = 60_000;
const now = 1_000 * minute;
const windowOf = (from: number, to: number) => ({ fromMs: from * minute, toMs: to * minute });

test('both windows are shown with some time around them, but none after now', () => {
  assert.deepEqual(shownAround([windowOf(800, 860), windowOf(740, 800)], now), windowOf(704, 896));
  assert.deepEqual(shownAround([windowOf(940, 1000), windowOf(880, 940)], now), windowOf(844, 1000));
});

test('what is shown stays while the windows are seen well in it', () => {
  const before = windowOf(700, 1000);
  assert.equal(shownAround([windowOf(800, 860), windowOf(740, 790)], now, before), before);
  assert.notEqual(shownAround([windowOf(800, 810)], now, before), before, 'too small to be seen well');
  assert.notEqual(shownAround([windowOf(600, 860)], now, before), before, 'not all of it would be seen');
});
