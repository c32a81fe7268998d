import { canonicalLabels } from '../../../model/labels.ts';
import { compileMatchers } from '../../../model/matcher.ts';
import type { ProfileKind } from '../../../model/profile-type.ts';
import type { Matcher } from '../../../model/selector.ts';
import type { TimeWindow, UnixMs } from '../../../model/units.ts';
import type { SeriesEntry } from '../../profile-store.ts';
import type { CatalogueSeries } from '../catalogue/catalogue-reader.ts';
import { hourOf, type UnixHour } from '../files/data-dir.ts';
import { planTime } from './plan.ts';
import type { Sources } from './sources.ts';

/** The series with a profile in a window, in order of id; then the groups of which only roll-ups are left. */
export function seriesIn(
  sources: Sources,
  matchers: readonly Matcher[],
  window: TimeWindow,
  kind: ProfileKind | undefined,
): SeriesEntry[] {
  const extents = extentsIn(sources, matchers, window, kind);
  const ends = new Map<number, UnixMs | undefined>();
  const held = [...extents]
    .sort(([a], [b]) => a - b)
    .flatMap(([id, extent]) => entryOf(sources, id, extent, ends) ?? []);
  return [...held, ...groupsIn(sources, matchers, window, kind)];
}

interface Extent {
  firstMs: UnixMs;
  lastMs: UnixMs;
}

/**
 * The first and the last stamp of each series that has one. From both ends inwards: of a series that is there all the time
 * only two hours are read.
 */
function extentsIn(
  sources: Sources,
  matchers: readonly Matcher[],
  window: TimeWindow,
  kind: ProfileKind | undefined,
): Map<number, Extent> {
  const found = new Map<number, Extent>();
  const [from, to] = [hourOf(window.fromMs), hourOf(window.toMs - 1)];
  const candidates = sources.catalogue.select(kind, matchers, from, to);
  if (candidates.length === 0) return found;
  const hours = sources.layout.detailHours(from, to);
  let left: readonly CatalogueSeries[] = candidates;
  for (const hour of hours) {
    for (const [series, extent] of extentsOfHour(sources, left, hour, window)) found.set(series, extent);
    left = left.filter(({ id, lastHour }) => lastHour > hour && !found.has(id));
    if (left.length === 0) break;
  }
  left = candidates.filter(({ id }) => found.has(id));
  for (const hour of hours.toReversed()) {
    const seen = extentsOfHour(sources, left, hour, window);
    for (const [series, { lastMs }] of seen) {
      const extent = found.get(series);
      if (extent) extent.lastMs = lastMs;
    }
    left = left.filter(({ id }) => !seen.has(id));
    if (left.length === 0) break;
  }
  return found;
}

function extentsOfHour(
  sources: Sources,
  series: readonly CatalogueSeries[],
  hour: UnixHour,
  { fromMs, toMs }: TimeWindow,
): Map<number, Extent> {
  const found = new Map<number, Extent>();
  const add = (id: number, firstMs: UnixMs, lastMs: UnixMs): void => {
    const known = found.get(id);
    if (!known) found.set(id, { firstMs, lastMs });
    else {
      known.firstMs = Math.min(known.firstMs, firstMs);
      known.lastMs = Math.max(known.lastMs, lastMs);
    }
  };
  const ids = idsIn(series, hour);
  if (ids === undefined) return found;
  for (const head of sources.heads(hour, hour)) {
    for (const { series: id, firstMs, lastMs } of head.extents(ids, fromMs, toMs)) add(id, firstMs, lastMs);
  }
  for (const { carried, key, entries } of sources.chunks(ids, hour, hour)) {
    if (carried) continue;
    const stamps = entries.stampMs.filter((stampMs) => stampMs >= fromMs && stampMs < toMs);
    const [first] = stamps;
    if (first !== undefined) add(key.series, first, stamps.at(-1) ?? first);
  }
  return found;
}

/** The ids, as a JSON array, of those series that may have profiles in an hour; undefined when none may. */
export function idsIn(series: readonly CatalogueSeries[], hour: UnixHour): string | undefined {
  const ids = series.flatMap(({ id, firstHour, lastHour }) => (firstHour <= hour && lastHour >= hour ? id : []));
  return ids.length === 0 ? undefined : JSON.stringify(ids);
}

function entryOf(
  { catalogue }: Sources,
  id: number,
  { firstMs, lastMs }: Extent,
  ends: Map<number, UnixMs | undefined>,
): SeriesEntry | undefined {
  const series = catalogue.series(id);
  if (!series) return undefined;
  const { labels, kind, types, periodType, longestIntervalMs } = series;
  const process = catalogue.process(series.process);
  return {
    labels,
    kind,
    processId: process?.identity ?? '',
    types,
    periodType,
    firstMs,
    lastMs,
    intervalMs: longestIntervalMs,
    startedMs: process?.startedMs,
    endedMs: catalogue.endOf(series.process, ends),
    build: process?.build,
  };
}

/** Groups by what their roll-ups hold, of the hours and days whose single profiles are gone. */
function groupsIn(
  sources: Sources,
  matchers: readonly Matcher[],
  window: TimeWindow,
  kind: ProfileKind | undefined,
): SeriesEntry[] {
  const { held } = sources;
  const gone = { fromMs: window.fromMs, toMs: Math.min(window.toMs, held.detailFromMs) };
  if (gone.toMs <= gone.fromMs) return [];
  const { hours, days } = planTime(gone, held);
  const runs = [...sources.rollRuns('1d', days), ...sources.rollRuns('1h', hours)];
  const meets = compileMatchers(matchers);
  const found = new Map<string, SeriesEntry>();
  for (const { file, from, to } of runs) {
    for (const { group, kind: ofKind, shape, firstMs, lastMs } of file.extents(kind, from, to)) {
      if (!meets(group.labels)) continue;
      const key = `${canonicalLabels(group.labels)} ${ofKind}`;
      const known = found.get(key);
      const { types, header } = shape;
      found.set(key, {
        labels: group.labels,
        kind: ofKind,
        processId: '',
        types,
        periodType: header.periodType,
        firstMs: Math.min(firstMs, known?.firstMs ?? Infinity),
        lastMs: Math.max(lastMs, known?.lastMs ?? -Infinity),
        intervalMs: 0,
        startedMs: undefined,
        endedMs: undefined,
        build: undefined,
      });
    }
  }
  return [...found.values()];
}
