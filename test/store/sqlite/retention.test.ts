import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HeldKind, type HeldUnit, unitsToRemove } from '../../../src/store/sqlite/retention.ts';

const day = 86_400_000;

interface Unit extends HeldUnit {
  readonly name: string;
}

/** `detail 3-4 10` covers day 3 and takes 10 bytes; `!` after it: roll-ups of it are still to be made. */
function unit(text: string): Unit {
  const [, kind, from, to, bytes, mark] = /^(\w+) (\d+)-(\d+) (\d+)(!?)$/.exec(text) ?? [];
  return {
    name: `${kind} ${from}`,
    kind: kind as HeldKind,
    fromMs: Number(from) * day,
    toMs: Number(to) * day,
    bytes: Number(bytes),
    isAwaited: mark === '!',
  };
}

/** Names of what goes, given the day it is, the ages in days (none: the clock is not believed) and the cap. */
function removed(
  units: readonly string[],
  {
    now,
    ages,
    cap = 1e9,
  }: { readonly now: number; readonly ages?: readonly [number, number, number]; readonly cap?: number },
): string {
  const held = units.map(unit);
  const [detail, roll1h, roll1d] = ages ?? [0, 0, 0];
  const oldest = { detail: (now - detail) * day, roll1h: (now - roll1h) * day, roll1d: (now - roll1d) * day };
  return unitsToRemove(held, {
    nowMs: now * day,
    oldestMs: ages && oldest,
    totalBytes: held.reduce((sum, { bytes }) => sum + bytes, 0),
    maxBytes: cap,
  })
    .map(({ name }) => name)
    .join(', ');
}

const days = ['detail 57-58 10', 'detail 58-59 10', 'detail 59-60 10', 'detail 60-61 10'];
const months = ['roll1h 0-30 5', 'roll1h 30-60 5', 'roll1h 60-90 5'];
const years = ['roll1d 0-30 2', 'roll1d 30-90 2'];

test('each kind is removed whole once all of it is past its own age', () => {
  assert.equal(removed(days, { now: 60.5, ages: [2, 9, 9] }), 'detail 57');
  assert.equal(removed(days, { now: 61, ages: [2, 9, 9] }), 'detail 57, detail 58');
  assert.equal(removed([...days, ...months, ...years], { now: 61, ages: [1e3, 30, 40] }), 'roll1h 0');
  assert.equal(removed([...days, ...months, ...years], { now: 71, ages: [1e3, 41, 41] }), 'roll1h 0, roll1d 0');
});

test('what is past its age goes even when nothing newer ever came; a clock that is not believed removes nothing', () => {
  assert.equal(removed(['detail 3-4 10'], { now: 9, ages: [2, 9, 9] }), 'detail 3');
  assert.equal(removed(['detail 3-4 10'], { now: 9 }), '');
});

test('detail that is still to be summed up waits a day past its age', () => {
  const waiting = ['detail 57-58 10!', 'detail 58-59 10'];
  assert.equal(
    removed(waiting, { now: 61.9, ages: [3, 9, 9] }),
    '',
    'and all after it: what is left begins at one moment',
  );
  assert.equal(removed(waiting, { now: 62, ages: [3, 9, 9] }), 'detail 57, detail 58');
  assert.equal(removed(waiting, { now: 58.5, cap: 15 }), 'detail 57', 'the cap waits for nothing');
});

test('the cap takes the oldest detail, then hours, then days, and leaves the newest of each', () => {
  const all = [...years, ...months, ...days];
  const left = (cap: number): string => removed(all, { now: 60.5, cap });
  assert.equal(left(59), '');
  assert.equal(left(58), 'detail 57');
  assert.equal(left(39), 'detail 57, detail 58');
  assert.equal(left(28), 'detail 57, detail 58, detail 59, roll1h 0');
  assert.equal(left(20), 'detail 57, detail 58, detail 59, roll1h 0, roll1h 30');
  assert.equal(left(18), 'detail 57, detail 58, detail 59, roll1h 0, roll1h 30, roll1d 0');
  assert.equal(left(0), 'detail 57, detail 58, detail 59, roll1h 0, roll1h 30, roll1d 0');
});

test('the cap leaves what is being written, wherever it lies when a clock was set back', () => {
  const written = ['detail 3-4 10', 'detail 57-58 10', 'detail 58-59 10'];
  assert.equal(removed(written, { now: 3.5, cap: 10 }), 'detail 57');
});

test('roll-ups of hours whose detail is held are never taken, nor days whose hours are', () => {
  const early = ['detail 10-11 10', 'detail 20-21 10', ...months, ...years];
  assert.equal(removed(early, { now: 70, cap: 20, ages: [100, 1, 1] }), 'detail 10');
  assert.equal(removed(['detail 40-41 10', ...months, ...years], { now: 70, cap: 0 }), 'roll1h 0, roll1d 0');
});
