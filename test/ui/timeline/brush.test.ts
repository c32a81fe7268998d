import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Drag, dragged, isMeant, placeAfterKey } from '../../../src/ui/timeline/brush.ts';
import { clipped, momentAt, movedBy } from '../../../src/ui/timeline/scale.ts';

const shown = { fromMs: 0, toMs: 3_600_000 };
const before = { fromMs: 600_000, toMs: 1_200_000 };
const drag = (part: Drag['part'], beganMs: number): Drag => ({ target: 'range', part, beganMs, before });

test('a new window is drawn in either direction', () => {
  const began = { ...drag('new', 900_000), before: { fromMs: 900_000, toMs: 900_000 } };
  assert.deepEqual(dragged(began, 1_500_000, shown), { fromMs: 900_000, toMs: 1_500_000 });
  assert.deepEqual(dragged(began, 300_000, shown), { fromMs: 300_000, toMs: 900_000 });
});

test('an edge is pulled, also over the other one', () => {
  assert.deepEqual(dragged(drag('from', 600_000), 660_000, shown), { fromMs: 660_000, toMs: 1_200_000 });
  assert.deepEqual(dragged(drag('to', 1_200_000), 300_000, shown), { fromMs: 300_000, toMs: 600_000 });
});

test('a window is moved as it is, and not beyond what is shown', () => {
  assert.deepEqual(dragged(drag('all', 700_000), 760_000, shown), { fromMs: 660_000, toMs: 1_260_000 });
  assert.deepEqual(dragged(drag('all', 700_000), 0, shown), { fromMs: 0, toMs: 600_000 });
  assert.deepEqual(movedBy(before, 9e9, shown), { fromMs: 3_000_000, toMs: 3_600_000 });
});

test('a click is no window', () => {
  assert.equal(isMeant({ fromMs: 0, toMs: 3000 }, shown, 1000), false);
  assert.equal(isMeant({ fromMs: 0, toMs: 18_000 }, shown, 1000), true);
});

test('moments of pixels are whole seconds inside of what is shown', () => {
  assert.deepEqual(
    [-0.1, 0.12345, 1.2].map((share) => momentAt(shown, share)),
    [0, 444_000, 3_600_000],
  );
});

test('of a window that is shown in part the rest is cut off', () => {
  assert.deepEqual(clipped({ fromMs: -5, toMs: 60 }, shown), { fromMs: 0, toMs: 60 });
  assert.equal(clipped({ fromMs: -60, toMs: -5 }, shown), undefined);
});

test('keys move by one, by ten, to the ends, and no further', () => {
  const keys = ['ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'Home', 'End', 'x'];
  assert.deepEqual(
    keys.map((key) => placeAfterKey(key, 5, 12)),
    [4, 6, 12, 0, 0, 12, undefined],
  );
  assert.equal(placeAfterKey('ArrowLeft', 0, 12), 0);
});
