import { type DurationMs, second, type TimeWindow, type UnixMs } from '../../model/units.ts';

/** Room around the lines, in pixels: what lies over the canvas is placed by the same numbers. */
export const plotRoom = { left: 56, right: 20, top: 25, bottom: 24 } as const;

/** Where moments stand on the plot: from 0 at the left edge of what is shown to 1 at its right edge. */

export function shareOf(shown: TimeWindow, atMs: UnixMs): number {
  return (atMs - shown.fromMs) / (shown.toMs - shown.fromMs);
}

/** The moment at a share of the width, in whole seconds, inside of what is shown. */
export function momentAt(shown: TimeWindow, share: number): UnixMs {
  const ms = shown.fromMs + Math.min(1, Math.max(0, share)) * (shown.toMs - shown.fromMs);
  return Math.min(shown.toMs, Math.max(shown.fromMs, Math.round(ms / second) * second));
}

export function windowBetween(oneMs: UnixMs, otherMs: UnixMs): TimeWindow {
  return { fromMs: Math.min(oneMs, otherMs), toMs: Math.max(oneMs, otherMs) };
}

/** The window moved by so much, as far as it stays inside of what is shown. */
export function movedBy(window: TimeWindow, byMs: DurationMs, shown: TimeWindow): TimeWindow {
  const leastMs = Math.min(0, shown.fromMs - window.fromMs);
  const mostMs = Math.max(0, shown.toMs - window.toMs);
  const movedMs = Math.min(mostMs, Math.max(leastMs, byMs));
  return { fromMs: window.fromMs + movedMs, toMs: window.toMs + movedMs };
}

/** What of a window is shown; undefined where nothing is. */
export function clipped(window: TimeWindow, shown: TimeWindow): TimeWindow | undefined {
  const fromMs = Math.max(window.fromMs, shown.fromMs);
  const toMs = Math.min(window.toMs, shown.toMs);
  return fromMs < toMs ? { fromMs, toMs } : undefined;
}

export function isSameWindow(one: TimeWindow | undefined, other: TimeWindow | undefined): boolean {
  return one?.fromMs === other?.fromMs && one?.toMs === other?.toMs;
}

export function lengthOf({ fromMs, toMs }: TimeWindow): DurationMs {
  return toMs - fromMs;
}
