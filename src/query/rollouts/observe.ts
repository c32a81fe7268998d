import { labelValue } from '../../model/labels.ts';
import type { ProfileKind, ValueType } from '../../model/profile-type.ts';
import type { Matcher } from '../../model/selector.ts';
import { day, type TimeWindow, type UnixMs } from '../../model/units.ts';
import type { ProfileReader, SecondRange, SeriesEntry, TotalsAnswer } from '../../store/profile-store.ts';
import { mostIntervals, unionOf, wholeSecond } from '../../store/standing.ts';

/** One process of a workload, as far as it was observed in a window. */
export interface ObservedProcess {
  readonly id: string;
  readonly workloadKind: string;
  readonly revision: string;
  readonly container: string;
  /** The tag of its image; '' where nothing tells. */
  readonly image: string;
  readonly version: string;
  /** What was built; '' where nothing tells, and where only roll-ups are left of it. */
  readonly build: string;
  readonly startedMs: UnixMs | undefined;
  /** When it was observed alive, by profiles of any kind; in order, and never empty. */
  readonly ranges: readonly SecondRange[];
  /** Whether it still ran at the end of the window. */
  readonly isLive: boolean;
}

export interface ObservedWorkload {
  readonly processes: readonly ObservedProcess[];
  readonly window: TimeWindow;
  readonly resolution: TotalsAnswer['resolution'];
  readonly warnings: readonly string[];
}

/** Days, so that roll-ups answer nearly all of a long time. */
const stepMs = day;

/**
 * The processes that meet some matchers on labels that all series of a revision share, and when they were observed. Reads lists
 * and totals only, never a sample. A process that is met under two revisions is two.
 */
export function observe(reader: ProfileReader, matchers: readonly Matcher[], window: TimeWindow): ObservedWorkload {
  const entries = reader.series(matchers, window);
  const answers = typesToAsk(entries).map(({ kind, type }) =>
    reader.totals({ selector: { kind, matchers }, window, type, stepMs, groupBy: ['revision'] }),
  );
  return {
    processes: processesOf(answers, entries, window),
    window: answers.reduce((widest, answer) => widen(widest, answer.window), window),
    resolution: answers.map(({ resolution }) => resolution).sort(coarsestFirst)[0] ?? 'detail',
    warnings: [...new Set(answers.flatMap(({ warnings }) => warnings))],
  };
}

/** Types that every series has one of. */
function typesToAsk(entries: readonly SeriesEntry[]): { readonly kind: ProfileKind; readonly type: ValueType }[] {
  const asked: { readonly kind: ProfileKind; readonly type: ValueType }[] = [];
  for (const { kind, types } of entries) {
    const [first] = types;
    const isAsked = asked.some(
      (one) => one.kind === kind && types.some(({ type, unit }) => type === one.type.type && unit === one.type.unit),
    );
    if (first && !isAsked) asked.push({ kind, type: { type: first.type, unit: first.unit } });
  }
  return asked;
}

function processesOf(
  answers: readonly TotalsAnswer[],
  entries: readonly SeriesEntry[],
  window: TimeWindow,
): ObservedProcess[] {
  const lines = answers.flatMap(({ series }) => series);
  const entriesOf = Map.groupBy(entries, ({ processId }) => processId);
  const grouped = Map.groupBy(lines, ({ labels, processId }) => `${labelValue(labels, 'revision')}\n${processId}`);
  return [...grouped.values()].flatMap((own) => {
    const ranges = unionOf(own.flatMap(({ points }) => points.flatMap(({ standing }) => standing)));
    const last = own.at(-1);
    if (!last || ranges.length === 0) return [];
    const known = entriesOf.get(last.processId) ?? [];
    const label = (name: string): string => labelValue(last.labels, name);
    return {
      id: last.processId,
      workloadKind: label('workload_kind'),
      revision: label('revision'),
      container: label('container'),
      image: label('image'),
      version: label('version'),
      build: known.find(({ build }) => build !== undefined)?.build ?? '',
      startedMs: known.find(({ startedMs }) => startedMs !== undefined)?.startedMs,
      ranges,
      isLive: isLive(known, ranges, window.toMs),
    };
  });
}

/** It stood at the end of the window, or its next profile may yet come; but not beyond its end. */
function isLive(known: readonly SeriesEntry[], ranges: readonly SecondRange[], toMs: UnixMs): boolean {
  if ((ranges.at(-1)?.to ?? 0) >= wholeSecond(toMs)) return true;
  return known.some(
    ({ endedMs, lastMs, intervalMs }) =>
      (endedMs === undefined || endedMs > toMs) && lastMs + mostIntervals * intervalMs > toMs,
  );
}

function widen(a: TimeWindow, b: TimeWindow): TimeWindow {
  return { fromMs: Math.min(a.fromMs, b.fromMs), toMs: Math.max(a.toMs, b.toMs) };
}

const coarseness: Readonly<Record<TotalsAnswer['resolution'], number>> = { '1d': 2, '1h': 1, detail: 0 };

function coarsestFirst(a: TotalsAnswer['resolution'], b: TotalsAnswer['resolution']): number {
  return coarseness[b] - coarseness[a];
}
