import { compileMatchers } from '../../../model/matcher.ts';
import type { Matcher } from '../../../model/selector.ts';
import type { TimeWindow, UnixMs } from '../../../model/units.ts';
import type { Profile } from '../../../profile/profile.ts';
import type { ProfileEntry, ProfilesSelector } from '../../profile-store.ts';
import type { Chunk } from '../chunks/chunk.ts';
import { hourOf, type UnixHour } from '../files/data-dir.ts';
import type { HeadReader, ProfileRow } from '../heads/head-reader.ts';
import { totalsIn } from '../heads/totals-text.ts';
import { formatProfileId, parseProfileId } from '../profile-id.ts';
import { idsIn } from './lists.ts';
import type { Sources } from './sources.ts';
import { profileInChunk, profileInHead, type Symbols } from './stored-profile.ts';

/** A profile as it was found: in a head or in a chunk. */
type FoundProfile = { readonly series: number; readonly stampMs: UnixMs } & (
  | { readonly head: HeadReader; readonly row: ProfileRow }
  | { readonly chunk: Chunk; readonly entry: number }
);

interface PageStart {
  readonly stampMs: UnixMs;
  readonly series: number;
}

/** Single profiles, newest first, at most `limit`; `before` is the id that the page before ended with. */
export function profilesIn(
  sources: Sources,
  { kind, matchers, processes }: ProfilesSelector,
  window: TimeWindow,
  limit: number,
  before: string | undefined,
): ProfileEntry[] {
  const start = (before === undefined ? undefined : parseProfileId(before)) ?? { series: 0, stampMs: Infinity };
  const [from, to] = [hourOf(window.fromMs), hourOf(Math.min(window.toMs - 1, start.stampMs))];
  const selected = sources.catalogue.select(kind, matchers, from, to);
  const candidates = processes ? selected.filter((one) => processes.has(processOf(sources, one.process))) : selected;
  const page: ProfileEntry[] = [];
  // Profiles lie in the hour of their stamp: no hour has one that is newer than those of the hours after it.
  for (const hour of sources.layout.detailHours(from, to).toReversed()) {
    const ids = idsIn(candidates, hour);
    if (ids === undefined) continue;
    const found = profilesOfHour(sources, ids, hour, window, start, limit - page.length);
    page.push(...found.flatMap((profile) => entryOf(sources, profile) ?? []));
    if (page.length >= limit) break;
  }
  return page;
}

/** One profile by its id; undefined when there is none, or none any more, or its series does not meet the matchers. */
export function profileWithId(
  sources: Sources,
  id: string,
  matchers: readonly Matcher[],
  symbols: Symbols,
): { readonly entry: ProfileEntry; readonly profile: Profile } | undefined {
  const key = parseProfileId(id);
  const labels = key && sources.catalogue.series(key.series)?.labels;
  if (!labels || !compileMatchers(matchers)(labels)) return undefined;
  const found = findProfile(sources, key);
  const entry = found && entryOf(sources, found);
  if (!found || !entry) return undefined;
  const profile =
    'head' in found ? profileInHead(found.head, found.row, symbols) : profileInChunk(found.chunk, found.entry, symbols);
  return { entry, profile };
}

function findProfile(sources: Sources, { series, stampMs }: PageStart): FoundProfile | undefined {
  const hour = hourOf(stampMs);
  for (const head of sources.heads(hour, hour)) {
    const row = head.profile(series, stampMs);
    if (row) return { series, stampMs, head, row };
  }
  for (const chunk of sources.chunks(JSON.stringify([series]), hour, hour)) {
    const entry = chunk.carried ? -1 : chunk.entries.stampMs.indexOf(stampMs);
    if (entry >= 0) return { series, stampMs, chunk, entry };
  }
  return undefined;
}

function profilesOfHour(
  sources: Sources,
  ids: string,
  hour: UnixHour,
  window: TimeWindow,
  start: PageStart,
  limit: number,
): FoundProfile[] {
  const found: FoundProfile[] = [];
  for (const head of sources.heads(hour, hour)) {
    for (const row of head.newestProfiles(ids, window, start, limit)) {
      found.push({ series: row.series, stampMs: row.stampMs, head, row });
    }
  }
  for (const chunk of sources.chunks(ids, hour, hour)) {
    const { series } = chunk.key;
    const { count, stampMs } = chunk.entries;
    let taken = chunk.carried ? limit : 0;
    for (let entry = count - 1; entry >= 0 && taken < limit; entry--) {
      const at = stampMs[entry] as number;
      if (at < window.fromMs || at >= window.toMs || !comesAfter(at, series, start)) continue;
      found.push({ series, stampMs: at, chunk, entry });
      taken++;
    }
  }
  return found.sort((a, b) => b.stampMs - a.stampMs || b.series - a.series).slice(0, limit);
}

/** In a list that is newest first. */
function comesAfter(stampMs: UnixMs, series: number, start: PageStart): boolean {
  return stampMs < start.stampMs || (stampMs === start.stampMs && series < start.series);
}

function entryOf(sources: Sources, found: FoundProfile): ProfileEntry | undefined {
  const series = sources.catalogue.series(found.series);
  if (!series) return undefined;
  return {
    id: formatProfileId(found.series, found.stampMs),
    labels: series.labels,
    kind: series.kind,
    processId: processOf(sources, series.process),
    stampMs: found.stampMs,
    ...('head' in found ? factsInHead(found.head, found.row) : factsInChunk(found.chunk, found.entry)),
  };
}

function processOf({ catalogue }: Sources, process: number): string {
  return catalogue.process(process)?.identity ?? '';
}

type Facts = Pick<ProfileEntry, 'intervalMs' | 'spanMs' | 'types' | 'totals' | 'trimmed'>;

function factsInHead(head: HeadReader, { intervalMs, spanMs, shape, totals, trimmed }: ProfileRow): Facts {
  return { intervalMs, spanMs, trimmed, types: head.shape(shape).types, totals: totalsIn(totals) };
}

function factsInChunk({ entries }: Chunk, entry: number): Facts {
  return {
    intervalMs: entries.intervalMs[entry] ?? 0,
    spanMs: entries.spanMs[entry] ?? 0,
    types: entries.shapes[entries.shape[entry] ?? 0]?.types ?? [],
    trimmed: entries.trimmed[entry] ?? 0,
    totals: entries.totals.map((ofType) => BigInt(ofType[entry] ?? 0)),
  };
}
