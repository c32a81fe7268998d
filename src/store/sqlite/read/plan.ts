import { day as dayMs, hour as hourMs, type TimeWindow, type UnixMs } from '../../../model/units.ts';
import type { UnixDay } from '../catalogue/layout.ts';
import type { UnixHour } from '../files/data-dir.ts';

/** Of which time what is held, whosever it is. */
export interface HeldTime {
  /** The start of the oldest hour of which single profiles are held; Infinity when there is none. */
  readonly detailFromMs: UnixMs;
  /** The hours and the days that roll-ups hold as they are; rising. */
  readonly rolledHours: readonly UnixHour[];
  readonly rolledDays: readonly UnixDay[];
}

/**
 * What each second of a window is answered from: the coarsest that lies wholly inside.
 *
 *     window            ├──────────────────────────────────────────┤
 *     days                        ├──────────────────────┤
 *     hours                 ├─┼─┼─┤                      ├─┤
 *     edges              ├──┤                                          rolled, but the window cuts them
 *     rest              ├───┤                              ├───────┤   single profiles
 */
export interface TimePlan {
  readonly days: readonly UnixDay[];
  readonly hours: readonly UnixHour[];
  /** Part of the rest; a group whose roll-ups of such an hour hold nothing outside the window may be answered from them. */
  readonly edges: readonly UnixHour[];
  /** Without overlaps, in order. Whole hours but at the ends of the window. */
  readonly rest: readonly TimeWindow[];
}

/** Plans a window. Where roll-ups cannot be used, all of it that has single profiles is rest. */
export function planTime(window: TimeWindow, held: HeldTime, rollUps: 'if they hold it' | 'never'): TimePlan {
  const detailed = { fromMs: Math.max(window.fromMs, held.detailFromMs), toMs: window.toMs };
  if (rollUps === 'never') return { days: [], hours: [], edges: [], rest: without(detailed, []) };
  const days = wholeIn(held.rolledDays, dayMs, window);
  const isInDay = new Set(days);
  const isOutsideDays = (hour: UnixHour): boolean => !isInDay.has(Math.floor((hour * hourMs) / dayMs));
  const hours = wholeIn(held.rolledHours, hourMs, window).filter(isOutsideDays);
  const edges = cutBy(held.rolledHours, hourMs, window).filter(isOutsideDays);
  const covered = [...days.map((day) => spanOf(day, dayMs)), ...hours.map((hour) => spanOf(hour, hourMs))];
  covered.sort((a, b) => a.fromMs - b.fromMs);
  return { days, hours, edges, rest: without(detailed, covered) };
}

/** The rest of a plan without some of its hours, which rise. */
export function withoutHours(rest: readonly TimeWindow[], hours: readonly UnixHour[]): readonly TimeWindow[] {
  if (hours.length === 0) return rest;
  const spans = hours.map((hour) => spanOf(hour, hourMs));
  return rest.flatMap((window) => without(window, spans));
}

/** Runs of buckets that follow each other, as `[from, to)`. */
export function runsOf(buckets: readonly number[]): { readonly from: number; readonly to: number }[] {
  const runs: { from: number; to: number }[] = [];
  for (const bucket of buckets) {
    const last = runs.at(-1);
    if (last?.to === bucket) last.to++;
    else runs.push({ from: bucket, to: bucket + 1 });
  }
  return runs;
}

/** What of a window lies in none of some others, which are in order. */
function without({ fromMs, toMs }: TimeWindow, others: readonly TimeWindow[]): TimeWindow[] {
  const left: TimeWindow[] = [];
  let from = fromMs;
  for (const other of others) {
    if (other.toMs <= from) continue;
    if (other.fromMs >= toMs) break;
    if (other.fromMs > from) left.push({ fromMs: from, toMs: other.fromMs });
    from = other.toMs;
  }
  if (from < toMs) left.push({ fromMs: from, toMs });
  return left;
}

function wholeIn(buckets: readonly number[], sizeMs: number, { fromMs, toMs }: TimeWindow): readonly number[] {
  const [first, end] = [Math.ceil(fromMs / sizeMs), Math.floor(toMs / sizeMs)];
  return buckets.slice(lowerBound(buckets, first), lowerBound(buckets, end));
}

/** The buckets that lie partly in a window: two at most. */
function cutBy(buckets: readonly number[], sizeMs: number, { fromMs, toMs }: TimeWindow): number[] {
  if (toMs <= fromMs) return [];
  const ends = new Set([Math.floor(fromMs / sizeMs), Math.floor((toMs - 1) / sizeMs)]);
  return [...ends].filter(
    (bucket) =>
      buckets[lowerBound(buckets, bucket)] === bucket && (bucket * sizeMs < fromMs || (bucket + 1) * sizeMs > toMs),
  );
}

/** The first position of a rising list with at least this value. */
function lowerBound(list: readonly number[], value: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function spanOf(bucket: number, sizeMs: number): TimeWindow {
  return { fromMs: bucket * sizeMs, toMs: (bucket + 1) * sizeMs };
}
