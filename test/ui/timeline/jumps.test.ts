import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findJumps, findOwnJumps, jumpText } from '../../../src/ui/timeline/jumps.ts';
import type { LinePoint } from '../../../src/ui/timeline/lines.ts';

/** Values a minute apart, the first at 0. */
const minutely = (values: readonly (number | null)[]): LinePoint[] => values.map((value, at) => [at * 60_000, value]);
const flat = (level: number, count: number): number[] => Array.from({ length: count }, () => level);
const minutesOf = (values: readonly (number | null)[], floor?: number): number[] =>
  findJumps(minutely(values), floor).map(({ atMs }) => atMs / 60_000);

/** The same noise in each run: normal, of a standard deviation of 1. */
function normal(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

//     2 |            ┌────────
//     0 |────────────┘
test('what starts is found at its first minute', () => {
  const [jump] = findJumps(minutely([...flat(0, 40), ...flat(2, 40)]));
  assert.deepEqual(jump, { atMs: 40 * 60_000, before: 0, after: 2 });
  assert.equal(jump && jumpText(jump), 'started');
});

test('a rise and a fall are two jumps, and words say how large', () => {
  const jumps = findJumps(minutely([...flat(1, 30), ...flat(3, 30), ...flat(1.5, 30)]));
  assert.deepEqual(
    jumps.map(({ atMs }) => atMs / 60_000),
    [30, 60],
  );
  assert.deepEqual(jumps.map(jumpText), ['rose ×3.0', 'fell to 50 %']);
});

test('noise of any size is no jump', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const next = normal(seed);
    assert.deepEqual(minutesOf(Array.from({ length: 240 }, () => 10 + 2 * next())), [], `seed ${seed}`);
  }
});

test('a step is found in noise, within two minutes', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const next = normal(seed);
    const found = minutesOf(Array.from({ length: 120 }, (_, at) => (at < 70 ? 5 : 10) + 0.7 * next()));
    assert.equal(found.length, 1, `seed ${seed}: ${found.join()}`);
    assert.ok(Math.abs((found[0] ?? 0) - 70) <= 2, `seed ${seed}: ${found.join()}`);
  }
});

//     1 |              ┌──────
//       |          ┌───┘
//     0 |──────────┘
test('a step that goes from pod to pod is found where it begins', () => {
  assert.deepEqual(minutesOf([...flat(0, 30), 0.3, 0.7, ...flat(1, 30)]), [30]);
  assert.deepEqual(minutesOf([...flat(0, 30), 0.05, 0.25, 0.45, 0.65, ...flat(0.68, 30)]), [31]);
});

test('what started some minutes ago is found, though it has no long level yet', () => {
  assert.deepEqual(minutesOf([...flat(0, 60), 2, 2, 2, 2]), [60]);
});

test('a slope is no jump, however far it goes', () => {
  assert.deepEqual(minutesOf(Array.from({ length: 200 }, (_, at) => at)), []);
  const next = normal(7);
  assert.deepEqual(minutesOf(Array.from({ length: 200 }, (_, at) => 3 * at + 2 * next())), []);
});

test('waves are no jumps', () => {
  assert.deepEqual(minutesOf(Array.from({ length: 240 }, (_, at) => 10 + 4 * Math.sin(at / 12))), []);
});

test('a spike of a few minutes is no jump', () => {
  assert.deepEqual(minutesOf([...flat(1, 40), 30, 30, 30, ...flat(1, 40)]), []);
});

test('what changes by less than the floor does not matter', () => {
  assert.deepEqual(minutesOf([...flat(0, 30), ...flat(0.01, 30)], 0.05), []);
  assert.deepEqual(minutesOf([...flat(0, 30), ...flat(0.1, 30)], 0.05), [30]);
});

test('gaps do not hide a jump, and are none', () => {
  assert.deepEqual(minutesOf([...flat(1, 20), null, null, ...flat(1, 20), null, ...flat(3, 20)]), [43]);
  assert.deepEqual(minutesOf([]), []);
  assert.deepEqual(minutesOf([1, 2, 3]), []);
});

test('of many jumps the five largest are told, in order of time', () => {
  const levels = [0, 10, 0, 20, 0, 30, 0, 40];
  const found = minutesOf(levels.flatMap((level) => flat(level, 12)));
  assert.deepEqual(found, [36, 48, 60, 72, 84]);
});

test('a function that jumps with everything else has no jump of its own', () => {
  const own = [...flat(1, 30), ...flat(2, 30), ...flat(4, 30)];
  const others = [...flat(9, 30), ...flat(18, 30), ...flat(18, 30)];
  const rows = (values: readonly number[]): number[][] => values.map((value, at) => [at * 60_000, value, 60]);
  const total = own.map((value, at) => value + (others[at] ?? 0));
  assert.deepEqual(
    findOwnJumps(rows(own), rows(total)).map(({ atMs }) => atMs / 60_000),
    [60],
  );
});
