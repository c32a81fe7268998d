import { type DurationMs, hour as hourMs, minute, type UnixMs } from '../../../model/units.ts';
import { mostIntervals } from '../../standing.ts';
import type { UnixHour } from '../files/data-dir.ts';

/** An hour waits at least this long after its end for profiles on their way. */
const leastWaitMs: DurationMs = 5 * minute;
/**
 * And at most this long for the next snapshot of slow series, such as uploads once a day: what they stand is restated when
 * it comes.
 */
const mostWaitMs: DurationMs = hourMs;
/** A head of late profiles is sealed when nothing came for this long. */
export const quietMs: DurationMs = 5 * minute;

/** When an hour is over and late enough to be sealed; `longestIntervalMs` is of the series in it. */
export function sealTimeOf(hour: UnixHour, longestIntervalMs: DurationMs): UnixMs {
  const waitMs = Math.min(mostWaitMs, Math.max(leastWaitMs, mostIntervals * longestIntervalMs));
  return (hour + 1) * hourMs + waitMs;
}

/** Into how many hours after its own a snapshot may stand. */
export function reachOf(intervalMs: DurationMs): number {
  return Math.ceil((mostIntervals * intervalMs) / hourMs);
}
