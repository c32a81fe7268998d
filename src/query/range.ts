import { FlameherdError } from '../model/errors.ts';
import { canonicalLabels, type LabelSet, pickLabels } from '../model/labels.ts';
import { kindOfProfileType, type ProfileType } from '../model/profile-type.ts';
import type { DurationMs, UnixMs } from '../model/units.ts';
import type { Coverage, ProfileReader, SeriesTotals, TotalPoint, TotalsAnswer } from '../store/profile-store.ts';
import { shortDecimal } from './decimal.ts';
import type { Answer, RangeQuestion } from './engine.ts';
import { emptyHint } from './hint.ts';
import { type JsonValue, jsonAnswer, writeJson } from './json.ts';
import { splitMatchers } from './label-matchers.ts';
import { metaOf } from './meta.ts';
import { planStep, planWindow } from './plan.ts';
import { labelsKey, observedSecondsOf, RangeParts, type RangePoint, type SeriesPart } from './range-points.ts';
import { assertTypeExists } from './types-that-exist.ts';

/** A line of the answer: the labels that its series share, their parts, and their sum over time. */
interface Group {
  readonly labels: LabelSet;
  readonly members: readonly SeriesPart[];
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
  const parts = new RangeParts(totals, stepMs, divisor);
  const groups = groupParts(parts, question.groupBy);
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
          : { series: others.length, points: pointRows(parts.sum(others.flatMap(({ members }) => members))) },
      meta: metaOf(coverageOf(answer, parts.observedSeconds, stepMs), { aggregation, foldedShare: 0, warnings, hint }),
    }),
  );
}

/** Largest first; equal ones by their labels, so that an answer does not depend on the order of rows in the store. */
function groupParts(parts: RangeParts, groupBy: readonly string[]): Group[] {
  return [...Map.groupBy(parts.parts, ({ labels }) => labelsKey(labels, groupBy)).values()]
    .map((members) => {
      const labels = pickLabels(members[0]?.labels ?? {}, groupBy);
      const points = parts.sum(members);
      const weight = points.reduce((sum, { value, selectionSeconds }) => sum + value * selectionSeconds, 0);
      return { labels, name: canonicalLabels(labels), members, points, weight };
    })
    .filter(({ points }) => points.length > 0)
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight) || (a.name < b.name ? -1 : 1));
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

function coverageOf(
  { series, window, resolution, warnings, partial }: TotalsAnswer,
  observedSeconds: number,
  stepMs: DurationMs,
): Coverage {
  const byProcess = [...Map.groupBy(series, ({ processId }) => processId).values()];
  let profiles = 0;
  let coveredSeconds = 0;
  for (const { points } of series) {
    for (let at = 0; at < points.length; at++) {
      const point = points[at] as TotalPoint;
      profiles += point.profiles;
      coveredSeconds += point.coveredSeconds;
    }
  }
  return {
    profiles,
    processes: byProcess.length,
    observedSeconds,
    profiledSeconds: shortDecimal(coveredSeconds),
    processSeconds: byProcess.reduce((sum, own) => sum + observedSecondsOf(own, stepMs), 0),
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
