import type { UnixSeconds } from '../../model/units.ts';
import type { SecondRange } from '../../store/profile-store.ts';
import { wholeSecond } from '../../store/standing.ts';
import type { ObservedProcess } from './observe.ts';
import { closeGaps, RunTime, shared } from './run-time.ts';

/** A shorter absence of all its processes is no end of a revision: pods were replaced, or a scrape failed. */
export const shortAbsenceSeconds = 120;
/** After a longer one in which others ran, a revision begins anew even where none of them is newer. */
export const longAbsenceSeconds = 600;
/** How far back from its first sight a revision's predecessor is looked for. */
export const beforeSeconds = 600;

/** The time from when a revision was brought until it was gone. Brought back by an undo, it has another one. */
export interface Stint {
  readonly revision: string;
  /** When it was first and last observed. */
  readonly from: UnixSeconds;
  readonly to: UnixSeconds;
  /** When its first process started; that may be before anything was observed. Orders the stints of a workload. */
  readonly startedAt: UnixSeconds;
  /** When it ran; gaps are absences. */
  readonly pieces: readonly SecondRange[];
}

/** A stint and the one of another revision that ran most just before it. */
export interface Rollout {
  readonly compare: Stint;
  readonly base: Stint;
  /** When both ran. */
  readonly overlaps: readonly SecondRange[];
}

export interface History {
  readonly runTimes: ReadonlyMap<string, RunTime>;
  /** Oldest first, as all lists here. */
  readonly stints: readonly Stint[];
  readonly rollouts: readonly Rollout[];
}

/**
 * The revisions of one workload over time, from when its processes were observed.
 *
 *     r1  ━━━━━━━━━━━━━━━━━┓      ┏━━━━━━   brought back: a second stint
 *     r2            ┗━━━━━━━━━━━━━━┛
 *               r1 → r2 │      r2 → r1│     the overlaps are ┗━┓ and ┏━┛
 */
export function historyOf(processes: readonly ObservedProcess[]): History {
  const byRevision = Map.groupBy(processes, ({ revision }) => revision);
  const runTimes = new Map(
    [...byRevision].map(([revision, own]) => [revision, new RunTime(own.flatMap(({ ranges }) => ranges))]),
  );
  const stints = stintsOf(runTimes, byRevision);
  return { runTimes, stints, rollouts: rolloutsOf(stints, runTimes) };
}

/** How a revision begins that is named by the image of one container, not by a template of pods (src/discovery/revision.ts). */
const imagePrefix = 'img-';

/**
 * The processes of one workload by what is rolled out at once: all containers where revisions are pod templates; where they
 * are images, each container by itself, for a program was not rolled out over another one that runs beside it.
 */
export function rolledOutAtOnce(processes: readonly ObservedProcess[]): readonly (readonly ObservedProcess[])[] {
  if (!processes.some(({ revision }) => revision.startsWith(imagePrefix))) return [processes];
  const byContainer = Map.groupBy(processes, ({ container }) => container);
  return [...byContainer].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, own]) => own);
}

/** The newest of those that run at the end; where none does, the one that was seen last. */
export function currentStint(
  { stints }: Pick<History, 'stints'>,
  isLive: (revision: string) => boolean,
): Stint | undefined {
  const newestOf = new Map(stints.map((stint) => [stint.revision, stint]));
  const live = stints.findLast((stint) => newestOf.get(stint.revision) === stint && isLive(stint.revision));
  return (
    live ?? stints.reduce<Stint | undefined>((last, stint) => (last && last.to > stint.to ? last : stint), undefined)
  );
}

interface OpenStint {
  readonly revision: string;
  readonly pieces: SecondRange[];
}

function stintsOf(
  runTimes: ReadonlyMap<string, RunTime>,
  byRevision: ReadonlyMap<string, readonly ObservedProcess[]>,
): Stint[] {
  const pieces = [...runTimes]
    .flatMap(([revision, { union }]) => closeGaps(union, shortAbsenceSeconds).map((piece) => ({ revision, piece })))
    .sort((a, b) => a.piece.from - b.piece.from || (a.revision < b.revision ? -1 : 1));
  const stints: OpenStint[] = [];
  const openOf = new Map<string, OpenStint>();
  for (const { revision, piece } of pieces) {
    const open = openOf.get(revision);
    if (open && !isBroughtBack(open, piece.from, stints)) {
      open.pieces.push(piece);
      continue;
    }
    const stint: OpenStint = { revision, pieces: [piece] };
    openOf.set(revision, stint);
    stints.push(stint);
  }
  const firsts = new Map([...byRevision].map(([revision, own]) => [revision, own.toSorted(byFirstSight)]));
  return stints
    .map(({ revision, pieces: own }) => closed(revision, own, firsts.get(revision) ?? []))
    .sort((a, b) => a.startedAt - b.startedAt || a.from - b.from || (a.revision < b.revision ? -1 : 1));
}

/** Whether a revision that comes again had been replaced: by a newer one, or for long by any. */
function isBroughtBack({ revision, pieces }: OpenStint, again: UnixSeconds, stints: readonly OpenStint[]): boolean {
  const begun = pieces[0]?.from ?? 0;
  const left = pieces.at(-1)?.to ?? 0;
  return stints.some((other) => {
    if (other.revision === revision) return false;
    const last = other.pieces.at(-1);
    const ranMeanwhile = last !== undefined && last.from < again && last.to > left;
    return ranMeanwhile && ((other.pieces[0]?.from ?? 0) > begun || again - left >= longAbsenceSeconds);
  });
}

function closed(revision: string, pieces: readonly SecondRange[], bySight: readonly ObservedProcess[]): Stint {
  const from = pieces[0]?.from ?? 0;
  const to = pieces.at(-1)?.to ?? from;
  let startedAt = from;
  for (const { startedMs, ranges } of bySight) {
    const first = ranges[0]?.from ?? 0;
    if (first >= to) break;
    if (first >= from && startedMs !== undefined) startedAt = Math.min(startedAt, wholeSecond(startedMs));
  }
  return { revision, from, to, startedAt, pieces };
}

function byFirstSight(a: ObservedProcess, b: ObservedProcess): number {
  return (a.ranges[0]?.from ?? 0) - (b.ranges[0]?.from ?? 0);
}

function rolloutsOf(stints: readonly Stint[], runTimes: ReadonlyMap<string, RunTime>): Rollout[] {
  // Of each revision the last stint so far: an earlier one ended before it.
  const newestOf = new Map<string, Stint>();
  return stints.flatMap((compare) => {
    const base = predecessor(compare, newestOf.values(), runTimes);
    newestOf.set(compare.revision, compare);
    return base ? { compare, base, overlaps: shared(compare.pieces, base.pieces) } : [];
  });
}

/** The revision that ran most in the minutes before; where none did, the one that was seen last. */
function predecessor(
  { from, revision }: Stint,
  older: Iterable<Stint>,
  runTimes: ReadonlyMap<string, RunTime>,
): Stint | undefined {
  const before = { from: from - beforeSeconds, to: from };
  let best: { readonly stint: Stint; readonly ran: number; readonly lastSeen: UnixSeconds } | undefined;
  // One pass: a workload may have had very many revisions, and each is asked about all before it.
  for (const stint of older) {
    if (stint.revision === revision) continue;
    const runTime = runTimes.get(stint.revision);
    const ran = runTime?.ranSince(before.from) ? runTime.processSeconds(before) : 0;
    const lastSeen = Math.min(stint.to, from);
    const order = best && (ran - best.ran || lastSeen - best.lastSeen || stint.startedAt - best.stint.startedAt);
    if (order === undefined || order > 0) best = { stint, ran, lastSeen };
  }
  return best?.stint;
}
