import { kindOfProfileType, type ProfileType } from '../model/profile-type.ts';
import type { DurationMs, TimeWindow, UnixMs } from '../model/units.ts';
import type {
  Coverage,
  ProfileReader,
  SeriesSelector,
  SeriesTotals,
  TotalPoint,
  TotalsAnswer,
  TotalsRequest,
  TotalsSplit,
} from '../store/profile-store.ts';
import { shortDecimal } from './decimal.ts';
import type { Answer, RangeQuestion } from './engine.ts';
import { functionHint } from './function-hint.ts';
import { emptyHint, noRowsHint, unknownGroupsWarning } from './hint.ts';
import { JsonText, type JsonValue, jsonAnswer, writeJson, writeNumber } from './json.ts';
import { splitByName } from './label-matchers.ts';
import { labelNamesFor } from './label-names.ts';
import { metaOf } from './meta.ts';
import { planStep, planWindow } from './plan.ts';
import { groupLabels, groupsOf, type RangeGroup } from './range-groups.ts';
import { RangeParts, type RangePoint } from './range-points.ts';
import { absentLabels, splitOf } from './range-split.ts';
import { observedSecondsOf } from './range-steps.ts';
import { assertTypeExists } from './types-that-exist.ts';
import { bytesToAddUp, type WorkAllowance } from './work-allowance.ts';

/**
 * Totals over time as JSON: `{unit, aggregation, estimated, stepMs, function?, series, other, meta}`. Gauges are time averages,
 * sums are per second (cpu: cores). A step in which nothing was observed has no point. `series` and `other` add up to what the
 * same question without `groupBy` answers: all divide by the time in which the selection was observed. The third number of a
 * point is how long its own group was. Of a function there are `points`, its total, and `selfPoints`, in the same steps.
 */
export function answerRange(
  reader: ProfileReader,
  question: RangeQuestion,
  nowMs: UnixMs,
  allowance: WorkAllowance,
): Answer {
  const { type } = question.selector;
  const kind = kindOfProfileType(type);
  const { window, warnings } = planWindow(question.window, nowMs);
  const stepMs = planStep(question.stepMs, window);
  const asked = [...question.selector.matchers.map(({ name }) => name), ...question.groupBy];
  const names = labelNamesFor(reader, asked, kind, window);
  const { matchers, sampleMatchers } = splitByName(question.selector.matchers, names);
  const labels = groupLabels(question.groupBy, names);
  const split = splitOf(question, sampleMatchers, labels);

  const valueType = { type: type.sampleType, unit: type.sampleUnit };
  const answer = reader.totals({
    selector: { kind, matchers },
    window,
    type: valueType,
    stepMs,
    groupBy: labels.flatMap(({ asked, onSamples }) => (onSamples === undefined ? asked : [])),
    ...(split ? { split } : {}),
  });
  const wholes = answer.series.filter(({ part }) => part === undefined);
  if (wholes.length === 0) assertTypeExists(reader.series(matchers, window, kind), type);

  const aggregation = aggregationOf(wholes);
  const { unit, divisor } = displayUnit(type, aggregation);
  const check = (): void => allowance.check();
  allowance.hold?.(bytesToAddUp(answer.series));
  const parts = new RangeParts(answer.series, { isSplit: split !== undefined, stepMs, divisor, check });
  const found = { reader, selector: { kind, matchers }, window, type: valueType, split };
  const groups = isNowhere(split, parts) ? [] : groupsOf(parts, answer.series, labels, split);
  const others = groups.slice(question.limit);
  return jsonAnswer(
    writeJson({
      unit,
      aggregation,
      estimated: aggregation === 'rate',
      stepMs,
      function: split?.kind === 'functions' ? split.names[0] : undefined,
      series: groups.slice(0, question.limit).map((group) => ({ labels: group.labels, ...pointsOf(parts, [group]) })),
      other: others.length === 0 ? null : { series: others.length, ...pointsOf(parts, others) },
      meta: metaOf(coverageOf({ ...answer, series: wholes }, parts.observedSeconds, stepMs), {
        aggregation,
        foldedShare: 0,
        warnings: [...warnings, ...labelWarnings(found, answer.series)],
        hint: hintOf(found, wholes, parts),
      }),
    }),
  );
}

/** What was asked of the store. */
interface Found extends Pick<TotalsRequest, 'selector' | 'window' | 'type'> {
  readonly reader: ProfileReader;
  readonly split: TotalsSplit | undefined;
}

/** The function that is asked for is on no stack: its lines would be nothing but zeros. */
function isNowhere(split: TotalsSplit | undefined, { lines }: RangeParts): boolean {
  return split?.kind === 'functions' && lines.length === 0;
}

/** Why there is no line. */
function hintOf(
  { reader, selector, window, type, split }: Found,
  wholes: readonly SeriesTotals[],
  { lines }: RangeParts,
): string | undefined {
  if (wholes.length === 0) return emptyHint(reader, selector, window);
  if (lines.length > 0 || !split) return undefined;
  if (split.kind === 'functions') return functionHint(reader, { selector, window, type }, split.names[0] as string);
  return split.matchers.length === 0 ? undefined : noRowsHint(split.matchers, sampleLabelsIn(reader, selector, window));
}

function labelWarnings({ reader, selector, window, split }: Found, totals: readonly SeriesTotals[]): string[] {
  const absent = totals.length === 0 ? [] : absentLabels(split, totals);
  const warning =
    absent.length === 0 ? undefined : unknownGroupsWarning(absent, sampleLabelsIn(reader, selector, window));
  return warning === undefined ? [] : [warning];
}

function sampleLabelsIn(reader: ProfileReader, selector: SeriesSelector, window: TimeWindow): string[] {
  return [...reader.sampleLabels(selector, window).keys()];
}

function pointsOf(parts: RangeParts, groups: readonly RangeGroup[]): { readonly [name: string]: JsonValue } {
  const self = groups.flatMap((group) => group.self ?? []);
  return {
    points: pointRows(parts.sum(groups.map(({ counted }) => counted))),
    selfPoints: self.length === 0 ? undefined : pointRows(parts.sum(self)),
  };
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

/** Rows of three numbers: there may be a million, so they are written at once. */
function pointRows(points: readonly RangePoint[]): JsonText {
  const rows = points.map(
    ({ bucketMs, value, observedSeconds }) => `[${bucketMs},${writeNumber(shortDecimal(value))},${observedSeconds}]`,
  );
  return new JsonText(`[${rows.join(',')}]`);
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
