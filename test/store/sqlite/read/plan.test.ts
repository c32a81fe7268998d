import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, constantFrom, integer, option, property, record, uniqueArray } from 'fast-check';
import type { FlameherdError } from '../../../../src/model/errors.ts';
import { type HeldTime, planTime, runsOf, whyDetail, withoutHours } from '../../../../src/store/sqlite/read/plan.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** 2026-07-30T00:00:00Z and the hours and days around it. */
const start = 1_785_369_600_000;
const firstDay = start / day;
const firstHour = start / hour;

/** A time of day after `start`, as `1d02:30`. */
function at(text: string): number {
  const [, days = '0', hours = '0', minutes = '0'] = /^(?:(\d+)d)?(\d+):(\d+)$/.exec(text) ?? [];
  return start + Number(days) * day + Number(hours) * hour + Number(minutes) * 60_000;
}

function held(parts: { detail?: string; hours?: string; rolledHours?: number[]; rolledDays?: number[] }): HeldTime {
  return {
    detailFromMs: parts.detail === undefined ? Infinity : at(parts.detail),
    hoursFromMs: parts.hours === undefined ? Infinity : at(parts.hours),
    rolledHours: (parts.rolledHours ?? []).map((hours) => firstHour + hours),
    rolledDays: (parts.rolledDays ?? []).map((days) => firstDay + days),
  };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/** A plan as text: what covers each hour, `D`ays, `H`ours, `E`dges among the `r`est, `.` nothing. */
function drawn(from: string, to: string, time: HeldTime, needsDetail?: string): string {
  const plan = planTime({ fromMs: at(from), toMs: at(to) }, time, needsDetail);
  const firstShown = Math.floor(plan.window.fromMs / hour);
  const lastShown = Math.ceil(plan.window.toMs / hour);
  return range(firstShown, lastShown)
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
  const time = held({ detail: '0:00', hours: '0:00', rolledHours: range(0, 70), rolledDays: [0, 1] });
  assert.equal(drawn('0d0:00', '2d0:00', time), '[day][day]');
  assert.equal(drawn('0d22:30', '2d2:15', time), 'EH[day]HHE');
  assert.equal(drawn('0d22:30', '1d2:00', time), 'EHHH');
  assert.equal(drawn('2d21:00', '3d0:30', time), 'Hrrr');
  assert.equal(drawn('0d22:10', '0d22:50', time), 'E');
  assert.equal(drawn('0d22:00', '2d2:00', time, 'aggregate=last'), 'r'.repeat(28));
});

test('an hour that is not rolled is rest, and so is its day', () => {
  const rolledHours = range(0, 48).filter((one) => one !== 5);
  const time = held({ detail: '0:00', hours: '0:00', rolledHours, rolledDays: [1] });
  assert.equal(drawn('0d0:00', '2d0:00', time), `${'H'.repeat(5)}r${'H'.repeat(18)}[day]`);
});

test('a window widens to whole hours, or days, where it ends among what only roll-ups hold', () => {
  const time = held({ detail: '2d6:00', hours: '1d0:00', rolledHours: range(24, 60), rolledDays: [0, 1] });
  const planned = (from: string, to: string) => planTime({ fromMs: at(from), toMs: at(to) }, time);
  assert.equal(drawn('0d12:30', '2d8:30', time), '[day][day]HHHHHHHHE');
  assert.deepEqual(planned('0d12:30', '2d8:30').window, { fromMs: at('0d0:00'), toMs: at('2d8:30') });
  assert.equal(planned('0d12:30', '2d8:30').resolution, '1d');
  assert.deepEqual(planned('1d22:30', '2d3:30').window, { fromMs: at('1d22:00'), toMs: at('2d4:00') });
  assert.equal(planned('1d22:30', '2d3:30').resolution, '1h');
  assert.deepEqual(planned('0d1:00', '0d2:00').window, { fromMs: at('0d0:00'), toMs: at('1d0:00') });
  assert.deepEqual(planned('1d22:30', '2d3:30').warnings, [
    'single profiles are kept from 2026-08-01T06:00:00.000Z on: before that, whole hours are answered, here from 2026-07-31T22:00:00.000Z to 2026-08-01T04:00:00.000Z',
  ]);
  assert.deepEqual(planned('1d22:00', '2d8:30').warnings, [], 'whole hours were asked for');
  assert.equal(planned('1d22:00', '2d8:30').resolution, '1h');
  assert.equal(planned('2d6:00', '2d8:30').resolution, 'detail');
});

test('where nothing was ever removed nothing widens, though the window begins before the first profile', () => {
  const time = held({ detail: '1d9:00', hours: '0d0:00', rolledHours: range(33, 48), rolledDays: [1] });
  const window = { fromMs: at('0d3:20'), toMs: at('2d5:10') };
  for (const needsDetail of [undefined, 'aggregate=peak']) {
    const plan = planTime(window, time, needsDetail);
    assert.deepEqual(plan.window, window);
    assert.equal(plan.resolution, 'detail');
    assert.deepEqual(plan.warnings, []);
  }
  assert.deepEqual(planTime(window, held({})).rest, []);
});

test('what roll-ups cannot know is refused where single profiles are gone, and the hint names the horizon', () => {
  const time = held({ detail: '2d6:00', hours: '1d0:00', rolledHours: range(24, 60), rolledDays: [0, 1] });
  const ask = (from: string, to: string, needs: string) => () =>
    planTime({ fromMs: at(from), toMs: at(to) }, time, needs);
  const failure = (from: string): FlameherdError => {
    try {
      ask(from, '2d8:00', 'a filter on pod')();
    } catch (error) {
      return error as FlameherdError;
    }
    throw new Error('nothing was thrown');
  };
  for (const from of ['0d1:00', '1d1:00', '2d5:59']) {
    assert.equal(failure(from).code, 'detail_expired');
    assert.match(failure(from).hint ?? '', /kept from 2026-08-01T06:00:00\.000Z on: .* without a filter on pod/);
  }
  assert.doesNotThrow(ask('2d6:00', '2d8:00', 'a filter on pod'));
  assert.equal(whyDetail({ matchers: [], aggregation: 'avg' }), undefined);
  assert.equal(whyDetail({ matchers: [{ name: 'node', operator: '!=', value: '' }] }), 'a filter on node');
  assert.equal(whyDetail({ matchers: [], aggregation: 'last' }), 'aggregate=last');
  assert.equal(whyDetail({ matchers: [], groupBy: ['workload', 'pod'] }), 'grouping by pod');
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
    monthDay: integer({ min: 0, max: 5 }),
    missing: uniqueArray(integer({ min: 0, max: 119 }), { maxLength: 30 }),
    until: integer({ min: 0, max: 120 }),
  });
  const someWindow = record({
    fromMs: integer({ min: -10 * hour, max: 125 * hour }),
    lengthMs: integer({ min: 1, max: 60 * hour }),
    gridMs: constantFrom(1, 60_000, hour, day),
  });
  check(
    property(someTime, array(someWindow, { minLength: 1, maxLength: 5 }), (drawnTime, windows) => {
      const time = timeFrom(drawnTime);
      for (const { fromMs, lengthMs, gridMs } of windows) {
        const from = start + Math.floor(fromMs / gridMs) * gridMs;
        const window = { fromMs: from, toMs: from + Math.max(1, Math.floor(lengthMs / gridMs)) * gridMs };
        assertCovered(window, time);
      }
    }),
    { numRuns: 500 },
  );
});

function timeFrom(drawnTime: {
  readonly detailHour: number | null;
  readonly monthDay: number;
  readonly missing: readonly number[];
  readonly until: number;
}): HeldTime {
  const rolled = range(0, drawnTime.until).filter((one) => !drawnTime.missing.includes(one));
  const days = range(0, 5).filter((one) => range(24 * one, 24 * one + 24).every((hours) => rolled.includes(hours)));
  return {
    detailFromMs: drawnTime.detailHour === null ? Infinity : start + drawnTime.detailHour * hour,
    hoursFromMs: start + drawnTime.monthDay * day,
    rolledHours: rolled.filter((one) => one >= 24 * drawnTime.monthDay).map((one) => firstHour + one),
    rolledDays: days.map((one) => firstDay + one),
  };
}

function assertCovered(asked: { readonly fromMs: number; readonly toMs: number }, time: HeldTime): void {
  const plan = planTime(asked, time);
  const { window } = plan;
  assert.ok(window.fromMs <= asked.fromMs && window.toMs >= asked.toMs);
  if (asked.fromMs >= time.detailFromMs) assert.deepEqual(window, asked);
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
  for (const edge of plan.edges) {
    assert.ok(edge * hour < window.fromMs || (edge + 1) * hour > window.toMs);
    const left = withoutHours(plan.rest, [edge]);
    const lengthOf = (rest: typeof plan.rest): number => rest.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
    const cut = Math.min((edge + 1) * hour, window.toMs) - Math.max(edge * hour, window.fromMs);
    assert.equal(lengthOf(plan.rest) - lengthOf(left), cut);
  }
}

/** Of what no part of a plan covers, nothing may be held: neither single profiles nor roll-ups. */
function assertNothingHeld(fromMs: number, toMs: number, time: HeldTime): void {
  if (fromMs >= toMs) return;
  assert.ok(toMs <= time.detailFromMs);
  for (const one of time.rolledHours) assert.ok((one + 1) * hour <= fromMs || one * hour >= toMs);
  for (const one of time.rolledDays) {
    assert.ok((one + 1) * day <= fromMs || one * day >= toMs || one * day >= time.hoursFromMs);
  }
}
