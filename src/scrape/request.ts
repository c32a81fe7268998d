import type { ScrapeSpec } from '../model/target.ts';
import { type DurationMs, second, type UnixMs } from '../model/units.ts';

/** How long a snapshot may take: a goroutine dump of a large process takes seconds. */
export const snapshotTimeoutMs: DurationMs = 10 * second;

/** Seconds asked for plus 5 s or a quarter, whichever is more; snapshots have their own limit. */
export function timeoutOf(seconds: number | undefined): DurationMs {
  if (seconds === undefined) return snapshotTimeoutMs;
  return seconds * second + Math.max(5 * second, seconds * second * 0.25);
}

/**
 * The path to ask. `seconds` is sent for windowed kinds only: Go answers `heap?seconds=N` with a difference of two
 * snapshots, whose gauges mean nothing.
 */
export function pathWithSeconds(path: string, seconds: number | undefined): string {
  return seconds === undefined ? path : `${path}${path.includes('?') ? '&' : '?'}seconds=${seconds}`;
}

/** The seconds to profile for, so that a process is profiled for at most `duty` (0 to 1) of its time; at least one. */
export function secondsWithin(duty: number, seconds: number, intervalMs: DurationMs): number {
  return Math.min(seconds, Math.max(1, Math.floor((intervalMs * duty) / second)));
}

/** What is known of a good answer's times. */
export interface AnswerTimes {
  readonly startMs: UnixMs;
  readonly endMs: UnixMs;
  /** When the kind was answered the time before, if it was. */
  readonly previousMs: UnixMs | undefined;
}

/**
 * The moment a profile is stamped with: a snapshot when it was answered, a profile of a window when the window began. A
 * `delta_*` kind of godeltaprof has the window since it was last asked; the first of a source has no known beginning but
 * the request's.
 */
export function stampOf(spec: ScrapeSpec, { startMs, endMs, previousMs }: AnswerTimes): UnixMs {
  if (spec.seconds !== undefined) return startMs;
  if (!spec.kind.startsWith('delta_')) return endMs;
  const known = previousMs !== undefined && endMs - previousMs <= 2.5 * spec.intervalMs;
  return known ? previousMs : startMs;
}
