import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hour, minute, second } from '../../src/model/units.ts';
import { plainView } from '../../src/model/view.ts';
import { planSides } from '../../src/query/diff/sides.ts';
import { sliceStepMs, slicesOfMerges, slicesOfTotals } from '../../src/query/diff/slices.ts';
import { answerQuestion } from '../../src/query/engine-local.ts';
import { QuestionCancelled } from '../../src/query/question-allowance.ts';
import { askJson, heapProfile, noonMs } from '../support/query-ask.ts';
import { afternoon, type DiffTopAnswer, diffQuestion, morning, scrapesOf } from '../support/query-diff.ts';
import { memoryReader } from '../support/query-memory-reader.ts';

const window = (fromMs: number, lengthMs: number) => ({ fromMs: noonMs + fromMs, toMs: noonMs + fromMs + lengthMs });

test('a window is cut into eighths, and into whole hours or days where only these are left', () => {
  const step = (lengthMs: number, resolution: '1h' | '1d' | 'detail') =>
    sliceStepMs({ window: window(0, lengthMs), resolution });
  assert.equal(step(hour, 'detail'), 450 * second);
  assert.equal(step(second, 'detail'), second);
  assert.equal(step(24 * hour, '1h'), 3 * hour);
  assert.equal(step(5 * hour, '1h'), hour);
  assert.equal(step(25 * hour, '1h'), 4 * hour);
  assert.equal(step(30 * 24 * hour, '1d'), 4 * 24 * hour);
});

const everyMinute = memoryReader(
  scrapesOf('a', { fromMs: noonMs - hour, toMs: noonMs + 2 * hour }, () => ({ x: 6, y: 2 })),
);

/** The profiles of each slice: each is of ten seconds. */
function profilesPerSlice(asked: ReturnType<typeof window>, reader = everyMinute): number[] {
  const question = diffQuestion('cpu');
  const { selector } = question.compare;
  const sides = planSides(reader, { ...question, compare: { selector, window: asked } }, noonMs + 24 * hour);
  const coverage = { ...reader.merge(sides.compare.request).coverage };
  const names = ['x', 'gone'];
  const totals = slicesOfTotals(reader, sides.compare, coverage, names);
  const merges = slicesOfMerges(reader, sides.compare, coverage, names, { view: plainView, check() {} });
  assert.deepEqual(merges.whole, totals.whole);
  assert.deepEqual(merges.seconds, totals.seconds);
  assert.deepEqual(merges.functions.get('x'), totals.functions.get('x'));
  assert.deepEqual(
    totals.functions.get('x')?.self,
    totals.whole.map((whole) => 0.75 * whole),
  );
  return totals.seconds.map((seconds) => seconds / 10);
}

test('slices at the ends that are short count to their neighbours, however the window lies', () => {
  assert.deepEqual(profilesPerSlice(window(0, 40 * minute)), [5, 5, 5, 5, 5, 5, 5, 5]);
  assert.deepEqual(profilesPerSlice(window(4 * minute, 40 * minute)), [6, 5, 5, 5, 5, 5, 5, 4]);
  assert.deepEqual(profilesPerSlice(window(minute, 40 * minute)), [4, 5, 5, 5, 5, 5, 5, 6]);
});

test('of a window with few scrapes, only the slices that hold one are there', () => {
  const few = memoryReader(scrapesOf('a', window(0, 3 * minute), () => ({ x: 6, y: 2 })));
  assert.deepEqual(profilesPerSlice(window(0, 40 * minute), few), [3]);
  assert.deepEqual(profilesPerSlice(window(0, 3 * minute), few), [1, 1, 1]);
});

test('snapshots that stand into a slice without one count to the slice of their own', () => {
  const heaps = memoryReader(
    [0, 1, 2].map((at) => heapProfile('a', noonMs + at * minute, `main;x 0 ${100 + at}\nmain;y 0 1`)),
  );
  const question = diffQuestion('heap');
  const { selector } = question.compare;
  const sides = planSides(heaps, { ...question, compare: { selector, window: window(0, 4 * minute) } }, noonMs + hour);
  const coverage = heaps.merge(sides.compare.request).coverage;
  const { whole, seconds } = slicesOfTotals(heaps, sides.compare, coverage, ['x']);
  assert.deepEqual(
    [whole, seconds],
    [
      [6060, 6120, 6180],
      [60, 60, 60],
    ],
  );
});

test('where only roll-ups are left, slices are whole hours, and the answer says so', () => {
  const long = { fromMs: noonMs - 6 * hour, toMs: noonMs };
  const reader = memoryReader(scrapesOf('a', { fromMs: long.fromMs - 6 * hour, toMs: noonMs }, () => ({ x: 6, y: 2 })));
  const steps = new Set<number>();
  const rolled: typeof reader = {
    ...reader,
    callTrees(compare, base) {
      const answer = reader.callTrees(compare, base);
      const coarse = (side: (typeof answer)['compare']) => ({
        ...side,
        coverage: { ...side.coverage, resolution: '1h' as const },
      });
      return { ...answer, compare: coarse(answer.compare), base: coarse(answer.base) };
    },
    totals(request) {
      steps.add(request.stepMs);
      return reader.totals(request);
    },
  };
  const { selector } = diffQuestion('cpu').compare;
  const earlier = { fromMs: long.fromMs - 5 * hour, toMs: long.fromMs };
  const sides = { compare: { selector, window: long }, base: { selector, window: earlier } };
  const { meta } = askJson(rolled, diffQuestion('cpu', { ...sides, normalize: 'none' })) as DiffTopAnswer;
  assert.deepEqual([...steps], [hour]);
  assert.deepEqual(meta.warnings, ['spreads are over hours']);
});

test('a diff may be cancelled at every step, and answers whole afterwards', () => {
  const reader = memoryReader([
    ...scrapesOf('a', morning, () => ({ x: 1 })),
    ...scrapesOf('b', afternoon, () => ({ y: 2 })),
  ]);
  const views = [plainView, { ...plainView, filters: { focus: 'x|y' } }];
  for (const format of ['top', 'flamegraph', 'markdown', 'collapsed', 'pprof'] as const) {
    for (const view of views) {
      const question = diffQuestion('cpu', { format, view });
      let [steps, last] = [0, Infinity];
      const check = (): void => {
        if (steps++ === last) throw new QuestionCancelled('the question was cancelled');
      };
      const ask = () => answerQuestion(reader, question, noonMs + hour, { check });
      const whole = ask();
      assert.equal(whole.kind, 'answer', format);
      const all = steps;
      assert.ok(all > 0, format);
      for (last = 0; last < all; last++) {
        steps = 0;
        assert.throws(ask, { name: 'QuestionCancelled' }, `${format}, step ${last}`);
      }
      steps = 0;
      assert.deepEqual(ask(), whole);
    }
  }
});
