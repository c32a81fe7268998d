import { FlameherdError } from '../model/errors.ts';
import { canonicalLabels, type LabelSet, pickLabels } from '../model/labels.ts';
import { kindOfProfileType, type ProfileType } from '../model/profile-type.ts';
import type { UnixMs } from '../model/units.ts';
import type { Coverage, ProfileReader, SeriesTotals, TotalsAnswer } from '../store/profile-store.ts';
import { shortDecimal } from './decimal.ts';
import type { Answer, RangeQuestion } from './engine.ts';
import { emptyHint } from './hint.ts';
import { type JsonValue, jsonAnswer, writeJson } from './json.ts';
import { splitMatchers } from './label-matchers.ts';
import { metaOf } from './meta.ts';
import { planStep, planWindow } from './plan.ts';
import { observedSecondsOf, type RangePoint, type SeriesPart, seriesParts, sumParts } from './range-points.ts';
import { assertTypeExists } from './types-that-exist.ts';

/** A line of the answer: the labels that its series share, their parts, and their sum over time. */
interface Group {
  readonly labels: LabelSet;
  readonly parts: readonly SeriesPart[];
  readonly points: readonly RangePoint[];
  /** Its integral over the window: the largest groups are kept. */
  readonly weight: number;
}

/**
 * Totals over time as JSON: `{unit, aggregation, estimated, stepMs, series, other, meta}`. Gauges are time averages, sums are
 * per second (cpu: cores). A step in which nothing was observed has no point. `series` and `other` add up to what the same
 * question without `groupBy` answers: all divide by the time in which the selection was observed. The third number of a
 * point is how long its own group was.
 */
export function answerRange(reader: ProfileReader, question: RangeQuestion, nowMs: UnixMs): Answer {
  const { type } = question.selector;
  const kind = kindOfProfileType(type);
  const { window, warnings } = planWindow(question.window, nowMs);
  const stepMs = planStep(question.stepMs, window);
  const { matchers, sampleMatchers } = splitMatchers(reader, kind, question.selector.matchers, window);
  if (sampleMatchers.length > 0) throw onlySeriesLabels(sampleMatchers.map(({ name }) => name));

  const valueType = { type: type.sampleType, unit: type.sampleUnit };
  const answer = reader.totals({
    selector: { kind, matchers },
    window,
    type: valueType,
    stepMs,
    groupBy: question.groupBy,
  });
  const totals = answer.series;
  if (totals.length === 0) assertTypeExists(reader.series(matchers, window, kind), type);

  const aggregation = aggregationOf(totals);
  const { unit, divisor } = displayUnit(type, aggregation);
  const groups = groupParts(seriesParts(totals, divisor), question.groupBy);
  const others = groups.slice(question.limit);
  const hint = totals.length === 0 ? emptyHint(reader, { kind, matchers }, window) : undefined;
  return jsonAnswer(
    writeJson({
      unit,
      aggregation,
      estimated: aggregation === 'rate',
      stepMs,
      series: groups.slice(0, question.limit).map(({ labels, points }) => ({ labels, points: pointRows(points) })),
      other:
        others.length === 0
          ? null
          : { series: others.length, points: pointRows(sumParts(others.flatMap(({ parts }) => parts))) },
      meta: metaOf(coverageOf(answer), { aggregation, foldedShare: 0, warnings, hint }),
    }),
  );
}

/** Largest first; equal ones by their labels, so that an answer does not depend on the order of rows in the store. */
function groupParts(parts: readonly SeriesPart[], groupBy: readonly string[]): Group[] {
  const byKey = Map.groupBy(parts, ({ labels }) => canonicalLabels(pickLabels(labels, groupBy)));
  return [...byKey]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, members]) => {
      const points = sumParts(members);
      const weight = points.reduce((sum, { value, selectionSeconds }) => sum + value * selectionSeconds, 0);
      return { labels: pickLabels(members[0]?.labels ?? {}, groupBy), parts: members, points, weight };
    })
    .filter(({ points }) => points.length > 0)
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
}

/** Null where there is nothing that could tell. */
function aggregationOf(totals: readonly SeriesTotals[]): 'avg' | 'rate' | null {
  if (totals.length === 0) return null;
  return totals.some(({ temporality }) => temporality === 'gauge') ? 'avg' : 'rate';
}

function displayUnit(
  { sampleType, sampleUnit }: ProfileType,
  aggregation: 'avg' | 'rate' | null,
): { unit: string; divisor: number } {
  if (aggregation !== 'rate') return { unit: sampleUnit, divisor: 1 };
  if (sampleType === 'cpu' && sampleUnit === 'nanoseconds') return { unit: 'cores', divisor: 1e9 };
  return { unit: `${sampleUnit}/s`, divisor: 1 };
}

function pointRows(points: readonly RangePoint[]): JsonValue {
  return points.map(({ bucketMs, value, observedSeconds }) => [bucketMs, shortDecimal(value), observedSeconds]);
}

function coverageOf({ series, window, resolution, warnings, partial }: TotalsAnswer): Coverage {
  const byProcess = [...Map.groupBy(series, ({ processId }) => processId).values()];
  let [profiles, coveredSeconds] = [0, 0];
  for (const { points } of series) {
    for (const point of points) {
      profiles += point.profiles;
      coveredSeconds += point.coveredSeconds;
    }
  }
  return {
    profiles,
    processes: byProcess.length,
    observedSeconds: observedSecondsOf(series),
    profiledSeconds: shortDecimal(coveredSeconds),
    processSeconds: byProcess.reduce((sum, own) => sum + observedSecondsOf(own), 0),
    window,
    resolution,
    trimmed: 0,
    warnings,
    partial,
  };
}

function onlySeriesLabels(names: readonly string[]): FlameherdError {
  return new FlameherdError('bad_query', `query: no series has a label ${names.join(', ')}`, {
    hint: 'query_range selects by series labels (/api/v1/labels lists them); merge also selects by the labels of samples',
  });
}
