import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { askError, cpuProfile, heapProfile, minuteMs, noonMs, rangeQuestion, secondMs } from '../support/query-ask.ts';
import { type MemoryProfile, memoryReader } from '../support/query-memory-reader.ts';
import { answer, at, draw, near, sums } from '../support/query-range.ts';

test('cores are right though only ten seconds of each minute are profiled', () => {
  const halfACore = 'main;work 500 5000000000';
  const reader = memoryReader([cpuProfile('a', at(0), halfACore), cpuProfile('a', at(1), halfACore)]);
  const found = answer(reader, 'cpu');
  assert.deepEqual(draw(found), ['all: 0=0.5/60s 1=0.5/60s']);
  assert.deepEqual([found.unit, found.aggregation, found.estimated, found.stepMs], ['cores', 'rate', true, minuteMs]);
  assert.deepEqual(found.meta, {
    profiles: 2,
    processes: 1,
    observedSeconds: 120,
    profiledSeconds: 20,
    processSeconds: 120,
    from: '2026-03-01T12:00:00.000Z',
    to: '2026-03-01T13:00:00.000Z',
    fromMs: noonMs,
    toMs: at(60),
    resolution: 'detail',
    aggregation: 'rate',
    foldedShare: 0,
    trimmed: 0,
    warnings: [],
    partial: false,
  });
});

test('a process that was not profiled in a step is taken to work like the others of its workload', () => {
  const reader = memoryReader([
    cpuProfile('a', at(0), 'main 1 5000000000'),
    cpuProfile('b', at(0), 'main 1 2500000000'),
    // b's next profile comes late: it stands through minute 1 without one.
    cpuProfile('a', at(1), 'main 1 5000000000'),
    cpuProfile('b', at(2), 'main 1 2500000000'),
  ]);
  assert.deepEqual(draw(answer(reader, 'cpu', { groupBy: ['pod'] })), [
    'a: 0=0.5/60s 1=0.5/60s',
    'b: 0=0.25/60s 1=0.5/60s 2=0.25/60s',
  ]);
});

test('such a process is like the others of its revision, and like the other revisions only where none of its own tells', () => {
  const [old, fresh] = [{ revision: 'old' }, { revision: 'new' }];
  const reader = memoryReader([
    cpuProfile('a', at(0), 'main 1 5000000000', old),
    cpuProfile('b', at(0), 'main;serve 1 1000000000', fresh),
    cpuProfile('c', at(0), 'main;serve 1 1000000000', fresh),
    // c stands through minutes 1 and 2 without a profile, b through minute 2.
    cpuProfile('a', at(1), 'main 1 5000000000', old),
    cpuProfile('b', at(1), 'main;serve 1 2000000000', fresh),
    cpuProfile('a', at(2), 'main 1 6000000000', old),
    cpuProfile('a', at(3), 'main 1 5000000000', old),
    cpuProfile('b', at(3), 'main;serve 1 1000000000', fresh),
    cpuProfile('c', at(3), 'main;serve 1 1000000000', fresh),
  ]);
  const window = { fromMs: at(0), toMs: at(3) };
  assert.deepEqual(draw(answer(reader, 'cpu', { groupBy: ['pod'], window })), [
    'a: 0=0.5/60s 1=0.5/60s 2=0.6/60s',
    'b: 0=0.1/60s 1=0.2/60s 2=0.6/60s',
    'c: 0=0.1/60s 1=0.2/60s 2=0.3/30s',
  ]);
  assert.deepEqual(draw(answer(reader, 'cpu', { groupBy: ['revision'], functionName: 'serve', window })), [
    'revision=new: 0=0.2(0.2)/60s 1=0.4(0.4)/60s 2=0(0)/60s',
    'revision=old: 0=0(0)/60s 1=0(0)/60s 2=0(0)/60s',
  ]);
});

test('an increase over an outage of three hours is no burst', () => {
  const late = { ...heapProfile('a', at(0), 'main 10800 5'), spanMs: 180 * minuteMs };
  assert.deepEqual(draw(answer(memoryReader([late]), 'allocs')), ['all: 0=1/60s']);
  assert.equal(answer(memoryReader([late]), 'allocs').unit, 'bytes/s');
});

test('a gauge is averaged over the time that it was observed; steps without observation have no point', () => {
  const reader = memoryReader([
    heapProfile('a', at(0) + 30 * secondMs, 'main 0 100'),
    heapProfile('a', at(1) + 30 * secondMs, 'main 0 200'),
    // The scrapes between have failed: the one before stands two and a half intervals.
    heapProfile('a', at(9), 'main 0 300'),
  ]);
  const found = answer(reader, 'heap');
  assert.deepEqual(draw(found), ['all: 0=100/30s 1=150/60s 2=200/60s 3=200/60s 9=300/60s']);
  assert.deepEqual([found.unit, found.aggregation, found.estimated], ['bytes', 'avg', false]);
});

test('a pod that is replaced in the middle of a step counts once', () => {
  const old = { ...heapProfile('old', at(0), 'main 0 100', { revision: '1' }), endedMs: at(0) + 30 * secondMs };
  const reader = memoryReader([old, heapProfile('new', at(0) + 30 * secondMs, 'main 0 100', { revision: '2' })]);
  assert.deepEqual(draw(answer(reader, 'heap', { window: { fromMs: at(0), toMs: at(1) } })), ['all: 0=100/60s']);
  assert.deepEqual(
    draw(answer(reader, 'heap', { window: { fromMs: at(0), toMs: at(1) }, groupBy: ['revision'] })),
    ['revision=1: 0=50/30s', 'revision=2: 0=50/30s'],
    'revisions add up to the whole',
  );
});

test('the largest groups are kept, the rest is other', () => {
  const reader = memoryReader([
    heapProfile('small', at(0), 'main 0 1'),
    heapProfile('large', at(0), 'main 0 100'),
    heapProfile('middle', at(0), 'main 0 10'),
  ]);
  assert.deepEqual(draw(answer(reader, 'heap', { groupBy: ['pod'], limit: 1 })), [
    'large: 0=100/60s',
    'other(2): 0=11/60s',
  ]);
});

test('without a step, at most 300 nice ones are chosen, and not shorter than scrapes are apart', () => {
  const reader = memoryReader([]);
  const stepOf = (minutes: number): number =>
    answer(reader, 'heap', { stepMs: 0, window: { fromMs: at(0), toMs: at(minutes) } }).stepMs / secondMs;
  assert.deepEqual([5, 60, 360, 1439].map(stepOf), [15, 60, 120, 300]);
});

test('a step that is too short, or no whole seconds, is refused with one that would do', () => {
  const window = { fromMs: noonMs - 7 * 24 * 60 * minuteMs, toMs: noonMs };
  assert.equal(
    askError(memoryReader([]), rangeQuestion('heap', { window, stepMs: secondMs })),
    'bad_parameter: step: 1s gives 604800 points over 7d; at most 11000 are answered (use step=55s or more, or leave it out for about 300 points)',
  );
  assert.equal(
    askError(memoryReader([]), rangeQuestion('heap', { stepMs: 1500 })),
    'bad_parameter: step: 1s500ms must be whole seconds, at least 1s (leave it out for about 300 points)',
  );
});

test('an empty range has no lines, and says what exists nearby', () => {
  const found = answer(memoryReader([heapProfile('a', at(0), 'main 0 1')]), 'heap', {
    window: { fromMs: at(30), toMs: at(40) },
  });
  assert.deepEqual(
    [found.unit, found.aggregation, found.estimated, found.series, found.other],
    ['bytes', null, false, [], null],
  );
  assert.equal(found.meta.hint, 'the last heap profile is of 2026-03-01T12:00:00.000Z');
});

test('a type that the kind does not have is refused with those that it has', () => {
  assert.match(
    askError(memoryReader([heapProfile('a', at(0), 'main 0 1')]), rangeQuestion('memory:foo:bytes:space:bytes')),
    /^bad_query: .* \(they have memory:alloc_space:.*, memory:inuse_space:/,
  );
});

/** Scrapes of a few processes at odd moments, some ending, with values that anything wrong would show in. */
const scrapes = fc
  .array(
    fc.record({
      pod: fc.constantFrom('a', 'b', 'c', 'd'),
      second: fc.integer({ min: 0, max: 600 }),
      value: fc.integer({ min: 0, max: 1000 }),
      ends: fc.option(fc.integer({ min: 1, max: 90 }), { nil: undefined }),
    }),
    { maxLength: 25 },
  )
  .map((drawn) => [...new Map(drawn.map((scrape) => [`${scrape.pod} ${scrape.second}`, scrape])).values()]);

function heapOf(
  drawn: readonly { pod: string; second: number; value: number; ends: number | undefined }[],
): MemoryProfile[] {
  return drawn.map(({ pod, second, value, ends }) => ({
    ...heapProfile(pod, noonMs + second * secondMs, `main ${value} ${value}`, { revision: pod < 'c' ? '1' : '2' }),
    ...(ends === undefined ? {} : { endedMs: noonMs + (second + ends) * secondMs }),
  }));
}

const questions = fc.record({
  query: fc.constantFrom('heap', 'allocs'),
  stepMs: fc.constantFrom(15, 60, 97).map((seconds) => seconds * secondMs),
  groupBy: fc.constantFrom<string[]>([], ['pod'], ['revision'], ['revision', 'pod'], ['absent']),
  limit: fc.integer({ min: 0, max: 4 }),
  from: fc.integer({ min: -60, max: 500 }),
  length: fc.integer({ min: 1, max: 700 }),
});

test('groups and other add up to the whole, step by step', () => {
  fc.assert(
    fc.property(scrapes, questions, (drawn, { query, from, length, ...options }) => {
      const window = { fromMs: noonMs + from * secondMs, toMs: noonMs + (from + length) * secondMs };
      const reader = memoryReader(heapOf(drawn));
      const whole = answer(reader, query, { ...options, window, groupBy: [], limit: 1 });
      const groups = answer(reader, query, { ...options, window });
      const added = sums(groups);
      const expected = new Map((whole.series[0]?.points ?? []).map(([tMs, value]) => [tMs, value]));
      assert.deepEqual(new Set(added.keys()), new Set(expected.keys()));
      for (const [tMs, value] of expected) near(added.get(tMs) ?? Number.NaN, value);
    }),
  );
});

test('a gauge is the mean of what stood in each observed second', () => {
  fc.assert(
    fc.property(scrapes, questions, (drawn, { from, length, stepMs }) => {
      const window = { fromMs: noonMs + from * secondMs, toMs: noonMs + (from + length) * secondMs };
      const profiles = heapOf(drawn);
      const seconds = Array.from({ length }, (_, index) => window.fromMs + index * secondMs);
      const standing = seconds
        .map((ms) => ({ ms, values: standingAt(profiles, ms) }))
        .filter(({ values }) => values.length > 0);
      const expected = [...Map.groupBy(standing, ({ ms }) => Math.floor(ms / stepMs) * stepMs)].map(
        ([tMs, members]) => {
          const sum = members.flatMap(({ values }) => values).reduce((total, value) => total + value, 0);
          return [tMs, sum / members.length, members.length] as const;
        },
      );
      const points = answer(memoryReader(profiles), 'heap', { window, stepMs }).series[0]?.points ?? [];
      assert.deepEqual(
        points.map(([tMs, , observed]) => [tMs, observed]),
        expected.map(([tMs, , observed]) => [tMs, observed]),
      );
      for (const [index, [, value]] of expected.entries()) near(points[index]?.[1] ?? Number.NaN, value);
    }),
  );
});

/** Brute force: the value of each process that stands at a moment. */
function standingAt(profiles: readonly MemoryProfile[], ms: number): number[] {
  return [...Map.groupBy(profiles, ({ processId }) => processId).values()].flatMap((own) => {
    const latest = own.filter(({ stampMs }) => stampMs <= ms).sort((a, b) => b.stampMs - a.stampMs)[0];
    if (!latest) return [];
    const next = own.filter(({ stampMs }) => stampMs > ms).sort((a, b) => a.stampMs - b.stampMs)[0];
    const staleMs = latest.stampMs + (next === undefined ? 1 : 2.5) * minuteMs;
    const untilMs = Math.min(staleMs, latest.endedMs ?? Number.POSITIVE_INFINITY);
    return ms < untilMs ? [Number(latest.rows.get('main')?.[1] ?? 0n)] : [];
  });
}
