import {
  allocHours,
  allocOverlap,
  allocRatio,
  allocReference,
  allocRestShare,
  allocShare,
  bucketsPerHour,
  halvesPerDay,
  minAllocRate,
} from './options.ts';
import type { Probe } from './probe.ts';
import type { RateBook, RateRing } from './rate-book.ts';
import { medianOf } from './statistics.ts';

/** Whether a function allocates more than it did: a rate, another one, and how busy the process was at both. All bytes per second. */

export interface RateChange {
  readonly before: number;
  readonly now: number;
}

interface Rates {
  /** The function. */
  readonly before: number;
  readonly now: number;
  /** All that the process allocates; undefined where both were measured at the same time. */
  readonly wholeBefore: number | undefined;
  readonly wholeNow: number;
}

/**
 * A rise by half, by 1 MiB/s, and by a fifth of what the process allocates. What else it allocates says how much busier it is:
 * a function that follows the traffic is no regression.
 */
export function isRegression({ before, now, wholeBefore, wholeNow }: Rates, probe: Probe): boolean {
  const busier = wholeBefore === undefined ? 1 : busierBy({ before, now, wholeBefore, wholeNow });
  return (
    probe.atLeast('increase', now - before, minAllocRate, 'rate') &&
    probe.atLeast('ratio', before > 0 ? now / before : Infinity, allocRatio * busier) &&
    probe.atLeast('share', wholeNow > 0 ? (now - before) / wholeNow : 1, allocShare)
  );
}

function busierBy({ before, now, wholeBefore, wholeNow }: Rates & { readonly wholeBefore: number }): number {
  const restBefore = wholeBefore - before;
  return restBefore >= allocRestShare * wholeBefore ? Math.max(1, (wholeNow - now) / restBefore) : 1;
}

/** Rates by bucket, newest first: of a process, a revision, or all. NaN for a gap. */
export type RateAt = (back: number) => number;

const hour = new Float64Array(bucketsPerHour);

/** The median of an hour of buckets that begins `back` before the newest; NaN of fewer than four. */
export function hourlyMedian(rate: RateAt, back: number): number {
  let n = 0;
  for (let i = 0; i < bucketsPerHour; i++) {
    const x = rate(back + i);
    if (x === x) hour[n++] = x;
  }
  return n < 4 ? Number.NaN : medianOf(hour.subarray(0, n));
}

/** The least of the newest hour; NaN if a bucket of it is missing. */
export function leastOfHour(rate: RateAt): number {
  let x = Infinity;
  for (let i = 0; i < bucketsPerHour; i++) x = Math.min(x, rate(i));
  return x;
}

/** The highest hourly median from `from` on, by half hours, over six hours; NaN unless four hours of it are known. */
export function highestMedian(rate: RateAt, from: number): number {
  let known = 0;
  let highest = Number.NaN;
  for (let i = 0; i < 36; i++) if (rate(from + i) >= 0) known++;
  if (known < allocReference) return Number.NaN;
  for (let back = from; back + bucketsPerHour <= from + 36; back += 3) {
    const median = hourlyMedian(rate, back);
    if (median === median && !(median <= highest)) highest = median;
  }
  return highest;
}

/** A step inside one process: the newest hour, each of its buckets, against the six hours before. */
export function stepOf(rate: RateAt, whole: RateAt, probe: Probe): RateChange | undefined {
  const now = leastOfHour(rate);
  if (!(now >= minAllocRate)) return undefined;
  const before = highestMedian(rate, bucketsPerHour);
  if (before !== before) return undefined;
  const wholeBefore = highestMedian(whole, bucketsPerHour);
  return isRegression({ before, now, wholeBefore, wholeNow: hourlyMedian(whole, 0) }, probe)
    ? { before, now }
    : undefined;
}

/** A function that is not followed in a book held at most the rest. */
const known = (ring: RateRing | undefined, rest: RateRing): RateAt => {
  return (back) => {
    const rate = ring === undefined ? Number.NaN : ring.rate(back);
    return rate === rate ? rate : rest.rate(back);
  };
};

/**
 * A new revision against the one before it: over the newest buckets in which processes of both ran, or, if these are too few,
 * the new one's newest hour against the old one's last six.
 */
export function revisionChange(id: string, fresh: RateBook, old: RateBook, probe: Probe): RateChange | undefined {
  const ring = id === '' ? fresh.whole : fresh.functions.get(id);
  if (!ring) return undefined;
  const rateOf = known(ring, fresh.rest);
  const oldRate = id === '' ? known(old.whole, old.rest) : known(old.functions.get(id), old.rest);
  return overlapChange(rateOf, oldRate, fresh, old, probe) ?? laterChange(id, rateOf, oldRate, fresh, old, probe);
}

function overlapChange(
  fresh: RateAt,
  old: RateAt,
  freshBook: RateBook,
  oldBook: RateBook,
  probe: Probe,
): RateChange | undefined {
  let n = 0;
  let now = 0;
  let before = 0;
  let wholeNow = 0;
  for (let back = 0; back < 36; back++) {
    const whole = freshBook.whole.rate(back);
    if (!(whole >= 0) || !(oldBook.whole.rate(back) >= 0)) continue;
    n++;
    now += fresh(back);
    before += old(back);
    wholeNow += whole;
  }
  if (n < allocOverlap) return undefined;
  const rates = { before: before / n, now: now / n, wholeBefore: undefined, wholeNow: wholeNow / n };
  return isRegression(rates, probe) ? { before: rates.before, now: rates.now } : undefined;
}

function laterChange(
  id: string,
  fresh: RateAt,
  old: RateAt,
  freshBook: RateBook,
  oldBook: RateBook,
  probe: Probe,
): RateChange | undefined {
  if (id === '') return undefined; // without an overlap nothing tells a busier hour from a regression of everything
  const now = leastOfHour(fresh);
  const oldWhole: RateAt = (back) => oldBook.whole.rate(back);
  const before = lastMedian(old, oldBook);
  const wholeBefore = lastMedian(oldWhole, oldBook);
  if (!(now >= minAllocRate) || before !== before || wholeBefore !== wholeBefore) return undefined;
  const wholeNow = hourlyMedian((back) => freshBook.whole.rate(back), 0);
  return isRegression({ before, now, wholeBefore, wholeNow }, probe) ? { before, now } : undefined;
}

/** The highest hourly median of a revision that ended: from its last bucket back. */
function lastMedian(rate: RateAt, book: RateBook): number {
  return highestMedian(rate, book.whole.bucket - book.seen);
}

/** Day over day: each of the newest hours against the highest of the hours around the same clock time yesterday. */
export function dayChange(id: string, book: RateBook, probe: Probe): RateChange | undefined {
  const ring = book.functions.get(id);
  if (!ring) return undefined;
  let before = 0;
  let now = 0;
  for (let back = 1; back <= allocHours; back++) {
    const then = highestAround(ring, book.rest, back + halvesPerDay / 2);
    const wholeBefore = highestAround(book.whole, book.whole, back + halvesPerDay / 2);
    const rates = { before: then, now: ring.hour(back), wholeBefore, wholeNow: book.whole.hour(back) };
    if (!Number.isFinite(then + rates.now + wholeBefore + rates.wholeNow) || !isRegression(rates, probe))
      return undefined;
    before += then / allocHours;
    now += rates.now / allocHours;
  }
  return { before, now };
}

function highestAround(ring: RateRing, rest: RateRing, back: number): number {
  let highest = Number.NaN;
  for (let i = -1; i <= 1; i++) {
    const own = ring.hour(back + i);
    const rate = own === own ? own : rest.hour(back + i);
    if (!(rate <= highest)) highest = rate;
    if (rate !== rate) return Number.NaN;
  }
  return highest;
}
