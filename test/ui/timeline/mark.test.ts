import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupMarks, type Mark, type MarkKind } from '../../../src/ui/timeline/mark.ts';

const shown = { fromMs: 0, toMs: 1000 };
const mark = (kind: MarkKind, atMs: number): Mark => ({ kind, atMs, label: `${kind} at ${atMs}` });
const toldOf = (marks: readonly Mark[], width: number): string[] =>
  groupMarks(marks, shown, width).map((group) => group.marks.map(({ label }) => label).join(', '));

test('marks whose signs would lie on each other are one group, the most important first', () => {
  const marks = [mark('restart', 500), mark('rollout', 490), mark('jump', 900)];
  assert.deepEqual(toldOf(marks, 1000), ['rollout at 490, restart at 500', 'jump at 900']);
  assert.deepEqual(toldOf(marks, 10_000), ['rollout at 490', 'restart at 500', 'jump at 900']);
});

test('a group is as wide as the signs of its kinds', () => {
  const marks = [mark('rollout', 100), mark('restart', 110), mark('event', 140)];
  assert.deepEqual(toldOf(marks, 1000), ['event at 140, rollout at 100, restart at 110']);
  assert.deepEqual(toldOf([mark('restart', 100), mark('restart', 110), mark('event', 140)], 1000), [
    'restart at 100, restart at 110',
    'event at 140',
  ]);
});

test('what is not shown has no mark', () => {
  assert.deepEqual(toldOf([mark('jump', -1), mark('jump', 1001)], 1000), []);
});
