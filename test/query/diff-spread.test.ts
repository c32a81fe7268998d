import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TimeWindow } from '../../src/model/units.ts';
import { plainView } from '../../src/model/view.ts';
import type { DiffQuestion } from '../../src/query/engine.ts';
import { askJson, cpuProfile, heapProfile, minuteMs } from '../support/query-ask.ts';
import {
  afternoon,
  chance,
  type DiffTopAnswer,
  diffQuestion,
  morning,
  poisson,
  scrapesOf,
} from '../support/query-diff.ts';
import { memoryReader } from '../support/query-memory-reader.ts';

/** Samples of each of sixteen functions in a scrape, on average: some hot, some seen now and then. */
const means = Array.from({ length: 16 }, (_, index) => 300 / (index + 1) ** 1.9);

/** A program that does the same all the time, but for `slow`, which takes so many times what it did from noon on. */
function noisyStore(seed: number, slower = 1) {
  const random = chance(seed);
  const side = (window: TimeWindow, times: number) =>
    scrapesOf('a', window, () =>
      Object.fromEntries(
        means.map((mean, index) => [`f${index}`, poisson(index === 2 ? mean * times : mean, random)] as const),
      ),
    );
  return memoryReader([...side(morning, 1), ...side(afternoon, slower)]);
}

function top(reader: ReturnType<typeof noisyStore>, options: Partial<DiffQuestion> = {}): DiffTopAnswer {
  return askJson(reader, diffQuestion('cpu', options)) as DiffTopAnswer;
}

test('the spread comes from scrapes of both sides: what swings is unsure, what is steady is sure', () => {
  const side = (pod: string, window: TimeWindow, steady: number) =>
    scrapesOf(pod, window, (minute) => ({ steady, swings: Math.floor(minute / 4) % 2 === 0 ? 900 : 100 + steady }));
  const reader = memoryReader([...side('a', morning, 1000), ...side('b', afternoon, 1200)]);
  const rows = new Map(top(reader, { normalize: 'process' }).rows.map((row) => [row.function, row]));
  const [steady, swings] = [rows.get('steady'), rows.get('swings')];
  assert.deepEqual([steady?.selfChange, steady?.unsure], [0.2, false]);
  assert.equal(swings?.unsure, true);
  assert.ok((swings?.selfSpread ?? 0) > 4 * (steady?.selfSpread ?? Infinity));
});

test('with fewer than three slices that hold profiles nothing is sure, and a warning says so', () => {
  const few = memoryReader([
    ...scrapesOf('a', { fromMs: morning.fromMs, toMs: morning.fromMs + 2 * minuteMs }, () => ({ x: 1000 })),
    ...scrapesOf('a', afternoon, () => ({ x: 1 })),
  ]);
  const { rows, meta } = top(few, { normalize: 'process' });
  assert.deepEqual(
    rows.map(({ selfSpread, totalSpread, unsure }) => [selfSpread, totalSpread, unsure]),
    rows.map(() => [null, null, true]),
  );
  assert.deepEqual(meta.warnings, ['too few scrapes to tell how sure a change is: each side needs at least 3']);
});

test('in a view, the slices are those of the view', () => {
  const side = (window: TimeWindow, times: number) =>
    Array.from({ length: 30 }, (_, minute) =>
      cpuProfile(
        'a',
        window.fromMs + minute * minuteMs,
        `main;x{tenant=t} ${times * 200} ${times * 2000000000}\nmain;x{tenant=u} ${minute * 90} ${minute * 900000000}`,
      ),
    );
  const reader = memoryReader([...side(morning, 1), ...side(afternoon, 2)]);
  const all = top(reader, { normalize: 'none' }).rows.find((row) => row.function === 'x');
  assert.deepEqual([all?.unsure, all?.selfChange], [true, 60_000_000_000]);
  const view = { ...plainView, filters: { tagfocus: 'tenant=t' } };
  const focused = top(reader, { normalize: 'none', view }).rows.find((row) => row.function === 'x');
  assert.deepEqual([focused?.unsure, focused?.selfChange], [false, 60_000_000_000]);
});

test('the size of a cache that grew is sure by its average, and unsure where it swings', () => {
  const side = (pod: string, window: TimeWindow, sizeAt: (minute: number) => number) =>
    Array.from({ length: 30 }, (_, minute) =>
      heapProfile(pod, window.fromMs + minute * minuteMs, `main;cache 0 ${sizeAt(minute)}`),
    );
  const sureOf = (sizeAt: (minute: number) => number): unknown => {
    const reader = memoryReader([...side('a', morning, () => 1000), ...side('b', afternoon, sizeAt)]);
    const { rows } = askJson(reader, diffQuestion('heap', { normalize: 'process' })) as DiffTopAnswer;
    return rows.find((row) => row.function === 'cache')?.unsure;
  };
  assert.equal(
    sureOf((minute) => 1500 + (minute % 3)),
    false,
  );
  assert.equal(
    sureOf((minute) => (minute < 15 ? 200 : 2800)),
    true,
  );
});

const seeds = Array.from({ length: 12 }, (_, seed) => seed + 1);

for (const normalize of ['share', 'process', 'none'] as const) {
  test(`of functions that only vary by chance, less than one in fifty is called sure (${normalize})`, () => {
    const rows = seeds.flatMap((seed) => top(noisyStore(seed), { normalize }).rows);
    const sure = rows.filter((row) => !row.unsure);
    assert.ok(rows.length > 100, `${rows.length} rows`);
    assert.ok(sure.length < rows.length / 50, `${sure.length} of ${rows.length}`);
  });

  test(`a function that takes half as much again is sure, and the first of the sure ones (${normalize})`, () => {
    const firsts = seeds.map(
      (seed) => top(noisyStore(seed, 1.5), { normalize }).rows.find((row) => !row.unsure)?.function,
    );
    assert.ok(firsts.filter((name) => name === 'f2').length >= seeds.length - 1, firsts.join(' '));
  });
}

test('of very many processes only the largest changes are judged, and a warning says of how many', () => {
  const functions = Array.from({ length: 24 }, (_, index) => `f${index}`);
  const side = (window: TimeWindow, times: number) =>
    scrapesOf('a', window, () => Object.fromEntries(functions.map((name, at) => [name, times * (100 + at)])));
  const reader = memoryReader([...side(morning, 1), ...side(afternoon, 3)]);
  const crowded: typeof reader = {
    ...reader,
    callTrees(compare, base) {
      const answer = reader.callTrees(compare, base);
      return { ...answer, base: { ...answer.base, coverage: { ...answer.base.coverage, processes: 5000 } } };
    },
  };
  const { rows, meta } = top(crowded, { normalize: 'none' });
  assert.deepEqual(
    rows.map(({ selfSpread }) => selfSpread !== null),
    rows.map((_, at) => at < 20),
  );
  assert.deepEqual(meta.warnings, ['of 5000 processes, it is told of the first 20 rows how sure they are']);
});
