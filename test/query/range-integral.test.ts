import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { RangeQuestion } from '../../src/query/engine.ts';
import type { ProfileReader } from '../../src/store/profile-store.ts';
import { askJson, cpuProfile, heapProfile, mergeQuestion, minuteMs, noonMs, secondMs } from '../support/query-ask.ts';
import { type MemoryProfile, memoryReader } from '../support/query-memory-reader.ts';
import { answer, near } from '../support/query-range.ts';

/** What a merge and totals over time say of the same window must be one truth. */

const pods = ['a', 'b', 'c'];
const stacks = ['main', 'main;serve', 'main;serve;query', 'main;query;serve{endpoint=/cart}'];

/** By pod and minute the values of the stacks, or nothing where it was not scraped. */
const drawnMinutes = fc.array(
  fc.array(fc.option(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 4 }), { nil: undefined }), {
    minLength: 3,
    maxLength: 3,
  }),
  { minLength: 1, maxLength: 8 },
);

function profilesOf(
  minutes: readonly (readonly (readonly number[] | undefined)[])[],
  make: (pod: string, stampMs: number, rows: string) => MemoryProfile,
): MemoryProfile[] {
  return minutes.flatMap((values, minute) =>
    pods.flatMap((pod, at) => {
      const rows = values[at]?.map((value, stack) => `${stacks[stack]} ${value} ${value * 1e9}`).join('\n');
      return rows === undefined ? [] : make(pod, noonMs + minute * minuteMs, rows);
    }),
  );
}

interface Top {
  readonly total?: number;
  readonly rows: readonly { readonly function: string; readonly self: number; readonly total: number }[];
}

function top(reader: ProfileReader, query: string, window: RangeQuestion['window']): Top {
  return askJson(reader, mergeQuestion(query, { window })) as Top;
}

/** Value by observed second, over the whole window. */
function integral(
  reader: ProfileReader,
  query: string,
  options: Partial<RangeQuestion>,
  points: 'points' | 'selfPoints' = 'points',
): { value: number; seconds: number } {
  let [value, seconds] = [0, 0];
  for (const [, perSecond, observed] of answer(reader, query, options).series[0]?.[points] ?? []) {
    value += perSecond * observed;
    seconds += observed;
  }
  return { value, seconds };
}

test('increases that cover all time: the integral over time is the merge, and so is that of each function', () => {
  const steps = fc.constantFrom(1, 2, 3, 10, 60).map((count) => count * minuteMs);
  fc.assert(
    fc.property(drawnMinutes, steps, (minutes, stepMs) => {
      // Without missed scrapes, each increase stands for the minute after it.
      const all = minutes.map((values) => values.map((own) => own ?? [1, 2, 3, 4]));
      const reader = memoryReader(profilesOf(all, heapProfile));
      const window = { fromMs: noonMs, toMs: noonMs + all.length * minuteMs };
      const merged = top(reader, 'allocs', window);
      near(integral(reader, 'allocs', { window, stepMs }).value, merged.total ?? 0);
      for (const { function: functionName, self, total } of merged.rows) {
        near(integral(reader, 'allocs', { window, stepMs, functionName }).value, total);
        near(integral(reader, 'allocs', { window, stepMs, functionName }, 'selfPoints').value, self);
      }
    }),
  );
});

test('a gauge’s average over all steps, by the time that was observed in each, is the merge’s', () => {
  const steps = fc.constantFrom(15, 60, 97, 3600).map((seconds) => seconds * secondMs);
  const spans = fc.record({ from: fc.integer({ min: -60, max: 200 }), length: fc.integer({ min: 1, max: 700 }) });
  fc.assert(
    fc.property(drawnMinutes, steps, spans, (minutes, stepMs, { from, length }) => {
      const reader = memoryReader(profilesOf(minutes, heapProfile));
      const window = { fromMs: noonMs + from * secondMs, toMs: noonMs + (from + length) * secondMs };
      const { value, seconds } = integral(reader, 'heap', { window, stepMs });
      const merged = top(reader, 'heap', window);
      near(seconds === 0 ? 0 : value / seconds, merged.total ?? 0);
      for (const row of merged.rows) {
        for (const [points, expected] of [
          ['points', row.total],
          ['selfPoints', row.self],
        ] as const) {
          const own = integral(reader, 'heap', { window, stepMs, functionName: row.function }, points);
          assert.equal(own.seconds, seconds);
          near(own.value / own.seconds, expected);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('cores, by the time that was observed, are what a process took per profiled second, times the processes', () => {
  fc.assert(
    fc.property(drawnMinutes, (minutes) => {
      const all = minutes.map((values) => values.map((own) => own ?? [0, 0, 0, 1]));
      const reader = memoryReader(profilesOf(all, cpuProfile));
      const window = { fromMs: noonMs, toMs: noonMs + all.length * minuteMs };
      // Ten of sixty seconds are profiled; nanoseconds are told as seconds.
      const expected = (6 * (top(reader, 'cpu', window).total ?? 0)) / 1e9;
      near(integral(reader, 'cpu', { window }).value, expected);
      near(integral(reader, 'cpu', { window, functionName: 'main' }).value, expected);
    }),
  );
});

test('cores are those of brute force: of who was profiled its own rate, of the others that of the workload', () => {
  fc.assert(
    fc.property(drawnMinutes, (minutes) => {
      const reader = memoryReader(profilesOf(minutes, cpuProfile));
      const window = { fromMs: noonMs, toMs: noonMs + minutes.length * minuteMs };
      const points = answer(reader, 'cpu', { window }).series[0]?.points ?? [];
      const expected = minutes.flatMap((values, minute) => {
        const rates = values.flatMap((own) => own?.reduce((sum, value) => sum + value / 10, 0) ?? []);
        if (rates.length === 0) return [];
        const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
        let [coreSeconds, observed] = [0, 0];
        for (const [at] of pods.entries()) {
          const stood = secondsStanding(minutes, at, minute);
          const own = values[at]?.reduce((sum, value) => sum + value / 10, 0);
          coreSeconds += (own ?? mean) * stood;
          observed = Math.max(observed, stood);
        }
        return [[minute, coreSeconds / observed, observed] as const];
      });
      assert.deepEqual(
        points.map(([tMs, , observed]) => [(tMs - noonMs) / minuteMs, observed]),
        expected.map(([minute, , observed]) => [minute, observed]),
      );
      for (const [at, [, cores]] of expected.entries()) near(points[at]?.[1] ?? Number.NaN, cores);
    }),
  );
});

/** Of a minute: a snapshot stands one minute, two and a half when another one follows by then or later. */
function secondsStanding(
  minutes: readonly (readonly (readonly number[] | undefined)[])[],
  pod: number,
  minute: number,
): number {
  for (let back = 0; back <= 2; back++) {
    if (minutes[minute - back]?.[pod] === undefined) continue;
    if (back === 0) return 60;
    const follows = minutes.slice(minute + 1).some((values) => values[pod] !== undefined);
    if (!follows) return 0;
    return back === 1 ? 60 : 30;
  }
  return 0;
}
