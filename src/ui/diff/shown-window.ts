import { minute, type TimeWindow, type UnixMs } from '../../model/units.ts';

/** What is chosen is at least this part of what is shown, or it could not be seen well. */
const leastPart = 1 / 12;

/**
 * What a timeline shows so that both windows are seen with some time around them, and none after now. What was shown before stays
 * where they are seen well in it: the ground does not move under a drag.
 */
export function shownAround(windows: readonly TimeWindow[], nowMs: UnixMs, before?: TimeWindow): TimeWindow {
  const fromMs = Math.min(...windows.map((window) => window.fromMs));
  const toMs = Math.max(...windows.map((window) => window.toMs));
  const length = toMs - fromMs;
  const holds = before && before.fromMs <= fromMs && before.toMs >= toMs;
  if (holds && length >= leastPart * (before.toMs - before.fromMs)) return before;
  const around = Math.max(5 * minute, 0.3 * length);
  return { fromMs: Math.max(0, fromMs - around), toMs: Math.max(toMs, Math.min(nowMs, toMs + around)) };
}
