import type { DurationMs, UnixMs } from '../../../model/units.ts';
import type { SecondRange } from '../../profile-store.ts';
import { intersect, secondsIn, standingOf } from '../../standing.ts';
import type { UnixHour } from '../files/data-dir.ts';

const secondsOfHour = 3600;

export interface TimedProfile {
  readonly stampMs: UnixMs;
  readonly intervalMs: DurationMs;
}

/** Where each profile of a series stands. They are in order; `nextMs` is the stamp of the one after the last, if any. */
export function standingsOf(
  profiles: readonly TimedProfile[],
  nextMs: UnixMs | undefined,
  endMs: UnixMs | undefined,
): SecondRange[] {
  return profiles.map(({ stampMs, intervalMs }, at) =>
    standingOf({ stampMs, intervalMs, nextMs: profiles[at + 1]?.stampMs ?? nextMs, endMs }),
  );
}

/** What of a range lies in an hour; empty when nothing does. */
export function withinHour(range: SecondRange, hour: UnixHour): SecondRange {
  return intersect(range, { from: hour * secondsOfHour, to: (hour + 1) * secondsOfHour });
}

/** The hours after one that a range lies in, with what of it lies in each. */
export function hoursAfter(
  range: SecondRange,
  hour: UnixHour,
): { readonly hour: UnixHour; readonly range: SecondRange }[] {
  if (secondsIn(range) === 0) return [];
  const last = Math.floor((range.to - 1) / secondsOfHour);
  const hours = Array.from({ length: Math.max(0, last - hour) }, (_, index) => hour + 1 + index);
  return hours.map((later) => ({ hour: later, range: withinHour(range, later) }));
}
