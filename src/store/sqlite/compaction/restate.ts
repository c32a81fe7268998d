import type { SecondRange } from '../../profile-store.ts';
import { secondsIn, unionOf } from '../../standing.ts';
import type { Chunk } from '../chunks/chunk.ts';
import { DamagedData } from '../files/damage.ts';
import { hourOf, type UnixHour } from '../files/data-dir.ts';
import { carriedFrom } from './carry.ts';
import type { StaleMark } from './compaction-catalogue.ts';
import { DetailFiles } from './detail-files.ts';
import { Facts } from './facts.ts';
import type { Run } from './run.ts';
import { standingsOf, type TimedProfile, withinHour } from './standings.ts';

/** Marks that are removed in one commit. */
const marksPerCommit = 256;

/**
 * Brings the chunks of marked series and hours in line with how long their snapshots stand now: gauges are added up anew,
 * carried chunks that are no longer right go, missing ones come. A mark is removed when that is on the disk; marks that were
 * made since the run began stay for the next one. A series whose chunks are damaged keeps its marks. Says how many marks it
 * removed.
 */
export async function restateStale(
  run: Run,
  marks: readonly StaleMark[],
  onDamage: (series: number, error: DamagedData) => void,
): Promise<number> {
  const bySeries = [...Map.groupBy(marks, ({ series }) => series)];
  let restated = 0;
  for (let at = 0; at < bySeries.length; ) {
    using facts = new Facts(run);
    using details = new DetailFiles(run);
    const done: StaleMark[] = [];
    for (let seen = 0; at < bySeries.length && seen < marksPerCommit; at++) {
      const [series, ofSeries] = bySeries[at] as [number, StaleMark[]];
      seen += ofSeries.length;
      const hours = [...new Set(ofSeries.map(({ hour }) => hour))];
      try {
        if (run.known.series(series)) restateSeries(series, hours, facts, details);
        done.push(...ofSeries);
      } catch (error) {
        if (!(error instanceof DamagedData)) throw error;
        onDamage(series, error);
      }
      if (!run.pacer.isDue) continue;
      details.commit();
      await run.after('sums restated');
    }
    details.commit();
    await run.after('sums restated');
    await details.sync(run.pacer);
    await run.after('sums synced');
    run.catalogue.restated(done, details.written);
    restated += done.length;
    await run.after('marks removed');
  }
  return restated;
}

/** A profile of a series, with the chunk that holds it; none while it is in a head. */
interface HeldProfile extends TimedProfile {
  readonly chunk: Chunk | undefined;
  readonly entry: number;
}

function restateSeries(series: number, hours: readonly UnixHour[], facts: Facts, details: DetailFiles): void {
  const [from, to] = [Math.min(...hours) - facts.reachOf(series), Math.max(...hours) + 1];
  const chunks = facts.profiles.chunks(series, from, to);
  const held = profilesIn(chunks, facts.profiles.inHeads(series, from, to));
  const last = held.at(-1);
  const standings = standingsOf(held, last && facts.nextAfter(series, last.stampMs), facts.endOf(series));
  const standingAt = new Map(held.map(({ stampMs }, at) => [stampMs, standings[at] as SecondRange]));
  for (const hour of hours) {
    const inHour = chunks.filter(({ key }) => key.hour === hour);
    for (const chunk of inHour) if (!chunk.carried) restateChunk(chunk, standingAt, details);
    carryInto(
      hour,
      held.map((profile, at) => ({ ...profile, range: withinHour(standings[at] as SecondRange, hour) })),
      inHour.filter(({ carried }) => carried),
      details,
    );
  }
}

/** In order of time. A carried chunk stands for its snapshot where the hour that it was taken in is no longer held. */
function profilesIn(chunks: readonly Chunk[], inHeads: readonly TimedProfile[]): HeldProfile[] {
  const byStamp = new Map<number, HeldProfile>();
  const own = chunks.filter(({ carried }) => !carried);
  for (const chunk of [...chunks.filter(({ carried }) => carried), ...own]) {
    for (let entry = 0; entry < chunk.entries.count; entry++) {
      const stampMs = chunk.entries.stampMs[entry] as number;
      byStamp.set(stampMs, { stampMs, intervalMs: chunk.entries.intervalMs[entry] as number, chunk, entry });
    }
  }
  for (const { stampMs, intervalMs } of inHeads)
    byStamp.set(stampMs, { stampMs, intervalMs, chunk: undefined, entry: 0 });
  return [...byStamp.values()].sort((a, b) => a.stampMs - b.stampMs);
}

/** Gives a chunk of an hour the seconds in which its snapshots stand there now. */
function restateChunk(chunk: Chunk, standingAt: ReadonlyMap<number, SecondRange>, details: DetailFiles): void {
  const { entries, key } = chunk;
  const within = Array.from(entries.stampMs, (ms) => withinHour(standingAt.get(ms) as SecondRange, key.hour));
  restateTo(chunk, within, details);
}

function restateTo(chunk: Chunk, within: readonly SecondRange[], details: DetailFiles): void {
  const { standingSeconds, observed } = chunk.entries;
  const seconds = within.map(secondsIn);
  const union = unionOf(within);
  const isRight = seconds.every((count, at) => count === standingSeconds[at]) && sameRanges(union, observed);
  if (!isRight) details.restate(chunk, seconds, union);
}

/** Makes an hour's carried chunks those of the snapshots that stand into it from earlier hours. */
function carryInto(
  hour: UnixHour,
  held: readonly (HeldProfile & { readonly range: SecondRange })[],
  carried: readonly Chunk[],
  details: DetailFiles,
): void {
  const wanted = held.filter(({ stampMs, range }) => hourOf(stampMs) < hour && secondsIn(range) > 0);
  const isOf = (chunk: Chunk, stampMs: number): boolean => chunk.entries.stampMs[0] === stampMs;
  for (const chunk of carried) {
    if (!wanted.some(({ stampMs }) => isOf(chunk, stampMs))) details.remove(chunk.key);
  }
  for (const { stampMs, range, chunk, entry } of wanted) {
    const there = carried.find((one) => isOf(one, stampMs));
    if (there) restateTo(there, [range], details);
    else if (chunk) details.replace(carriedFrom(chunk, entry, hour, range));
  }
}

function sameRanges(a: readonly SecondRange[], b: readonly SecondRange[]): boolean {
  return a.length === b.length && a.every(({ from, to }, at) => from === b[at]?.from && to === b[at].to);
}
