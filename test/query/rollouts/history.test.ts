import assert from 'node:assert/strict';
import { test } from 'node:test';
import { currentStint, historyOf } from '../../../src/query/rollouts/history.ts';
import { observe } from '../../../src/query/rollouts/observe.ts';
import { minuteMs, noonMs } from '../../support/query-ask.ts';
import { memoryReader } from '../../support/query-memory-reader.ts';
import { type DrawnPods, drawnPods, drawnTime } from '../../support/query-rollouts.ts';

/** `base → compare first–last, side by side from–to …` of each roll-out, and the current revision; `minutes` after noon is now. */
function historyDrawn(drawing: string, minutes: number, more: DrawnPods = {}): string[] {
  const window = { fromMs: noonMs, toMs: noonMs + minutes * minuteMs };
  const { processes } = observe(memoryReader(drawnPods(drawing, more)), [], window);
  const history = historyOf(processes);
  const span = ({ from, to }: { from: number; to: number }) => `${drawnTime(from * 1000)}–${drawnTime(to * 1000)}`;
  const current = currentStint(history, (revision) => processes.some((one) => one.revision === revision && one.isLive));
  return [
    ...history.rollouts.map(({ compare, base, overlaps }) => {
      const both = overlaps.length === 0 ? 'never side by side' : `side by side ${overlaps.map(span).join(' ')}`;
      return `${base.revision} → ${compare.revision} ${span(compare)}, ${both}`;
    }),
    `${current?.revision} is current`,
  ];
}

test('more pods of one revision are no roll-out', () => {
  const drawing = `
    r1 a ########
    r1 b ...#####
    r1 c ....##..`;
  assert.deepEqual(historyDrawn(drawing, 8), ['r1 is current']);
});

test('a rolling update: the old and the new one run side by side', () => {
  const drawing = `
    r1 a ####....
    r1 b #####...
    r2 c ...#####
    r2 d ....####`;
  assert.deepEqual(historyDrawn(drawing, 8), ['r1 → r2 3–8, side by side 3–5', 'r2 is current']);
});

test('an undo brings a revision back: a roll-out of its own', () => {
  const drawing = `
    r1 a #####.......
    r2 b ....######..
    r1 c .........###`;
  assert.deepEqual(historyDrawn(drawing, 12), [
    'r1 → r2 4–10, side by side 4–5',
    'r2 → r1 9–12, side by side 9–10',
    'r1 is current',
  ]);
});

test('a pod that is replaced is no undo, though its revision was gone for a minute', () => {
  const drawing = `
    r1 a ####.#######
    r2 b ..##########`;
  assert.deepEqual(historyDrawn(drawing, 12), ['r1 → r2 2–12, side by side 2–12', 'r2 is current']);
});

test('three revisions in a row: each is compared with what ran most before it', () => {
  const drawing = `
    r1 a ##########..
    r1 b ########....
    r2 c ......###...
    r3 d .......#####`;
  assert.deepEqual(historyDrawn(drawing, 12), [
    'r1 → r2 6–9, side by side 6–9',
    'r1 → r3 7–12, side by side 7–10',
    'r3 is current',
  ]);
});

test('blue and green that never run side by side', () => {
  const drawing = `
    r1 a ####......
    r2 b ......####`;
  assert.deepEqual(historyDrawn(drawing, 10), ['r1 → r2 6–10, never side by side', 'r2 is current']);
});

test('a canary for long: one roll-out, whatever its pods do meanwhile', () => {
  const drawing = `
    r1 a ${'#'.repeat(60)}
    r1 b ${'#'.repeat(60)}
    r2 c ..........${'#'.repeat(20)}.${'#'.repeat(9)}....${'#'.repeat(16)}`;
  assert.deepEqual(historyDrawn(drawing, 60), ['r1 → r2 10–60, side by side 10–40 44–60', 'r2 is current']);
});

test('a canary that was withdrawn and comes again is rolled out again', () => {
  const drawing = `
    r1 a ${'#'.repeat(40)}
    r2 b .....#####...............${'#'.repeat(15)}`;
  assert.deepEqual(historyDrawn(drawing, 40), [
    'r1 → r2 5–10, side by side 5–10',
    'r1 → r2 25–40, side by side 25–40',
    'r2 is current',
  ]);
  assert.deepEqual(historyDrawn(drawing, 20), ['r1 → r2 5–10, side by side 5–10', 'r1 is current']);
});

test('a StatefulSet is rolled pod by pod, each in the place of the one before', () => {
  const drawing = `
    r1 0 ######....
    r1 1 ####......
    r2 1 ....######
    r2 0 ......####`;
  const labels = { workload_kind: 'StatefulSet' };
  assert.deepEqual(historyDrawn(drawing, 10, { labels }), ['r1 → r2 4–10, side by side 4–6', 'r2 is current']);
});

test('a revision that never got ready runs only now and then, and is still the new one', () => {
  const drawing = `
    r1 a ############
    r2 b ...#..#..#..`;
  assert.deepEqual(historyDrawn(drawing, 12), ['r1 → r2 3–10, side by side 3–4 6–7 9–10', 'r1 is current']);
});

test('a gap in all observations is no roll-out', () => {
  const drawing = `
    r1 a ####????????????####
    r1 b ####............####`;
  assert.deepEqual(historyDrawn(drawing, 20), ['r1 is current']);
});

test('what began before the first look is told apart by when processes started', () => {
  const old = drawnPods('old a ....####', { started: true }).map((one) => ({ ...one, startedMs: noonMs - 7_000_000 }));
  const young = drawnPods('new b ....####', { started: true });
  const window = { fromMs: noonMs, toMs: noonMs + 8 * minuteMs };
  const { processes } = observe(memoryReader([...young, ...old]), [], window);
  assert.deepEqual(
    historyOf(processes).rollouts.map(({ base, compare }) => `${base.revision} → ${compare.revision}`),
    ['old → new'],
  );
});

test('a process is observed by profiles of any kind', () => {
  const byCpu = drawnPods('r1 a ###.....');
  const byHeap = drawnPods('r1 a ..######').map((one) => {
    const types = [{ type: 'inuse_space', unit: 'bytes', temporality: 'gauge' } as const];
    return { ...one, kind: 'heap', types, processId: 'r1-a-0', endedMs: noonMs + 8 * minuteMs };
  });
  const reader = memoryReader([...byCpu.map((one) => ({ ...one, endedMs: noonMs + 8 * minuteMs })), ...byHeap]);
  const { processes } = observe(reader, [], { fromMs: noonMs, toMs: noonMs + 10 * minuteMs });
  assert.deepEqual(
    processes.map(({ ranges }) => ranges.map(({ from, to }) => [drawnTime(from * 1000), drawnTime(to * 1000)])),
    [[['0', '8']]],
  );
});

test('a process is live until its next profile is overdue, or its end', () => {
  const isLive = (drawing: string, minutes: number): boolean | undefined => {
    const window = { fromMs: noonMs, toMs: noonMs + minutes * minuteMs };
    return observe(memoryReader(drawnPods(drawing)), [], window).processes[0]?.isLive;
  };
  assert.equal(isLive('r1 a ####', 4), true);
  assert.equal(isLive('r1 a ####', 5.4), true, 'the last one, at 3, may have a next one until 5:30');
  assert.equal(isLive('r1 a ####', 5.5), false);
  assert.equal(isLive('r1 a ####.', 4.1), false);
});
