import type { DurationMs, UnixMs, UnixSeconds } from '../model/units.ts';
import type { SecondRange } from './profile-store.ts';

/**
 * How long a snapshot stands for the process it was taken of (DESIGN §6). Every border is a whole Unix second,
 * `floor(ms / 1000)`, so that value·seconds of whole values are whole.
 *
 *     stamps    60        120                         (interval 60 s, the scrapes at 180 and 240 failed)
 *     stands    [60, 120) [120, 270)                  270 = 120 + 2.5 · 60, were a later one at 300
 *                         [120, 180)                  were there none
 */

/** A snapshot that a next one follows stands at most this many of its intervals; the last one stands one. */
export const mostIntervals = 2.5;
/** For `last` the newest snapshot stands a quarter longer: the next one may be on its way. */
export const lastPatience = 0.25;

export interface Snapshot {
  readonly stampMs: UnixMs;
  readonly intervalMs: DurationMs;
  /** The stamp of the next snapshot of its series, if there is one. */
  readonly nextMs: UnixMs | undefined;
  /** Intervals by which the next snapshot may be late before the newest one is stale. */
  readonly patience?: number;
  /** When its process ended, or the next one in the same slot was first seen, whichever came first. */
  readonly endMs: UnixMs | undefined;
}

/** The seconds in which a snapshot stands; empty (`from === to`) when something ends it within its own second. */
export function standingOf({ stampMs, intervalMs, nextMs, endMs, patience = 0 }: Snapshot): SecondRange {
  const staleMs =
    nextMs === undefined
      ? stampMs + (1 + patience) * intervalMs
      : Math.min(nextMs, stampMs + mostIntervals * intervalMs);
  const from = wholeSecond(stampMs);
  return { from, to: Math.max(from, wholeSecond(Math.min(staleMs, endMs ?? Infinity))) };
}

export interface ProcessSpan {
  readonly slot: string;
  /** The stamp of its first profile. */
  readonly firstMs: UnixMs;
  readonly endedMs: UnixMs | undefined;
}

/**
 * When each process was over, in the order given: its own end or the first profile of the next process in its slot:
 * between two of them the level is taken to be the old one's, as nothing else is known (docs/decisions/0005). Processes
 * without a slot (`''`) have no next one.
 */
export function processEnds(processes: readonly ProcessSpan[]): (UnixMs | undefined)[] {
  const ends: (UnixMs | undefined)[] = processes.map(({ endedMs }) => endedMs);
  const bySlot = Map.groupBy(processes.keys(), (index) => processes[index]?.slot ?? '');
  for (const [slot, indexes] of bySlot) {
    if (slot === '' || indexes.length < 2) continue;
    const firstOf = (index: number): number => processes[index]?.firstMs ?? 0;
    indexes.sort((a, b) => firstOf(b) - firstOf(a));
    let [nextFirst, sameFirst] = [Infinity, Infinity];
    for (const index of indexes) {
      if (firstOf(index) < sameFirst) [nextFirst, sameFirst] = [sameFirst, firstOf(index)];
      const end = Math.min(ends[index] ?? Infinity, nextFirst);
      ends[index] = end === Infinity ? undefined : end;
    }
  }
  return ends;
}

export function wholeSecond(ms: UnixMs): UnixSeconds {
  return Math.floor(ms / 1000);
}

export function secondsIn({ from, to }: SecondRange): number {
  return Math.max(0, to - from);
}

/** What two ranges share; empty when nothing. */
export function intersect(a: SecondRange, b: SecondRange): SecondRange {
  const from = Math.max(a.from, b.from);
  return { from, to: Math.max(from, Math.min(a.to, b.to)) };
}

/** The seconds that are in any of the ranges, as ranges in order that neither touch nor overlap. */
export function unionOf(ranges: readonly SecondRange[]): SecondRange[] {
  const sorted = ranges.filter(({ from, to }) => to > from).sort((a, b) => a.from - b.from);
  const union: { from: number; to: number }[] = [];
  for (const { from, to } of sorted) {
    const last = union.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else union.push({ from, to });
  }
  return union;
}

/** How many seconds are in any of the ranges. */
export function secondsOfUnion(ranges: readonly SecondRange[]): number {
  return unionOf(ranges).reduce((sum, range) => sum + secondsIn(range), 0);
}
