import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, constantFrom, integer, option, property, record, uniqueArray } from 'fast-check';
import { type HeldTime, planTime, runsOf, withoutHours } from '../../../../src/store/sqlite/read/plan.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** 2026-07-30T00:00:00Z and the hours and days from it on. */
const start = 1_785_369_600_000;
const firstDay = start / day;
const firstHour = start / hour;

/** A time of day after `start`, as `1d02:30`. */
function at(text: string): number {
  const [, days = '0', hours = '0', minutes = '0'] = /^(?:(\d+)d)?(\d+):(\d+)$/.exec(text) ?? [];
  return start + Number(days) * day + Number(hours) * hour + Number(minutes) * 60_000;
}

function held(detail: string, rolledHours: readonly number[], rolledDays: readonly number[]): HeldTime {
  return {
    detailFromMs: at(detail),
    rolledHours: rolledHours.map((hours) => firstHour + hours),
    rolledDays: rolledDays.map((days) => firstDay + days),
  };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/** A plan as text: what covers each hour, `[day]`s, `H`ours, `E`dges of the rest, other `r`est, `.` nothing. */
function drawn(from: string, to: string, time: HeldTime, rollUps: 'if they hold it' | 'never' = 'if they hold it') {
  const window = { fromMs: at(from), toMs: at(to) };
  const plan = planTime(window, time, rollUps);
  return range(Math.floor(window.fromMs / hour), Math.ceil(window.toMs / hour))
    .map((shown) => {
      if (plan.days.includes(Math.floor(shown / 24))) return 'D';
      if (plan.hours.includes(shown)) return 'H';
      if (plan.edges.includes(shown)) return 'E';
      return plan.rest.some(({ fromMs, toMs }) => fromMs < (shown + 1) * hour && toMs > shown * hour) ? 'r' : '.';
    })
    .join('')
    .replaceAll('D'.repeat(24), '[day]');
}

test('the coarsest roll-up that lies wholly in the window counts, single profiles for the rest', () => {
  const time = held('0:00', range(0, 70), [0, 1]);
  assert.equal(drawn('0d0:00', '2d0:00', time), '[day][day]');
  assert.equal(drawn('0d22:30', '2d2:15', time), 'EH[day]HHE');
  assert.equal(drawn('0d22:30', '1d2:00', time), 'EHHH');
  assert.equal(drawn('2d21:00', '3d0:30', time), 'Hrrr');
  assert.equal(drawn('0d22:10', '0d22:50', time), 'E');
  assert.equal(drawn('0d22:00', '2d2:00', time, 'never'), 'r'.repeat(28));
});

test('an hour that is not rolled is rest, and so is its day', () => {
  const rolledHours = range(0, 48).filter((one) => one !== 5);
  assert.equal(drawn('0d0:00', '2d0:00', held('0:00', rolledHours, [1])), `${'H'.repeat(5)}r${'H'.repeat(18)}[day]`);
});

test('before the horizon of single profiles there is no rest', () => {
  const time = held('2d6:00', range(24, 60), [0, 1]);
  assert.equal(drawn('0d0:00', '2d8:30', time), '[day][day]HHHHHHHHE');
  assert.equal(drawn('1d20:00', '2d8:30', { ...time, rolledDays: [] }, 'never'), `${'.'.repeat(10)}rrr`);
  const nothing = { detailFromMs: Infinity, rolledHours: [], rolledDays: [] };
  assert.equal(drawn('0d0:00', '0d3:00', nothing), '...');
});

test('buckets that follow each other are read in one go', () => {
  assert.deepEqual(runsOf([3, 4, 5, 8, 10, 11]), [
    { from: 3, to: 6 },
    { from: 8, to: 9 },
    { from: 10, to: 12 },
  ]);
  assert.deepEqual(runsOf([]), []);
});

test('every moment is answered exactly once, whatever is rolled, open or expired', () => {
  const someTime = record({
    detailHour: option(integer({ min: 0, max: 120 })),
    missing: uniqueArray(integer({ min: 0, max: 119 }), { maxLength: 30 }),
    until: integer({ min: 0, max: 120 }),
    daysUntil: integer({ min: 0, max: 5 }),
  });
  const someWindow = record({
    fromMs: integer({ min: -10 * hour, max: 125 * hour }),
    lengthMs: integer({ min: 1, max: 60 * hour }),
    gridMs: constantFrom(1, 60_000, hour, day),
  });
  check(
    property(someTime, array(someWindow, { minLength: 1, maxLength: 5 }), (drawnTime, windows) => {
      const { detailHour, missing, until, daysUntil } = drawnTime;
      const rolled = range(0, until).filter((one) => !missing.includes(one));
      const isWhole = (one: number): boolean => range(24 * one, 24 * one + 24).every((hours) => rolled.includes(hours));
      const time: HeldTime = {
        detailFromMs: detailHour === null ? Infinity : start + detailHour * hour,
        rolledHours: rolled.map((one) => firstHour + one),
        rolledDays: range(0, daysUntil)
          .filter(isWhole)
          .map((one) => firstDay + one),
      };
      for (const { fromMs, lengthMs, gridMs } of windows) {
        const from = start + Math.floor(fromMs / gridMs) * gridMs;
        assertCovered({ fromMs: from, toMs: from + Math.max(1, Math.floor(lengthMs / gridMs)) * gridMs }, time);
      }
    }),
    { numRuns: 500 },
  );
});

function assertCovered(window: { readonly fromMs: number; readonly toMs: number }, time: HeldTime): void {
  const plan = planTime(window, time, 'if they hold it');
  const spans = [
    ...plan.days.map((one) => ({ fromMs: one * day, toMs: (one + 1) * day })),
    ...plan.hours.map((one) => ({ fromMs: one * hour, toMs: (one + 1) * hour })),
    ...plan.rest,
  ].sort((a, b) => a.fromMs - b.fromMs);
  let untilMs = window.fromMs;
  for (const { fromMs, toMs } of spans) {
    assert.ok(fromMs >= untilMs && toMs > fromMs && toMs <= window.toMs, 'inside, in order, without overlaps');
    assertNothingHeld(untilMs, fromMs, time);
    untilMs = toMs;
  }
  assertNothingHeld(untilMs, window.toMs, time);
  for (const { fromMs } of plan.rest) assert.ok(fromMs >= time.detailFromMs);
  const lengthOf = (rest: typeof plan.rest): number => rest.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  for (const edge of plan.edges) {
    assert.ok(edge * hour < window.fromMs || (edge + 1) * hour > window.toMs);
    const cutFromMs = Math.max(edge * hour, window.fromMs, time.detailFromMs);
    const cutMs = Math.max(0, Math.min((edge + 1) * hour, window.toMs) - cutFromMs);
    assert.equal(lengthOf(plan.rest) - lengthOf(withoutHours(plan.rest, [edge])), cutMs);
  }
}

/** Of what no part of a plan covers, nothing may be held: no single profile, and no roll-up that lies wholly in it. */
function assertNothingHeld(fromMs: number, toMs: number, time: HeldTime): void {
  if (fromMs >= toMs) return;
  assert.ok(toMs <= time.detailFromMs);
  for (const one of time.rolledHours) assert.ok(one * hour < fromMs || (one + 1) * hour > toMs);
}
