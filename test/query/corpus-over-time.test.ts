import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RangeQuestion } from '../../src/query/engine.ts';
import type { ProfileReader, SeriesTotals, TotalsSplit } from '../../src/store/profile-store.ts';
import { noCorpus } from '../support/corpus.ts';
import {
  type KindAnswer,
  queryOf,
  type RecordedAnswer,
  recordedAnswers,
  recordings,
  unitOf,
  withRecording,
} from '../support/corpus-series.ts';
import { askJson, rangeQuestion, secondMs } from '../support/query-ask.ts';
import type { RangeAnswer } from '../support/query-range.ts';

const groupings = [
  ['pod', 'totals_by_pod'],
  ['revision', 'totals_by_build'],
] as const;

for (const recording of recordings) {
  test(`${recording}: gauges over time average to the oracle's, by pod, build and function`, {
    skip: noCorpus,
  }, async () => {
    await withRecording(recording, (reader) => {
      for (const recorded of recordedAnswers(recording)) {
        if (recorded.answer.class === 'gauge') assertGauges(reader, recorded);
      }
    });
  });

  test(`${recording}: sums over time add up to the oracle's, by pod, build and function`, {
    skip: noCorpus,
  }, async () => {
    await withRecording(recording, (reader) => {
      for (const recorded of recordedAnswers(recording)) {
        if (recorded.answer.class !== 'gauge') assertSums(reader, recorded);
      }
    });
  });
}

function assertGauges(reader: ProfileReader, recorded: RecordedAnswer): void {
  const { kind, types, totals, ticks = 1 } = recorded.answer;
  for (const [column, type] of types.entries()) {
    const whole = range(reader, recorded, type);
    // Every line is divided by the time in which the selection was observed in the step.
    const observed = new Map(whole.series[0]?.points.map(([tMs, , seconds]) => [tMs, seconds]));
    const seconds = [...observed.values()].reduce((sum, own) => sum + own, 0);
    const averageOf = (points: RangeAnswer['series'][number]['points'] = []): number =>
      points.reduce((sum, [tMs, value]) => sum + value * (observed.get(tMs) ?? Number.NaN), 0) / seconds;
    const assertAverage = (points: Parameters<typeof averageOf>[0], expected: string | undefined, what: string): void =>
      assertNear(averageOf(points), Number(expected) / ticks, `${kind} ${type} of ${what}`);

    assertAverage(whole.series[0]?.points, totals[column], 'all');
    for (const [label, of] of groupings) {
      const { series } = range(reader, recorded, type, { groupBy: [label] });
      for (const [value, byValue] of Object.entries(recorded.answer[of])) {
        assertAverage(series.find(({ labels }) => labels[label] === value)?.points, byValue[column], value);
      }
    }
    for (const { function: functionName, flat, cum } of functionsOf(recorded.answer, column)) {
      const [line] = range(reader, recorded, type, { functionName }).series;
      assertAverage(line?.selfPoints, flat, `${functionName}, self`);
      assertAverage(line?.points, cum, functionName);
    }
  }
}

function assertSums(reader: ProfileReader, recorded: RecordedAnswer): void {
  const { kind, types, totals } = recorded.answer;
  for (const [column, type] of types.entries()) {
    const functions = functionsOf(recorded.answer, column);
    const names = functions.map(({ function: name }) => name);
    const series = totalsOf(reader, recorded, type, { kind: 'functions', names, isExact: true });
    const wholes = series.filter(({ part }) => part === undefined);
    assert.equal(String(sumOf(wholes)), totals[column], `${kind} ${type}`);
    for (const [label, of] of groupings) {
      for (const [value, byValue] of Object.entries(recorded.answer[of])) {
        const own = wholes.filter(({ labels }) => labels[label] === value);
        assert.equal(String(sumOf(own)), byValue[column], `${kind} ${type} of ${value}`);
      }
    }
    for (const { function: name, flat, cum } of functions) {
      const of = (which: 'self' | 'total'): string =>
        String(
          sumOf(series.filter(({ part }) => part?.kind === 'function' && part.name === name && part.of === which)),
        );
      assert.deepEqual([of('self'), of('total')], [flat, cum], `${kind} ${type} of ${name}`);
    }
  }
}

function range(
  reader: ProfileReader,
  { answer: { kind }, window }: RecordedAnswer,
  type: string,
  options: Partial<RangeQuestion> = {},
): RangeAnswer {
  const question = rangeQuestion(queryOf(kind, type), { window, stepMs: 10 * secondMs, ...options });
  return askJson(reader, question, window.toMs) as RangeAnswer;
}

function totalsOf(
  reader: ProfileReader,
  { answer: { kind }, window }: RecordedAnswer,
  type: string,
  split: TotalsSplit,
): readonly SeriesTotals[] {
  const selector = { kind, matchers: [] };
  return reader.totals({ selector, window, type: { type, unit: unitOf(type) }, stepMs: 10 * secondMs, split }).series;
}

function sumOf(series: readonly SeriesTotals[]): bigint {
  return series.flatMap(({ points }) => points).reduce((sum, { value }) => sum + value, 0n);
}

/** The functions of which the oracle knows self and total, closures among them. */
function functionsOf({ top }: KindAnswer, column: number): KindAnswer['top'][number]['by_flat'] {
  const { by_flat = [], by_cum = [] } = top[column] ?? {};
  const rows = new Map([...by_flat, ...by_cum].map((row) => [row.function, row]));
  assert.ok(rows.size > 0);
  return [...rows.values()];
}

/** Seven digits of each point are answered. */
function assertNear(actual: number, expected: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= 1e-6 * Math.max(1, expected), `${what}: ${actual} is not ${expected}`);
}
