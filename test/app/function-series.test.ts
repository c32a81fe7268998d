import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { FunctionSeries, maxNameLength, patienceMs } from '../../src/app/function-series.ts';
import { fairShare } from '../../src/app/function-shares.ts';
import { type FunctionPart, functionParts } from '../../src/app/workload-functions.ts';
import { type FunctionNumbers, otherFunction, type WorkloadNumbers } from '../../src/model/growth.ts';
import { hour, minute } from '../../src/model/units.ts';

/** A function with the same value of each part: `{ cart: 5 }`. */
function numbersOf(
  workload: string,
  values: Readonly<Record<string, number | Partial<FunctionNumbers>>>,
): WorkloadNumbers {
  const functions = Object.entries(values).map(([name, value]): FunctionNumbers => {
    const id = `id-of-${name}`;
    if (typeof value === 'object') return { id, name, ...value };
    return { id, name, inuseBytes: value, allocBytesTotal: value, cpuSecondsTotal: value };
  });
  return { workload: { namespace: 'shop', workloadKind: 'Deployment', workload, container: 'app' }, functions };
}

/** What is told of a part: `checkout/cart 5`, sorted. */
function told(series: FunctionSeries, part: FunctionPart = 'allocBytesTotal'): string[] {
  const lines = [...series.samples(part)].map(({ labels, value }) => `${labels.workload}/${labels.function} ${value}`);
  return lines.sort();
}

const countOf = (series: FunctionSeries) =>
  functionParts.reduce((count, part) => count + [...series.samples(part)].length, 0);

test('without pressure every function is told, by name and id, and `(other)` by its name alone', () => {
  const series = new FunctionSeries(100);
  series.update([numbersOf('checkout', { cart: 5, pay: 2, [otherFunction]: 1 })], 0);
  assert.deepEqual(told(series), ['checkout/(other) 1', 'checkout/cart 5', 'checkout/pay 2']);
  const [cart] = series.samples('inuseBytes');
  assert.deepEqual(cart, {
    labels: {
      namespace: 'shop',
      workload_kind: 'Deployment',
      workload: 'checkout',
      container: 'app',
      function_id: 'id-of-cart',
      function: 'cart',
    },
    value: 5,
  });
  assert.equal(
    [...series.samples('inuseBytes')].find(({ labels }) => labels.function === otherFunction)?.labels.function_id,
    '',
  );
  assert.equal(series.dropped, 0);
});

test('a part without a number has no series; one that begins at 0 has', () => {
  const series = new FunctionSeries(100);
  series.update([numbersOf('checkout', { cart: { cpuSecondsTotal: 0 } })], 0);
  assert.deepEqual(
    [told(series, 'cpuSecondsTotal'), told(series, 'inuseBytes')],
    [['checkout/(other) 0', 'checkout/cart 0'], []],
  );
  series.update([numbersOf('checkout', { cart: { inuseBytes: 9 } })], minute);
  assert.deepEqual(
    [told(series, 'cpuSecondsTotal'), told(series, 'inuseBytes')],
    [[], ['checkout/(other) 0', 'checkout/cart 9']],
  );
});

test('under pressure each workload keeps its largest, and the rest is in `(other)`', () => {
  // Two workloads of 9 series each: functions a, b and `(other)`, three parts of each.
  const series = new FunctionSeries(12);
  const all = (workload: string) => numbersOf(workload, { a: 10, b: 4, [otherFunction]: 1 });
  series.update([all('checkout'), all('search')], 0);
  assert.deepEqual(told(series, 'inuseBytes'), [
    'checkout/(other) 5',
    'checkout/a 10',
    'search/(other) 5',
    'search/a 10',
  ]);
  assert.equal(series.dropped, 6);
  series.update([all('checkout'), all('search')], minute);
  assert.equal(series.dropped, 6, 'each once');
});

test('a small workload leaves its part of the share to the large ones', () => {
  const series = new FunctionSeries(15);
  const large = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`f${i}`, 100 - i]));
  series.update([numbersOf('small', { one: 1 }), numbersOf('large', large)], 0);
  assert.deepEqual(told(series), [
    'large/(other) 665',
    'large/f0 100',
    'large/f1 99',
    'small/(other) 0',
    'small/one 1',
  ]);
});

test('what rises in functions that are left out rises in `(other)`, and nothing twice', () => {
  const series = new FunctionSeries(6);
  const at = (a: number, b: number) => series.update([numbersOf('w', { a, b, [otherFunction]: 1 })], a * minute);
  at(10, 4);
  assert.deepEqual(told(series), ['w/(other) 5', 'w/a 10']);
  at(11, 7);
  assert.deepEqual(told(series), ['w/(other) 8', 'w/a 11']);
  assert.deepEqual(told(series, 'inuseBytes'), ['w/(other) 8', 'w/a 11']);
});

test('a function that is left out, goes, and begins at 0 again is in `(other)` for both its lives', () => {
  const series = new FunctionSeries(6);
  const at = (ms: number, functions: Readonly<Record<string, number>>) =>
    series.update([numbersOf('w', functions)], ms);
  at(0, { a: 10, b: 4 });
  at(1, { a: 10, b: 6 });
  // Whoever counts has put the 6 of b into its own rest by taking it off the list: nothing is lost, and nothing is new.
  at(2, { a: 10 });
  at(3, { a: 10, b: 2 });
  assert.deepEqual(told(series), ['w/(other) 8', 'w/a 10']);
});

test('one that outgrew the smallest takes its place after an hour, not before', () => {
  const series = new FunctionSeries(6);
  const at = (ms: number, a: number, b: number) => series.update([numbersOf('w', { a, b })], ms);
  at(0, 10, 4);
  at(hour - 1, 10, 40);
  assert.deepEqual(told(series), ['w/(other) 40', 'w/a 10']);
  at(hour, 12, 45);
  // The 5 since the last page are the last of b in `(other)`, and the 2 of a its first.
  assert.deepEqual(told(series), ['w/(other) 47', 'w/b 45']);
  assert.equal(series.dropped, 6);
  at(hour + 1, 13, 46);
  assert.deepEqual(told(series), ['w/(other) 48', 'w/b 46']);
});

test('a lead of a quarter is needed: two of about one size do not change places', () => {
  const series = new FunctionSeries(6);
  for (let i = 0; i < 10; i++)
    series.update([numbersOf('w', { a: 100, b: 100 + (i % 2 === 0 ? -5 : 5) })], i * 2 * hour);
  assert.deepEqual(told(series, 'inuseBytes'), ['w/(other) 105', 'w/a 100']);
  assert.equal(series.dropped, 3);
});

test('a new workload waits for what the others have over their share, and they give it back after ten minutes', () => {
  const series = new FunctionSeries(18);
  const functions = { a: 9, b: 8, c: 7, d: 6, e: 5 };
  const [old, young] = [numbersOf('old', functions), numbersOf('young', functions)];
  series.update([old], 0);
  assert.equal(countOf(series), 18);
  series.update([old, young], minute);
  series.update([old, young], minute + patienceMs - 1);
  assert.deepEqual(
    [...series.samples('inuseBytes')].filter(({ labels }) => labels.workload === 'young'),
    [],
  );
  series.update([old, young], minute + patienceMs);
  assert.deepEqual(told(series, 'inuseBytes'), [
    'old/(other) 18',
    'old/a 9',
    'old/b 8',
    'young/(other) 18',
    'young/a 9',
    'young/b 8',
  ]);
});

test('a workload that is gone leaves its place at once', () => {
  const series = new FunctionSeries(6);
  series.update([numbersOf('one', { a: 1 })], 0);
  series.update([numbersOf('two', { a: 1 })], 1);
  assert.deepEqual(told(series), ['two/(other) 0', 'two/a 1']);
});

test('no series at all where none are wanted, and a long name is cut', () => {
  const none = new FunctionSeries(0);
  none.update([numbersOf('w', { a: 1 })], 0);
  assert.deepEqual([countOf(none), none.dropped], [0, 6]);
  const long = new FunctionSeries(10);
  long.update([numbersOf('w', { ['f'.repeat(5000)]: 1 })], 0);
  assert.equal([...long.samples('inuseBytes')][0]?.labels.function.length, maxNameLength);
});

/** Workloads and functions come, go and grow; counters only rise while their function is listed. */
const drawnStep = fc.array(
  fc.record({
    workload: fc.constantFrom('w1', 'w2', 'w3'),
    function: fc.constantFrom('a', 'b', 'c', 'd'),
    rise: fc.nat(100),
    inuse: fc.nat(100),
  }),
  { maxLength: 12 },
);

test('however functions grow: never more than the bound, sums are the whole, and no counter falls', () => {
  fc.assert(
    fc.property(fc.array(drawnStep, { minLength: 1, maxLength: 30 }), fc.nat(40), (steps, maxSeries) => {
      const series = new FunctionSeries(maxSeries);
      const counters = new Map<string, Map<string, number>>();
      let before = new Map<string, number>();
      let sumsBefore = new Map<string, number>();
      for (const [index, step] of steps.entries()) {
        for (const { workload, function: name, rise } of step) {
          const own = counters.get(workload) ?? new Map<string, number>();
          counters.set(workload, own.set(name, (own.get(name) ?? 0) + rise));
        }
        const inuse = new Map(step.map((each) => [`${each.workload}/${each.function}`, each.inuse]));
        const all = [...counters].map(([workload, own]) =>
          numbersOf(
            workload,
            Object.fromEntries(
              [...own].map(([name, allocBytesTotal]) => [
                name,
                { allocBytesTotal, inuseBytes: inuse.get(`${workload}/${name}`) ?? 0 },
              ]),
            ),
          ),
        );
        const droppedBefore = series.dropped;
        series.update(all, index * 7 * minute);
        assert.ok(countOf(series) <= maxSeries, `${countOf(series)} of ${maxSeries}`);
        assert.ok(series.dropped >= droppedBefore);
        const now = new Map(
          [...series.samples('allocBytesTotal')].map(({ labels, value }) => [
            `${labels.workload}/${labels.function}`,
            value,
          ]),
        );
        for (const [key, value] of now) assert.ok(value >= (before.get(key) ?? 0), `${key} fell`);
        for (const { workload, functions } of all) {
          const tells = [...series.samples('inuseBytes')].filter(({ labels }) => labels.workload === workload.workload);
          const whole = functions.reduce((sum, { inuseBytes = 0 }) => sum + inuseBytes, 0);
          if (tells.length > 0)
            assert.equal(
              tells.reduce((sum, { value }) => sum + value, 0),
              whole,
            );
        }
        sumsBefore = assertRises(all, before, now, sumsBefore);
        before = now;
      }
    }),
    { numRuns: 300 },
  );
});

/** What the series that were there before rose by is at most what the workload rose by, and all of it where no series was new. */
function assertRises(
  all: readonly WorkloadNumbers[],
  before: ReadonlyMap<string, number>,
  now: ReadonlyMap<string, number>,
  sumsBefore: ReadonlyMap<string, number>,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const {
    workload: { workload },
    functions,
  } of all) {
    const sum = functions.reduce((total, { allocBytesTotal = 0 }) => total + allocBytesTotal, 0);
    sums.set(workload, sum);
    const keys = [...now.keys()].filter((key) => key.startsWith(`${workload}/`));
    if (!before.has(`${workload}/${otherFunction}`) || !now.has(`${workload}/${otherFunction}`)) continue;
    const rose = keys
      .filter((key) => before.has(key))
      .reduce((total, key) => total + (now.get(key) ?? 0) - (before.get(key) ?? 0), 0);
    const whole = sum - (sumsBefore.get(workload) ?? 0);
    assert.ok(rose <= whole, `${workload}: series rose by ${rose}, the workload by ${whole}`);
    const left = [...before.keys()].some((key) => key.startsWith(`${workload}/`) && !now.has(key));
    const came = keys.some((key) => !before.has(key));
    if (!came && !left) assert.equal(rose, whole, workload);
  }
  return sums;
}

test('a fair share gives all that is there, and nobody less than another who wants as much', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { minLength: 1 }), fc.nat(500), (wanted, total) => {
      const share = fairShare(wanted, total);
      const given = wanted.map((want) => Math.min(want, share));
      const sum = given.reduce((a, b) => a + b, 0);
      assert.ok(sum <= total);
      const unserved = wanted.filter((want) => want > share).length;
      assert.ok(unserved === 0 || total - sum < unserved, 'one more each would be too much');
    }),
  );
});
