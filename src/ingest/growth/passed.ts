import type { DurationMs, UnixMs } from '../../model/units.ts';

/** Whether so much time has passed, or the clock went back: what is done now and then must not wait until it has caught up. */
export function hasPassed(durationMs: DurationMs, sinceMs: UnixMs, nowMs: UnixMs): boolean {
  return nowMs - sinceMs >= durationMs || nowMs < sinceMs;
}
