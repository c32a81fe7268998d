import type { TimeWindow, UnixMs } from '../../../model/units.ts';
import type { SecondRange, SeriesSelector } from '../../profile-store.ts';
import { intersect, mostIntervals, type Snapshot, secondsIn, standingOf, wholeSecond } from '../../standing.ts';
import type { CatalogueSeries } from '../catalogue/catalogue-reader.ts';
import { hourOf } from '../files/data-dir.ts';
import type { HeadReader, ProfileRow } from '../heads/head-reader.ts';
import type { Sources } from './sources.ts';

/** A profile that counts in a window: it is stamped in it, stands in it, or both. */
export interface SelectedProfile {
  readonly row: ProfileRow;
  readonly head: HeadReader;
  /** Stamped in the window. */
  readonly isInside: boolean;
  /** Where it stands, cut to the window. */
  readonly standing: SecondRange;
}

export interface SelectedSeries {
  readonly series: CatalogueSeries;
  /** In order of time. */
  readonly profiles: readonly SelectedProfile[];
}

/**
 * The series of a selector with what counts of them in a window. Reads one look-back before the window, for snapshots that
 * still stand at its start, and one ahead, for the next snapshot of those at its end. `patience` as in `Snapshot`.
 */
export function selectProfiles(
  sources: Sources,
  { kind, matchers }: SeriesSelector,
  window: TimeWindow,
  patience = 0,
): SelectedSeries[] {
  const { catalogue } = sources;
  const candidates = catalogue.select(kind, matchers, -Infinity, hourOf(window.toMs));
  const longestMs = candidates.reduce((longest, { longestIntervalMs }) => Math.max(longest, longestIntervalMs), 0);
  const reach: TimeWindow = {
    fromMs: window.fromMs - mostIntervals * longestMs - 1000,
    toMs: window.toMs + mostIntervals * longestMs,
  };
  const wanted = candidates.filter(({ lastHour }) => lastHour >= hourOf(reach.fromMs));
  const found = readRows(sources, wanted, reach);
  const ends = new Map<number, UnixMs | undefined>();
  return wanted.flatMap((series) => {
    const rows = found.get(series.id);
    if (!rows) return [];
    const endMs = catalogue.endOf(series.process, ends);
    const profiles = countedRows(rows, window, { endMs, patience }, () => hasLater(sources, series, reach.toMs));
    return profiles.length > 0 ? [{ series, profiles }] : [];
  });
}

interface FoundRow {
  readonly row: ProfileRow;
  readonly head: HeadReader;
}

function readRows(
  sources: Sources,
  series: readonly CatalogueSeries[],
  { fromMs, toMs }: TimeWindow,
): Map<number, FoundRow[]> {
  const found = new Map<number, FoundRow[]>();
  if (series.length === 0) return found;
  for (const head of sources.heads(hourOf(fromMs), hourOf(toMs))) {
    const { hour } = head;
    const ids = series.filter(({ firstHour, lastHour }) => firstHour <= hour && lastHour >= hour).map(({ id }) => id);
    for (const row of head.profiles(JSON.stringify(ids), fromMs, toMs)) {
      const rows = found.get(row.series);
      if (rows) rows.push({ row, head });
      else found.set(row.series, [{ row, head }]);
    }
  }
  return found;
}

function countedRows(
  rows: readonly FoundRow[],
  window: TimeWindow,
  ending: Pick<Snapshot, 'endMs' | 'patience'>,
  hasLaterRow: () => boolean,
): SelectedProfile[] {
  const seconds: SecondRange = { from: wholeSecond(window.fromMs), to: wholeSecond(window.toMs) };
  const counted: SelectedProfile[] = [];
  rows.forEach(({ row, head }, at) => {
    const { stampMs, intervalMs } = row;
    if (stampMs >= window.toMs) return;
    const nextMs = rows[at + 1]?.row.stampMs ?? (hasLaterRow() ? Infinity : undefined);
    const standing = intersect(standingOf({ stampMs, intervalMs, nextMs, ...ending }), seconds);
    const isInside = stampMs >= window.fromMs;
    if (isInside || secondsIn(standing) > 0) counted.push({ row, head, isInside, standing });
  });
  return counted;
}

/** Whether a series has a profile at or after a moment. */
function hasLater(sources: Sources, { id, lastHour }: CatalogueSeries, fromMs: UnixMs): boolean {
  const hour = hourOf(fromMs);
  if (lastHour !== hour) return lastHour > hour;
  return sources.heads(hour, hour).some((head) => head.hasFrom(id, fromMs));
}
