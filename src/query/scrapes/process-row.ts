import type { FailedScrape } from '../../model/asked-process.ts';
import { sortedLabels } from '../../model/labels.ts';
import type { ProfileType } from '../../model/profile-type.ts';
import type { TimeWindow, UnixMs } from '../../model/units.ts';
import type { ProfileEntry } from '../../store/profile-store.ts';
import type { JsonValue } from '../json.ts';
import { type Beat, gapsIn, lateBy } from './beats.ts';
import type { Failures } from './failures.ts';
import { isIn, type SelectedProcess } from './processes.ts';

/** After these a source is left alone for longer than its interval (`src/scrape/kind-state.ts`): nothing is missing then. */
const standingBack: ReadonlySet<string> = new Set(['unsupported', 'busy']);

interface RowContext {
  readonly window: TimeWindow;
  /** Stored profiles are known from here on. */
  readonly fromMs: UnixMs;
  readonly nowMs: UnixMs;
  readonly failures: Failures;
}

interface ScrapeBeat extends Beat {
  readonly stored?: ProfileEntry;
  readonly failed?: FailedScrape;
}

/** One process with its scrapes in the window, as columns. `scrapes` are in order of time and may reach beyond it. */
export function processRow(
  process: SelectedProcess,
  scrapes: readonly ProfileEntry[],
  { window, fromMs, nowMs, failures }: RowContext,
): JsonValue {
  const known = { fromMs, toMs: window.toMs };
  const beats = beatsOf(process, scrapes);
  const late = new Map(beats.flatMap(({ stored }, at) => (stored ? [[stored, lateBy(beats, at)] as const] : [])));
  const stored = scrapes.filter(({ stampMs }) => isIn(stampMs, known));
  const failed = (process.asked?.failures ?? []).filter(({ atMs }) => isIn(atMs, window));
  const gaps = gapsIn(withEnds(beats, process, { window: known, nowMs }), known);
  return {
    process: process.id,
    labels: Object.fromEntries(sortedLabels(process.labels)),
    startedMs: process.startedMs ?? null,
    endedMs: process.endedMs ?? null,
    running: process.asked?.isAsked ?? false,
    stored: {
      time: stored.map(({ stampMs }) => stampMs),
      interval: stored.map(({ intervalMs }) => intervalMs),
      span: stored.map(({ spanMs }) => spanMs),
      trimmed: stored.map(({ trimmed }) => trimmed),
      late: stored.map((scrape) => late.get(scrape) ?? 0),
    },
    failed: { time: failed.map(({ atMs }) => atMs), failure: failed.map((one) => failures.numberOf(one)) },
    failuresFromMs: process.asked?.failuresFromMs ?? nowMs,
    missing: {
      from: gaps.map((gap) => gap.fromMs),
      to: gaps.map(({ toMs }) => toMs),
      scrapes: gaps.map((gap) => gap.scrapes),
    },
  };
}

/** What a scrape counted of one type. */
export function totalOf({ types, totals }: ProfileEntry, { sampleType, sampleUnit }: ProfileType): number {
  const at = types.findIndex(({ type, unit }) => type === sampleType && unit === sampleUnit);
  return Number(totals[at] ?? 0n);
}

/** Stored and failed scrapes in order of time. */
function beatsOf({ asked, intervalMs }: SelectedProcess, scrapes: readonly ProfileEntry[]): ScrapeBeat[] {
  const beats: ScrapeBeat[] = scrapes.map((stored) => ({
    stored,
    atMs: stored.stampMs,
    intervalMs: stored.intervalMs,
  }));
  if (!asked || asked.failures.length === 0) return beats;
  for (const failed of asked.failures) {
    beats.push({
      failed,
      atMs: failed.atMs,
      intervalMs: standingBack.has(failed.reason) ? 0 : (asked.intervalMs ?? intervalMs),
    });
  }
  return beats.sort((a, b) => a.atMs - b.atMs);
}

/** With the moments at which the process is known to have run though no scrape of that time was read. */
function withEnds(
  beats: readonly ScrapeBeat[],
  { firstMs, lastMs, endedMs, intervalMs, asked }: SelectedProcess,
  { window: { fromMs }, nowMs }: { readonly window: TimeWindow; readonly nowMs: UnixMs },
): readonly Beat[] {
  const [first, last] = [beats[0], beats.at(-1)];
  const begin: Beat = { atMs: fromMs - intervalMs, intervalMs };
  const before = firstMs !== undefined && firstMs < begin.atMs && (!first || first.atMs > fromMs) ? [begin] : [];
  const runsUntil = asked?.isAsked === true ? nowMs : Math.max(endedMs ?? 0, lastMs ?? 0);
  const after = runsUntil > (last?.atMs ?? 0) ? [{ atMs: runsUntil, intervalMs: 0 }] : [];
  return [...before, ...beats, ...after];
}
