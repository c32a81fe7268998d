import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { unseen } from '../../../src/ui/flame/honest.ts';
import { type FlameModel, type FlameRange, prepareFlame } from '../../../src/ui/flame/model.ts';
import { boxAt, boxesOf, rowsOf } from '../../../src/ui/flame/scene.ts';
import { anyDiff, anyGraph, folded, graphOf } from './answers.ts';

const anyRange = fc
  .tuple(
    fc.double({ min: 0, max: 0.95, noNaN: true }),
    fc.double({ min: 0.001, max: 1, noNaN: true }),
    fc.integer({ min: 1, max: 200 }),
  )
  .map(([start, width, pixels]): FlameRange => ({ start, end: Math.min(1, start + width), pixels }));

/** The spans of a level, by looking at each: start, end, and the place in the level's list. */
function spansOf(model: FlameModel, level: number): { start: number; end: number; place: number }[] {
  return Array.from(model.order, (node, place) => ({ node, place }))
    .filter(({ node }) => model.level[node] === level)
    .map(({ node, place }) => ({
      start: model.start[node] ?? 0,
      end: (model.start[node] ?? 0) + (model.width[node] ?? 0),
      place,
    }));
}

test('frames of a pixel and more have a box of their own, narrower neighbours share one', () => {
  const model = prepareFlame(graphOf('wide 90\nb 1\nc 1\nd 1\ne 1\nmiddle 6'));
  const boxes = boxesOf(model, 1, { start: 0, end: 1, pixels: 50 });
  assert.deepEqual(
    boxes.map(({ kind, x, width, from, to }) => [kind, Math.round(x), Math.round(width), to - from]),
    [
      ['frame', 0, 45, 1],
      ['run', 45, 2, 4],
      ['frame', 47, 3, 1],
    ],
  );
});

test('wherever there is a frame there is a box, however narrow the frame is', () => {
  fc.assert(
    fc.property(fc.oneof(anyGraph, anyDiff), anyRange, (answer, range) => {
      const model = prepareFlame(answer);
      const pixel = (range.end - range.start) / range.pixels;
      for (let level = 0; level < model.levels; level++) {
        const boxes = boxesOf(model, level, range);
        const spans = spansOf(model, level).filter(({ start, end }) => end > start);
        for (const { start, end, place } of spans) {
          const isInside = end > range.start + 1e-12 && start < range.end - 1e-12;
          const holding = boxes.filter((box) => box.from <= place && place < box.to);
          if (!isInside) continue;
          assert.equal(holding.length, 1, `a frame at ${start} is in one box`);
          assert.equal(holding[0]?.kind, end - start < pixel ? 'run' : 'frame');
          assert.ok((holding[0]?.start ?? 2) <= start && (holding[0]?.end ?? -1) >= end - 1e-12);
        }
      }
    }),
  );
});

test('boxes of a line stand side by side inside the picture, and pointing at one finds it', () => {
  fc.assert(
    fc.property(anyGraph, fc.integer({ min: 0, max: 500 }), anyRange, (answer, least, range) => {
      const model = prepareFlame(folded(answer, least));
      for (let level = 0; level < rowsOf(model); level++) {
        const boxes = boxesOf(model, level, range);
        // Runs bridge gaps below a pixel, and what was folded may stand in such a gap: each kind by itself.
        for (const isFolded of [false, true]) {
          let right = 0;
          for (const box of boxes.filter(({ kind }) => (kind === 'folded') === isFolded)) {
            assert.ok(box.x >= right - 1e-6, `${box.x} begins at ${right} or later`);
            right = box.x + box.width;
          }
          assert.ok(right <= range.pixels + 1e-6);
        }
        for (const box of boxes) {
          const middle = box.x + box.width / 2;
          const isAlone = boxes.every((other) => other === box || middle < other.x || middle >= other.x + other.width);
          if (box.width > 1 && isAlone) assert.deepEqual(boxAt(model, level, range, middle), box);
        }
      }
    }),
  );
});

test('what is folded away at the server has boxes, too', () => {
  fc.assert(
    fc.property(anyGraph, fc.integer({ min: 0, max: 500 }), (answer, least) => {
      const whole = prepareFlame(answer);
      const model = prepareFlame(folded(answer, least));
      if (whole.wholeTotal === 0) return;
      const range = { start: 0, end: 1, pixels: 1e9 };
      const widthOf = (of: FlameModel): number =>
        boxesOf(of, 1, range).reduce((sum, { start, end }) => sum + end - start, 0);
      assert.ok(Math.abs(widthOf(model) - widthOf(whole)) < 1e-6);
    }),
  );
});

test('a long run is parted, so that a click on it leads somewhere', () => {
  const stacks = Array.from({ length: 4000 }, (_, at) => `main;f${at} 1`).join('\n');
  const model = prepareFlame(graphOf(stacks));
  const boxes = boxesOf(model, 2, { start: 0, end: 1, pixels: 1000 });
  assert.ok(boxes.every(({ kind, width }) => kind === 'run' && width <= 75));
  assert.equal(
    boxes.reduce((sum, { from, to }) => sum + to - from, 0),
    4000,
  );
});

test('the share that is said to be too narrow to see is that of the frames in runs', () => {
  fc.assert(
    fc.property(anyGraph, anyRange, (answer, range) => {
      const model = prepareFlame(answer);
      const pixel = (range.end - range.start) / range.pixels;
      let below = 0;
      // The uppermost narrow ones: what is below them is in them.
      for (let node = 1; node < model.size; node++) {
        const [start = 0, width = 0] = [model.start[node], model.width[node]];
        const above = model.width[model.parent[node] ?? 0] ?? 0;
        if (width >= pixel || above < pixel) continue;
        below += Math.max(0, Math.min(range.end, start + width) - Math.max(range.start, start));
      }
      if (model.wholeTotal === 0) return;
      assert.ok(Math.abs(unseen(model, range).below - below / (range.end - range.start)) < 1e-6);
    }),
  );
});

test('what was folded at the server is said as such', () => {
  const model = prepareFlame(folded(graphOf('main;big 80\nmain;small 12\nmain;tiny 8'), 50));
  const { below, folded: share } = unseen(model, { start: 0, end: 1, pixels: 1000 });
  assert.deepEqual([below, Math.round(share * 100)], [0, 20]);
});
