import type { DurationMs, TimeWindow, UnixMs } from '../../model/units.ts';
import type { ScrapesAnswer } from '../api/answers.ts';
import { clipped, lengthOf, shareOf } from './scale.ts';

/** Which scrapes a graph was built from, and which are not there. */

/** What became of a scrape, the worst first. */
export const outcomes = ['failed', 'missing', 'trimmed', 'late', 'ok'] as const;
export type Outcome = (typeof outcomes)[number];

export type ScrapedProcess = ScrapesAnswer['processes'][number];
export type Failures = ScrapesAnswer['failures'];

/** One scrape, or one that should have been. */
export interface Scrape {
  readonly atMs: UnixMs;
  /** Until the next one was to come. */
  readonly intervalMs: DurationMs;
  readonly outcome: Outcome;
  /** Why it is not `ok`, in words; for those that are, what the profile covers. */
  readonly text: string;
}

/** All scrapes of a process that begin in a window, in order of time. */
export function scrapesOf(
  { stored, failed, missing }: ScrapedProcess,
  failures: Failures,
  window: TimeWindow,
): Scrape[] {
  const isInside = (atMs: UnixMs): boolean => atMs >= window.fromMs && atMs < window.toMs;
  const usualMs = stored.interval.at(-1) ?? 0;
  const good = stored.time.map((atMs, at): Scrape => {
    const [trimmed, late, span] = [stored.trimmed[at] ?? 0, stored.late[at] ?? 0, stored.span[at] ?? 0];
    return { atMs, intervalMs: stored.interval[at] ?? 0, ...storedOutcome(trimmed, late, span) };
  });
  const bad = failed.time.map((atMs, at): Scrape => {
    const { reason, message } = failures[failed.failure[at] ?? -1] ?? { reason: 'failed', message: '' };
    return { atMs, intervalMs: usualMs, outcome: 'failed', text: message === '' ? reason : `${reason}: ${message}` };
  });
  const gaps = missing.from.flatMap((fromMs, at) =>
    beatsOf({ fromMs, toMs: missing.to[at] ?? fromMs }, missing.scrapes[at] ?? 0, window),
  );
  return [...good, ...bad, ...gaps].filter(({ atMs }) => isInside(atMs)).sort((one, other) => one.atMs - other.atMs);
}

function storedOutcome(trimmed: number, lateMs: number, spanMs: number): Pick<Scrape, 'outcome' | 'text'> {
  if (trimmed > 0) return { outcome: 'trimmed', text: `${trimmed} samples folded into (other)` };
  if (lateMs > 0) return { outcome: 'late', text: `${(lateMs / 1000).toFixed(1)} s late` };
  return { outcome: 'ok', text: spanMs > 0 ? `covers ${(spanMs / 1000).toFixed(1)} s` : '' };
}

/** The beats of a gap that are in the window: a long gap is not walked through from its begin. */
function beatsOf(gap: TimeWindow, count: number, window: TimeWindow): Scrape[] {
  if (count <= 0) return [];
  const intervalMs = lengthOf(gap) / count;
  const first = Math.max(0, Math.ceil((window.fromMs - gap.fromMs) / intervalMs));
  const end = Math.min(count, Math.ceil((window.toMs - gap.fromMs) / intervalMs));
  return Array.from({ length: Math.max(0, end - first) }, (_, at) => ({
    atMs: gap.fromMs + (first + at) * intervalMs,
    intervalMs,
    outcome: 'missing',
    text: 'no scrape is known of',
  }));
}

/** A cell of the strip: one scrape, or several that are too close to be told apart. */
export interface Cell {
  /** From the left edge, in pixels. */
  readonly left: number;
  readonly width: number;
  /** The worst of its scrapes. */
  readonly outcome: Outcome;
  readonly scrapes: readonly Scrape[];
}

const leastCellPx = 3;

/** Scrapes as cells, from left to right. */
export function cellsOf(scrapes: readonly Scrape[], shown: TimeWindow, widthPx: number): Cell[] {
  const groups: Scrape[][] = [];
  const xOf = (ms: UnixMs): number => shareOf(shown, ms) * widthPx;
  for (const scrape of scrapes) {
    const group = groups.at(-1);
    const first = group?.[0];
    if (group && first && Math.floor(xOf(scrape.atMs) / leastCellPx) === Math.floor(xOf(first.atMs) / leastCellPx)) {
      group.push(scrape);
    } else groups.push([scrape]);
  }
  return groups.map((group, at): Cell => {
    const [first, last] = [group[0] as Scrape, group.at(-1) as Scrape];
    const left = xOf(first.atMs);
    const next = groups[at + 1]?.[0];
    const until = Math.min(xOf(last.atMs + last.intervalMs), next ? xOf(next.atMs) : widthPx);
    return { left, width: Math.max(1, until - left), outcome: worstOf(group), scrapes: group };
  });
}

function worstOf(scrapes: readonly Scrape[]): Outcome {
  return outcomes.find((outcome) => scrapes.some((scrape) => scrape.outcome === outcome)) ?? 'ok';
}

/** How many scrapes of each outcome; `built` are those that something was stored of, `due` all. */
export interface ScrapeCounts extends Readonly<Record<Outcome, number>> {
  readonly built: number;
  readonly due: number;
}

export function countScrapes(scrapes: readonly Scrape[]): ScrapeCounts {
  const counts = { failed: 0, missing: 0, trimmed: 0, late: 0, ok: 0 };
  for (const { outcome } of scrapes) counts[outcome]++;
  const built = counts.ok + counts.late + counts.trimmed;
  return { ...counts, built, due: built + counts.failed + counts.missing };
}

/** What a graph of a window was built from: `Built from 118 of 120 scrapes: 1 failed, 1 missing`. */
export function builtText(counts: ScrapeCounts): string {
  if (counts.due === 0) return 'No scrapes are known of this window';
  const told = troubleText(counts);
  const amount = counts.built === counts.due ? `all ${counts.due}` : `${counts.built} of ${counts.due}`;
  return `Built from ${amount} ${counts.due === 1 ? 'scrape' : 'scrapes'}${told === '' ? '' : `: ${told}`}`;
}

/** `1 failed, 6 missing`; '' where all is well. */
export function troubleText(counts: ScrapeCounts): string {
  const told = (['failed', 'missing', 'late', 'trimmed'] as const).filter((outcome) => counts[outcome] > 0);
  return told.map((outcome) => `${counts[outcome]} ${outcome}`).join(', ');
}

/** Scrapes one after the other with the same trouble. */
export interface TroubleRun {
  readonly fromMs: UnixMs;
  /** Of the last one. */
  readonly toMs: UnixMs;
  readonly count: number;
  readonly outcome: Outcome;
  readonly text: string;
}

/** What is not as it should be, in order of time. */
export function runsOf(scrapes: readonly Scrape[]): TroubleRun[] {
  const runs: TroubleRun[] = [];
  let before: Scrape | undefined;
  for (const scrape of scrapes) {
    const { atMs, outcome, text } = scrape;
    const last = runs.at(-1);
    const isSame = last && before?.outcome === outcome && before.text === text;
    if (outcome !== 'ok' && isSame) runs.splice(-1, 1, { ...last, toMs: atMs, count: last.count + 1 });
    else if (outcome !== 'ok') runs.push({ fromMs: atMs, toMs: atMs, count: 1, outcome, text });
    before = scrape;
  }
  return runs;
}

/** The part of a chosen window that is shown, or all of it. */
export function partOf(shown: TimeWindow, range: TimeWindow | undefined): TimeWindow {
  return (range && clipped(range, shown)) ?? shown;
}
