import { hour as hourMs, type UnixMs } from '../../../model/units.ts';
import type { StoreStats } from '../../profile-store.ts';
import { bytesByKind, bytesOfStore, hourOf, hoursOfDay, type UnixHour } from '../files/data-dir.ts';
import { idsIn } from './lists.ts';
import type { RollRun, Sources } from './sources.ts';

interface Bounds {
  readonly oldestMs: UnixMs;
  readonly newestMs: UnixMs;
}

/** What a store holds, as a reader sees it: whether appends are refused, only its writer knows. */
export function storeStats(sources: Sources, dataDir: string): StoreStats {
  const { catalogue, layout } = sources;
  const hours = layout.detailHours(-Infinity, Infinity);
  const dueHead = layout.heads.find(({ isSealed }) => isSealed);
  return {
    bytes: bytesOfStore(dataDir),
    files: layout.files.length,
    series: catalogue.seriesCount,
    partitions: catalogue.partitionCount(),
    oldestMs: oldestRolled(sources) ?? firstBounds(sources, hours)?.oldestMs,
    newestMs: firstBounds(sources, hours.toReversed())?.newestMs ?? newestRolled(sources),
    fullBecause: undefined,
    byKind: bytesByKind(dataDir),
    compactionDueMs: dueHead?.toMs,
    damagedHoursMs: sources.damagedHours().map((hour) => hour * hourMs),
  };
}

/** The first and the last stamp of the first hour that has a profile. */
function firstBounds(sources: Sources, hours: readonly UnixHour[]): Bounds | undefined {
  for (const hour of hours) {
    const bounds = boundsOf(sources, hour);
    if (bounds) return bounds;
  }
  return undefined;
}

function boundsOf(sources: Sources, hour: UnixHour): Bounds | undefined {
  let [oldestMs, newestMs] = [Infinity, -Infinity];
  for (const head of sources.heads(hour, hour)) {
    const own = head.bounds();
    oldestMs = Math.min(oldestMs, own?.oldestMs ?? Infinity);
    newestMs = Math.max(newestMs, own?.newestMs ?? -Infinity);
  }
  const ids = idsIn(sources.catalogue.select(undefined, [], hour, hour), hour);
  for (const { carried, entries } of ids === undefined ? [] : sources.chunks(ids, hour, hour)) {
    if (carried) continue;
    oldestMs = Math.min(oldestMs, entries.stampMs[0] ?? Infinity);
    newestMs = Math.max(newestMs, entries.stampMs.at(-1) ?? -Infinity);
  }
  return oldestMs > newestMs ? undefined : { oldestMs, newestMs };
}

/** The first stamp of what only roll-ups hold. */
function oldestRolled(sources: Sources): UnixMs | undefined {
  const { hours, days } = goneOf(sources);
  const first = [...sources.rollRuns('1d', days.slice(0, 1)), ...sources.rollRuns('1h', hours.slice(0, 1))];
  const stamps = first.flatMap(extentsOf).map(({ firstMs }) => firstMs);
  return stamps.length === 0 ? undefined : stamps.reduce((least, ms) => Math.min(least, ms));
}

/** The last stamp of what only roll-ups hold. */
function newestRolled(sources: Sources): UnixMs | undefined {
  const { hours, days } = goneOf(sources);
  const last = [...sources.rollRuns('1d', days.slice(-1)), ...sources.rollRuns('1h', hours.slice(-1))];
  const stamps = last.flatMap(extentsOf).map(({ lastMs }) => lastMs);
  return stamps.length === 0 ? undefined : stamps.reduce((most, ms) => Math.max(most, ms));
}

function extentsOf({ file, from, to }: RollRun): ReturnType<RollRun['file']['extents']> {
  return file.extents(undefined, from, to);
}

/** The hours and the days whose single profiles are gone, by the finest that is left of them. */
function goneOf({ held }: Sources): { readonly hours: readonly number[]; readonly days: readonly number[] } {
  const { detailFromMs, hoursFromMs, rolledHours, rolledDays } = held;
  const hours = rolledHours.filter((hour) => hour < hourOf(Math.min(detailFromMs, Number.MAX_SAFE_INTEGER)));
  const days = rolledDays.filter((day) => day * hoursOfDay * hourMs < Math.min(detailFromMs, hoursFromMs));
  return { hours, days };
}
