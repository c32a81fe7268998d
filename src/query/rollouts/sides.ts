import type { UnixSeconds } from '../../model/units.ts';
import type { SecondRange } from '../../store/profile-store.ts';
import { intersect, secondsIn, wholeSecond } from '../../store/standing.ts';
import type { Rollout, Stint } from './history.ts';
import type { ObservedProcess } from './observe.ts';

/** What a process does first is no sign of how it will be: caches fill, code is compiled. At most a quarter of what there is. */
export const warmUpSeconds = 120;
/** A side of fewer profiles is compared only where there is nothing better. */
export const leastProfiles = 5;
/** Where two revisions did not run side by side for long enough, this much of each is compared at most. */
export const longestSideSeconds = 3600;

/** By which rule two windows were chosen, and the windows. */
export interface ComparedSides {
  readonly rule: 'overlap' | 'after';
  readonly compare: SecondRange;
  readonly base: SecondRange;
  /** Left out after the first sight of the new revision, or after the old one was gone. */
  readonly warmUp: number;
}

/** How many profiles a revision has in a window. */
export type CountProfiles = (stint: Stint, window: SecondRange) => number;

/**
 * The two windows in which the revisions of a roll-out are compared: the time both ran, when both were profiled in it and the
 * new one was mostly past its warm-up; else the new one after its warm-up, and as long of the old one before the roll-out
 * began. Undefined when nothing of one of them can be compared.
 */
export function sidesOf(
  rollout: Rollout,
  newProcesses: readonly ObservedProcess[],
  count: CountProfiles,
): ComparedSides | undefined {
  const profilesOf = (sides: ComparedSides): number =>
    Math.min(count(rollout.compare, sides.compare), count(rollout.base, sides.base));
  const overlap = overlapSides(rollout);
  const isSettled = overlap !== undefined && settledShare(newProcesses, overlap.compare, overlap.warmUp) >= 0.5;
  const candidates = [isSettled ? overlap : undefined, ...afterSides(rollout), overlap].filter(
    (sides) => sides !== undefined,
  );
  let best: { readonly sides: ComparedSides | undefined; readonly profiles: number } = {
    sides: undefined,
    profiles: 0,
  };
  for (const sides of candidates) {
    const profiles = profilesOf(sides);
    if (profiles >= leastProfiles) return sides;
    if (profiles > best.profiles) best = { sides, profiles };
  }
  return best.sides;
}

/** The time both ran, from the end of the first new processes' warm-up on. */
function overlapSides({ overlaps }: Rollout): ComparedSides | undefined {
  const [first] = overlaps;
  const last = overlaps.at(-1);
  if (!first || !last) return undefined;
  const warmUp = warmUpIn({ from: first.from, to: last.to });
  const window = { from: first.from + warmUp, to: last.to };
  return { rule: 'overlap', compare: window, base: window, warmUp };
}

/**
 * The new one alone, or from its first sight where that leaves too little; and the old one before. The windows are of the same
 * length as far as the old one ran for so long.
 */
function afterSides({ compare, base, overlaps }: Rollout): ComparedSides[] {
  const oldGone = overlaps.at(-1)?.to ?? compare.from;
  const starts = oldGone < compare.to && oldGone > compare.from ? [oldGone, compare.from] : [compare.from];
  return starts.flatMap((start) => {
    const warmUp = warmUpIn({ from: start, to: compare.to });
    const from = start + warmUp;
    const window = { from, to: Math.min(compare.to, from + longestSideSeconds) };
    const before = windowBefore(base, Math.min(compare.from, compare.startedAt), secondsIn(window));
    return before && secondsIn(window) > 0 ? [{ rule: 'after', compare: window, base: before, warmUp }] : [];
  });
}

/** So many seconds of a stint up to a moment, its own warm-up left out; fewer where it ran for less. */
function windowBefore({ pieces, startedAt }: Stint, moment: UnixSeconds, seconds: number): SecondRange | undefined {
  const [first] = pieces;
  const last = pieces.findLast(({ from }) => from < moment);
  if (!first || !last) return undefined;
  const to = Math.min(last.to, moment);
  const settled = startedAt + warmUpIn({ from: first.from, to });
  const from = Math.max(first.from, settled, to - seconds);
  return from < to ? { from, to } : undefined;
}

function warmUpIn(range: SecondRange): number {
  return Math.min(warmUpSeconds, Math.floor(secondsIn(range) / 4));
}

/** Which part of what processes ran in a window lies after the warm-up of each. */
function settledShare(processes: readonly ObservedProcess[], window: SecondRange, warmUp: number): number {
  let [ran, settled] = [0, 0];
  for (const { ranges, startedMs } of processes) {
    const first = ranges[0]?.from ?? 0;
    const warm = Math.min(first, startedMs === undefined ? first : wholeSecond(startedMs)) + warmUp;
    for (const range of ranges) {
      ran += secondsIn(intersect(range, window));
      settled += secondsIn(intersect(range, { from: Math.max(warm, window.from), to: Math.max(warm, window.to) }));
    }
  }
  return ran === 0 ? 0 : settled / ran;
}
