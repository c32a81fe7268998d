import { type DurationMs, minute, type UnixMs } from '../model/units.ts';
import type { IngestJob } from './messages.ts';
import type { SeriesHead } from './series-heads.ts';

/** The interval of an upload that names none and is its series' first. */
const defaultIntervalMs = minute;
/** An upload whose process started at most this many intervals before it counts from zero. */
const newWithinIntervals = 2.5;

/** When a profile is taken to be, against what its series has already. */
export interface Moment {
  readonly stampMs: UnixMs;
  readonly intervalMs: DurationMs;
  /** Since the series' last profile; the interval if it is the first. */
  readonly gapMs: DurationMs;
  readonly contentHash: string;
  /** The series' newest profile once more. */
  readonly isRepeat: boolean;
  /** Not after the newest. */
  readonly isOld: boolean;
  /** Our own clock went back since the last scrape. */
  readonly wentBack: boolean;
}

/** Places a job in the time of its series. Scrapes never go back; an upload is taken at its word. */
export function momentOf(job: IngestJob, head: SeriesHead, contentHash: string): Moment {
  const given = Math.trunc(job.stampMs);
  const newest = head.stampMs ?? Number.NEGATIVE_INFINITY;
  const isRepeat = given === newest && contentHash === head.contentHash;
  const wentBack = job.origin === 'scrape' && given <= newest && !isRepeat;
  const stampMs = wentBack ? newest + 1 : given;
  const gap = stampMs - newest;
  const intervalMs = job.intervalMs ?? (gap > 0 && gap < Number.POSITIVE_INFINITY ? gap : defaultIntervalMs);
  const gapMs = gap > 0 && gap < Number.POSITIVE_INFINITY && !wentBack ? gap : intervalMs;
  return { stampMs, intervalMs, gapMs, contentHash, isRepeat, isOld: stampMs <= newest, wentBack };
}

/** Whether the counters of a process began at 0 after our last look at its workload. */
export function startedSinceLastLook(
  job: IngestJob,
  { stampMs, intervalMs }: Moment,
  lookMs: UnixMs | undefined,
): boolean {
  const { startedMs } = job.process;
  if (startedMs === undefined) return false;
  if (job.origin === 'upload') return stampMs - startedMs <= newWithinIntervals * intervalMs;
  const since = lookMs ?? job.firstKnownMs;
  return since !== undefined && startedMs > since;
}
