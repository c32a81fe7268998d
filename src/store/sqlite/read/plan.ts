import { FlameherdError } from '../../../model/errors.ts';
import type { Matcher } from '../../../model/selector.ts';
import { formatTime } from '../../../model/time.ts';
import { day as dayMs, hour as hourMs, type TimeWindow, type UnixMs } from '../../../model/units.ts';
import type { Coverage, GaugeAggregation } from '../../profile-store.ts';

import type { UnixDay, UnixHour } from '../files/data-dir.ts';
import { labelsOutsideGroups } from '../rollups/roll.ts';

/** Of which time what is held, whosever it is. */
export interface HeldTime {
  /** The start of the oldest hour of which single profiles are held; Infinity when there is none. */
  readonly detailFromMs: UnixMs;
  /** The start of the oldest hour that roll-ups by the hour could hold; Infinity when there are none. */
  readonly hoursFromMs: UnixMs;
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
  /** The window that is answered: wider than asked where only roll-ups are left. */
  readonly window: TimeWindow;
  readonly resolution: Coverage['resolution'];
  readonly warnings: readonly string[];
  readonly days: readonly UnixDay[];
  readonly hours: readonly UnixHour[];
  /** Part of the rest; a group whose roll-ups of such an hour hold nothing outside the window may be answered from them. */
  readonly edges: readonly UnixHour[];
  /** Without overlaps, in order. Whole hours but at the ends of the window. */
  readonly rest: readonly TimeWindow[];
}

/**
 * Plans a window. `needsDetail` says what of the question roll-ups cannot know, if anything: with it, everything is rest, and
 * a window that reaches back before the horizon of single profiles throws `detail_expired`.
 */
export function planTime(asked: TimeWindow, held: HeldTime, needsDetail?: string): TimePlan {
  const expired = expiredIn(asked, held);
  if (needsDetail !== undefined && expired !== 'detail') throw detailExpired(needsDetail, asked, held);
  const window = widened(asked, held);
  const isWider = window.fromMs < asked.fromMs || window.toMs > asked.toMs;
  const outcome = { window, resolution: expired, warnings: isWider ? [widenedSentence(window, expired, held)] : [] };
  if (needsDetail !== undefined)
    return { ...outcome, days: [], hours: [], edges: [], rest: remaining(window, held, []) };

  const days = wholeIn(held.rolledDays, dayMs, window);
  const isInDay = new Set(days);
  const isOutsideDays = (hour: UnixHour): boolean => !isInDay.has(dayOf(hour * hourMs));
  const hours = wholeIn(held.rolledHours, hourMs, window).filter(isOutsideDays);
  const edges = touching(held.rolledHours, hourMs, window).filter(
    (hour) => isOutsideDays(hour) && !isWhole(hour, hourMs, window),
  );
  const covered = [...days.map((day) => spanOf(day, dayMs)), ...hours.map((hour) => spanOf(hour, hourMs))];
  return { ...outcome, days, hours, edges, rest: remaining(window, held, covered) };
}

/** What of a question roll-ups cannot know, in words; undefined when they can answer it. */
export function whyDetail(question: {
  readonly matchers: readonly Matcher[];
  readonly aggregation?: GaugeAggregation;
  readonly groupBy?: readonly string[];
}): string | undefined {
  const { matchers, aggregation = 'avg', groupBy = [] } = question;
  if (aggregation !== 'avg') return `aggregate=${aggregation}`;
  const matched = matchers.find(({ name }) => labelsOutsideGroups.includes(name));
  if (matched) return `a filter on ${matched.name}`;
  const grouped = groupBy.find((name) => labelsOutsideGroups.includes(name));
  return grouped === undefined ? undefined : `grouping by ${grouped}`;
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

/** The coarsest roll-ups that a part of the window is left to, where its single profiles are gone. */
function expiredIn({ fromMs, toMs }: TimeWindow, held: HeldTime): Coverage['resolution'] {
  const gone = { fromMs, toMs: Math.min(toMs, held.detailFromMs) };
  if (onlyDays({ fromMs, toMs: Math.min(gone.toMs, held.hoursFromMs) }, held).length > 0) return '1d';
  const byHour = { fromMs: Math.max(fromMs, held.hoursFromMs), toMs: gone.toMs };
  return touching(held.rolledHours, hourMs, byHour).length > 0 ? '1h' : 'detail';
}

function onlyDays(gone: TimeWindow, { rolledDays }: HeldTime): readonly UnixDay[] {
  return touching(rolledDays, dayMs, gone);
}

/** Whole hours, or days, where a window ends among what only roll-ups hold. */
function widened({ fromMs, toMs }: TimeWindow, held: HeldTime): TimeWindow {
  const goneUntilMs = Math.min(toMs, held.detailFromMs);
  if (fromMs >= goneUntilMs) return { fromMs, toMs };
  const first = bucketAt(fromMs, held);
  const last = bucketAt(goneUntilMs - 1, held);
  return { fromMs: Math.min(fromMs, first?.fromMs ?? fromMs), toMs: Math.max(toMs, last?.toMs ?? toMs) };
}

/** What only roll-ups hold around a moment whose single profiles are gone. */
function bucketAt(ms: UnixMs, { hoursFromMs, rolledHours, rolledDays }: HeldTime): TimeWindow | undefined {
  const [rolled, sizeMs] = ms >= hoursFromMs ? [rolledHours, hourMs] : [rolledDays, dayMs];
  const bucket = Math.floor(ms / sizeMs);
  return rolled[lowerBound(rolled, bucket)] === bucket ? spanOf(bucket, sizeMs) : undefined;
}

function remaining(window: TimeWindow, { detailFromMs }: HeldTime, covered: readonly TimeWindow[]): TimeWindow[] {
  const held = { fromMs: Math.max(window.fromMs, detailFromMs), toMs: window.toMs };
  return without(
    held,
    covered.toSorted((a, b) => a.fromMs - b.fromMs),
  );
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
  return buckets.slice(lowerBound(buckets, Math.ceil(fromMs / sizeMs)), lowerBound(buckets, Math.floor(toMs / sizeMs)));
}

function touching(buckets: readonly number[], sizeMs: number, { fromMs, toMs }: TimeWindow): readonly number[] {
  if (toMs <= fromMs) return [];
  return buckets.slice(lowerBound(buckets, Math.floor(fromMs / sizeMs)), lowerBound(buckets, Math.ceil(toMs / sizeMs)));
}

function isWhole(bucket: number, sizeMs: number, { fromMs, toMs }: TimeWindow): boolean {
  return bucket * sizeMs >= fromMs && (bucket + 1) * sizeMs <= toMs;
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

function dayOf(ms: UnixMs): UnixDay {
  return Math.floor(ms / dayMs);
}

function widenedSentence({ fromMs, toMs }: TimeWindow, resolution: Coverage['resolution'], held: HeldTime): string {
  const buckets = resolution === '1d' ? 'days' : 'hours';
  return `${horizonSentence(held)}: before that, whole ${buckets} are answered, here from ${formatTime(fromMs)} to ${formatTime(toMs)}`;
}

function detailExpired(what: string, { fromMs, toMs }: TimeWindow, held: HeldTime): FlameherdError {
  const { detailFromMs } = held;
  const advice =
    detailFromMs < toMs ? `ask from ${formatTime(detailFromMs)} on, or without ${what}` : `ask without ${what}`;
  return new FlameherdError(
    'detail_expired',
    `${what} needs single profiles, which are gone for a part of ${formatTime(fromMs)} to ${formatTime(toMs)}`,
    { hint: `${horizonSentence(held)}: ${advice}` },
  );
}

function horizonSentence({ detailFromMs }: HeldTime): string {
  return Number.isFinite(detailFromMs)
    ? `single profiles are kept from ${formatTime(detailFromMs)} on`
    : 'no single profiles are kept';
}
