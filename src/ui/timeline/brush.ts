import type { TimeWindow, UnixMs } from '../../model/units.ts';
import { lengthOf, movedBy, windowBetween } from './scale.ts';

/** The two windows that are chosen on a timeline: what is looked at, and what it is compared with. */
export type Target = 'range' | 'base';

/** What is dragged of a window: its edges, all of it, or a new one from where the drag began. */
export type Part = 'new' | 'from' | 'to' | 'all';

export interface Drag {
  readonly target: Target;
  readonly part: Part;
  readonly beganMs: UnixMs;
  /** The window as it was; for a new one the moment at which it began. */
  readonly before: TimeWindow;
}

/** The window that a drag has made when it is at a moment. An edge that is dragged over the other one becomes it. */
export function dragged({ part, beganMs, before }: Drag, atMs: UnixMs, shown: TimeWindow): TimeWindow {
  switch (part) {
    case 'new':
      return windowBetween(beganMs, atMs);
    case 'from':
      return windowBetween(atMs, before.toMs);
    case 'to':
      return windowBetween(before.fromMs, atMs);
    default:
      return movedBy(before, atMs - beganMs, shown);
  }
}

const leastPx = 4;

/** Whether a window is wide enough to have been meant: else it was a click. */
export function isMeant(window: TimeWindow, shown: TimeWindow, widthPx: number): boolean {
  return (lengthOf(window) / lengthOf(shown)) * widthPx >= leastPx;
}

/** How far a key moves on a line of so many places: arrows by one, pages by ten, Home and End to the ends; else undefined. */
export function placeAfterKey(key: string, at: number, last: number): number | undefined {
  const next = {
    ArrowLeft: at - 1,
    ArrowDown: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at + 1,
    PageDown: at - 10,
    PageUp: at + 10,
    Home: 0,
    End: last,
  }[key];
  return next === undefined ? undefined : Math.min(last, Math.max(0, next));
}
