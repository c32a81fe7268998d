import type { AskedProcess } from '../../model/asked-process.ts';
import type { LabelSet } from '../../model/labels.ts';
import { kindOfProfileType, type ProfileType } from '../../model/profile-type.ts';
import type { Matcher } from '../../model/selector.ts';
import { day, hour, type TimeWindow, type UnixMs } from '../../model/units.ts';
import type { ProfileReader, SeriesEntry } from '../../store/profile-store.ts';

/** A process that is selected: by what the store has of it, or the collector knows, or both. */
export interface SelectedProcess {
  readonly id: string;
  readonly labels: LabelSet;
  readonly startedMs: UnixMs | undefined;
  readonly endedMs: UnixMs | undefined;
  /** Its first and last stored profile in and around the window. */
  readonly firstMs: UnixMs | undefined;
  readonly lastMs: UnixMs | undefined;
  readonly intervalMs: number;
  readonly asked: AskedProcess | undefined;
}

/** How far around a window a process is looked for: one that was scraped before and after it was there in it, too. */
export const aroundMs = hour;

/** The processes that were scraped in a window or around it, and those of which a scrape failed in it. */
export function processesIn(
  series: readonly SeriesEntry[],
  asked: readonly AskedProcess[],
  window: TimeWindow,
): SelectedProcess[] {
  const known = new Map(asked.map((process) => [process.processId, process]));
  const stored = Map.groupBy(
    series.filter(({ processId }) => processId !== ''),
    ({ processId }) => processId,
  );
  const found = [...stored].map(([id, own]) => processOf(id, own, known.get(id)));
  const failedOnly = asked.filter(
    ({ processId, failures }) => !stored.has(processId) && failures.some(({ atMs }) => isIn(atMs, window)),
  );
  return [
    ...found.filter((process) => mayRunIn(process, window)),
    ...failedOnly.map((process) => processOf(process.processId, [], process)),
  ];
}

function processOf(id: string, series: readonly SeriesEntry[], asked: AskedProcess | undefined): SelectedProcess {
  const newest = series.toSorted((a, b) => b.lastMs - a.lastMs)[0];
  const firstMs = series.reduce((least, one) => Math.min(least, one.firstMs), Infinity);
  return {
    id,
    labels: newest?.labels ?? asked?.labels ?? {},
    startedMs: newest?.startedMs ?? asked?.startedMs,
    endedMs: asked?.isAsked === true ? undefined : newest?.endedMs,
    firstMs: newest && firstMs,
    lastMs: newest?.lastMs,
    intervalMs: newest?.intervalMs || (asked?.intervalMs ?? 0),
    asked,
  };
}

/** It was looked for beyond the window. */
function mayRunIn({ firstMs = 0, lastMs = 0, endedMs, asked }: SelectedProcess, { fromMs, toMs }: TimeWindow): boolean {
  if (firstMs >= toMs) return false;
  if (lastMs >= fromMs || asked?.isAsked === true) return true;
  return endedMs !== undefined && endedMs >= fromMs;
}

/** Those of which most was counted, at most `limit`; asks for totals only where there are more. */
export function busiest(
  reader: ProfileReader,
  all: readonly SelectedProcess[],
  { type, matchers, window, limit }: Selection,
): SelectedProcess[] {
  if (all.length <= limit) return [...all];
  const totals = new Map<string, number>();
  const { series } = reader.totals({
    selector: { kind: kindOfProfileType(type), matchers },
    window,
    type: { type: type.sampleType, unit: type.sampleUnit },
    stepMs: day,
  });
  for (const { processId, points } of series) {
    const sum = points.reduce((total, { value }) => total + Number(value), 0);
    totals.set(processId, (totals.get(processId) ?? 0) + sum);
  }
  return all.toSorted((a, b) => (totals.get(b.id) ?? 0) - (totals.get(a.id) ?? 0)).slice(0, limit);
}

interface Selection {
  readonly type: ProfileType;
  readonly matchers: readonly Matcher[];
  readonly window: TimeWindow;
  readonly limit: number;
}

export function isIn(atMs: UnixMs, { fromMs, toMs }: TimeWindow): boolean {
  return atMs >= fromMs && atMs < toMs;
}
