import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, boolean, assert as check, constantFrom, integer, nat, option, property, record } from 'fast-check';
import type { GaugeAggregation, ProfileRecord } from '../../../src/store/profile-store.ts';
import { openSqliteReader } from '../../../src/store/sqlite/reader.ts';
import { storeDir, writerOn } from '../../support/store-dirs.ts';
import { recordOf, stackToText, valuesByStack } from '../../support/store-records.ts';

/**
 * Random streams against a model that knows nothing of files, ids or ranges: it holds the records in a list and looks at
 * every second on its own.
 */

const start = 1_699_999_200_000 - 200_000;
const stackNames = ['main;a', 'main;a;b', 'main;c{bytes=8}', 'x'];

interface Process {
  readonly slot: number;
  readonly startedMs: number | undefined;
  readonly endedMs: number | undefined;
  readonly records: readonly ProfileRecord[];
}

const someProcess = record({
  slot: nat(2),
  startsMs: nat(300_000),
  startKnown: boolean(),
  endsAfterMs: option(nat(200_000)),
  intervalMs: constantFrom(15_000, 20_000, 45_500),
  steps: array(
    record({ gapMs: integer({ min: 900, max: 130_000 }), alloc: nat(50), inuse: array(nat(900), { maxLength: 4 }) }),
    {
      minLength: 1,
      maxLength: 6,
    },
  ),
});
const someQuestion = record({
  fromMs: nat(500_000),
  lengthMs: integer({ min: 1, max: 400_000 }),
  aggregation: constantFrom<GaugeAggregation>('avg', 'last', 'peak'),
  stepMs: constantFrom(7_000, 60_000, 3_600_000),
});

test('merge and totals of random streams equal a model that looks at every second on its own', () => {
  check(
    property(
      array(someProcess, { minLength: 1, maxLength: 5 }),
      array(someQuestion, { minLength: 3, maxLength: 6 }),
      (drawn, questions) => {
        const processes = drawn.map((process, index) => processOf(process, index));
        const dataDir = storeDir();
        const writer = writerOn(dataDir, { maxPartitionSize: 8 });
        const records = processes.flatMap((process) => process.records).sort((a, b) => a.stampMs - b.stampMs);
        for (let at = 0; at < records.length; at += 3) writer.append(records.slice(at, at + 3));
        for (const [index, { endedMs }] of processes.entries())
          if (endedMs !== undefined) writer.endProcess(`p${index}`, endedMs);
        const reader = openSqliteReader({ dataDir, maxCachedNodes: 5, maxOpenFiles: 1 });
        for (const { fromMs, lengthMs, aggregation, stepMs } of questions) {
          const window = { fromMs: start + fromMs, toMs: start + fromMs + lengthMs };
          const selector = { kind: 'heap', matchers: [] };
          const { profile, coverage } = reader.merge({
            selector,
            window,
            aggregation,
            peakType: { type: 'inuse_space', unit: 'bytes' },
          });
          const expected = modelMerge(processes, window, aggregation);
          assert.deepEqual(valuesByStack(profile, 'alloc_space'), expected.alloc);
          assert.deepEqual(valuesByStack(profile, 'inuse_space'), expected.inuse);
          assert.equal(coverage.profiles, expected.profiles);
          if (profile.sampleTypes.length > 0 && aggregation === 'avg') {
            assert.deepEqual(profile.divisors, [1, Math.max(1, expected.observedSeconds)]);
          }
          assert.equal(coverage.observedSeconds, expected.observedSeconds);
          assert.equal(coverage.processSeconds, expected.processSeconds);
          const rows = Array.from({ length: profile.stacks.size }, (_, row) => stackToText(profile.stacks.stack(row)));
          assert.equal(new Set(rows).size, rows.length, 'no row comes twice');
          for (const type of ['inuse_space', 'alloc_space'] as const) {
            const totals = reader.totals({ selector, window, type: { type, unit: 'bytes' }, stepMs }).series;
            assert.deepEqual(sumsByBucket(totals), modelTotals(processes, window, type, stepMs));
          }
        }
        void reader[Symbol.asyncDispose]();
        void writer[Symbol.asyncDispose]();
      },
    ),
    { numRuns: Number(process.env['STORE_MODEL_RUNS'] ?? 25) },
  );
});

function processOf(
  drawn: typeof someProcess extends { generate(...args: never[]): { value: infer T } } ? T : never,
  index: number,
): Process {
  const startedMs = drawn.startKnown ? start + drawn.startsMs : undefined;
  let stampMs = start + drawn.startsMs;
  const records = drawn.steps.map(({ gapMs, alloc, inuse }) => {
    stampMs += gapMs;
    return recordOf({
      process: `p${index}`,
      slot: drawn.slot === 0 ? '' : `slot-${drawn.slot}`,
      startedMs,
      stampMs,
      intervalMs: drawn.intervalMs,
      spanMs: gapMs,
      samples: Object.fromEntries(stackNames.map((name, at) => [name, [alloc * (at % 2), inuse[at] ?? 0]])),
    });
  });
  const endedMs = drawn.endsAfterMs === null ? undefined : stampMs + drawn.endsAfterMs;
  return { slot: drawn.slot, startedMs, endedMs, records };
}

interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

function modelMerge(processes: readonly Process[], window: Window, aggregation: GaugeAggregation) {
  const inside = processes.flatMap(({ records }) => records.filter(({ stampMs }) => isInside(stampMs, window)));
  const patience = aggregation === 'last' ? 0.25 : 0;
  const seconds = secondsOf(window).map((second) => ({ standing: standingAt(processes, second, patience), second }));
  const observed = seconds.filter(({ standing }) => standing.length > 0);
  const totals = observed.map(({ standing }) => standing.reduce((sum, one) => sum + totalOf(one, 1), 0));
  const peak = observed[totals.indexOf(Math.max(...totals))]?.standing ?? [];
  const counted =
    aggregation === 'avg'
      ? observed.flatMap(({ standing }) => standing)
      : aggregation === 'last'
        ? (seconds.at(-1)?.standing ?? [])
        : peak;
  return {
    alloc: addUp(inside, 0),
    inuse: addUp(counted, 1),
    profiles: inside.length,
    observedSeconds: observed.length,
    processSeconds: observed.reduce((sum, { standing }) => sum + standing.length, 0),
  };
}

function modelTotals(
  processes: readonly Process[],
  window: Window,
  type: string,
  stepMs: number,
): Record<string, bigint> {
  const sums: Record<string, bigint> = {};
  const add = (ms: number, value: number): void => {
    const bucket = String(Math.floor(ms / stepMs) * stepMs);
    if (value !== 0) sums[bucket] = (sums[bucket] ?? 0n) + BigInt(value);
  };
  if (type === 'alloc_space') {
    for (const { records } of processes) {
      for (const one of records) if (isInside(one.stampMs, window)) add(one.stampMs, totalOf(one, 0));
    }
  } else {
    for (const second of secondsOf(window)) {
      for (const one of standingAt(processes, second)) add(second * 1000, totalOf(one, 1));
    }
  }
  return sums;
}

/** What stands in a second: of each process the last snapshot begun, while it is good and its process is not over. */
function standingAt(processes: readonly Process[], second: number, patience = 0): ProfileRecord[] {
  return processes.flatMap((process) => {
    const begun = process.records.filter(({ stampMs }) => Math.floor(stampMs / 1000) <= second);
    const last = begun.at(-1);
    if (!last) return [];
    const isNewest = last === process.records.at(-1);
    const goodUntilMs = last.stampMs + (isNewest ? 1 + patience : 2.5) * last.intervalMs;
    return second < Math.floor(Math.min(goodUntilMs, overAt(process, processes)) / 1000) ? [last] : [];
  });
}

function overAt(process: Process, processes: readonly Process[]): number {
  const begins = ({ records }: Process): number => records[0]?.stampMs ?? 0;
  const later = processes.filter((other) => other.slot === process.slot && begins(other) > begins(process)).map(begins);
  return Math.min(process.endedMs ?? Infinity, ...(process.slot === 0 ? [] : later));
}

function isInside(ms: number, { fromMs, toMs }: Window): boolean {
  return ms >= fromMs && ms < toMs;
}

function secondsOf({ fromMs, toMs }: Window): number[] {
  const first = Math.floor(fromMs / 1000);
  return Array.from({ length: Math.floor(toMs / 1000) - first }, (_, index) => first + index);
}

function totalOf({ values }: ProfileRecord, type: number): number {
  return [...(values[type] ?? [])].reduce<number>((sum, value) => sum + Number(value), 0);
}

function addUp(records: readonly ProfileRecord[], type: number): Record<string, bigint> {
  const sums: Record<string, bigint> = {};
  for (const { stacks, values } of records) {
    for (let row = 0; row < stacks.count; row++) {
      const name = stackToText(stacks.describe(row));
      const value = BigInt(values[type]?.[row] ?? 0);
      if (value !== 0n) sums[name] = (sums[name] ?? 0n) + value;
    }
  }
  return sums;
}

function sumsByBucket(
  series: readonly { readonly points: readonly { readonly bucketMs: number; readonly value: bigint }[] }[],
) {
  const sums: Record<string, bigint> = {};
  for (const { bucketMs, value } of series.flatMap(({ points }) => points)) {
    if (value !== 0n) sums[bucketMs] = (sums[bucketMs] ?? 0n) + value;
  }
  return sums;
}
