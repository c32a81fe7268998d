import type { DurationMs, TimeWindow, UnixMs } from '../../model/units.ts';

/** A scrape, stored or failed, or another moment at which a process is known to have run. */
export interface Beat {
  readonly atMs: UnixMs;
  /** Until the next one was to come; 0: not known, or on purpose not soon. */
  readonly intervalMs: DurationMs;
}

/** A time in which scrapes should have been, and nothing is known of any. */
export interface Gap {
  /** When the first should have been. */
  readonly fromMs: UnixMs;
  readonly toMs: UnixMs;
  readonly scrapes: number;
}

/** Of an interval: a scrape that is later than this is late. */
const lateFrom = 0.25;
/** Of an interval: one that is later than this is the next one. */
const nextFrom = 0.75;

/**
 * The gaps of one process in a window, by its beats in order of time. What was before the first beat and after the last is no gap: nobody
 * knows that the process ran.
 */
export function gapsIn(beats: readonly Beat[], { fromMs, toMs }: TimeWindow): Gap[] {
  const gaps: Gap[] = [];
  for (let at = 1; at < beats.length; at++) {
    const { atMs, intervalMs } = beats[at - 1] as Beat;
    const next = beats[at] as Beat;
    if (intervalMs <= 0) continue;
    const missed = Math.ceil((next.atMs - atMs) / intervalMs - 1 - nextFrom);
    const firstMs = atMs + intervalMs;
    const before = Math.max(0, Math.ceil((fromMs - firstMs) / intervalMs));
    const until = Math.min(missed, Math.ceil((toMs - firstMs) / intervalMs));
    if (until <= before) continue;
    gaps.push({
      fromMs: firstMs + before * intervalMs,
      toMs: Math.min(next.atMs, toMs),
      scrapes: until - before,
    });
  }
  return gaps;
}

/**
 * By how much a scrape came after its beat; 0 where that is little. Scrapes are pinned to beats, so a late one has a long time before it
 * and a short one after it; where only the time before it is longer, the first of the two was off the beat.
 */
export function lateBy(beats: readonly Beat[], at: number): DurationMs {
  const [before, own] = [beats[at - 1], beats[at]];
  if (!before || !own || before.intervalMs <= 0) return 0;
  const { intervalMs } = before;
  const lateMs = own.atMs - before.atMs - intervalMs;
  if (lateMs <= lateFrom * intervalMs || lateMs > nextFrom * intervalMs) return 0;
  return isOnBeat(beats, at - 1, at + 1, intervalMs) ? lateMs : 0;
}

/** Whether the one before a late scrape was on its beat: as the one after tells, or where there is none the one before it. */
function isOnBeat(beats: readonly Beat[], before: number, after: number, intervalMs: DurationMs): boolean {
  const [early, own, next] = [beats[before - 1], beats[before], beats[after]];
  if (!own) return false;
  if (next) return Math.abs(next.atMs - own.atMs - 2 * intervalMs) <= lateFrom * intervalMs;
  return early !== undefined && Math.abs(own.atMs - early.atMs - intervalMs) <= lateFrom * intervalMs;
}
