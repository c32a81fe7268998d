import type { TimeWindow, UnixMs } from '../../model/units.ts';
import { shareOf } from './scale.ts';

export type MarkKind = 'rollout' | 'restart' | 'jump' | 'event';

/** Something that happened at a moment. */
export interface Mark {
  readonly atMs: UnixMs;
  readonly kind: MarkKind;
  readonly label: string;
  /** Where there is more to see. */
  readonly href?: string;
}

/** Marks that stand too close together to be drawn each. */
export interface MarkGroup {
  /** Of the most important mark. */
  readonly atMs: UnixMs;
  /** The most important first. */
  readonly marks: readonly Mark[];
}

const byImportance: readonly MarkKind[] = ['event', 'jump', 'rollout', 'restart'];
/** A sign for each kind of a group stands beside the others. */
const apartPx = 24;

/** What is shown of the marks, from left to right; those nearer to each other than their signs are wide are one group. */
export function groupMarks(marks: readonly Mark[], shown: TimeWindow, widthPx: number): MarkGroup[] {
  const inside = marks
    .filter(({ atMs }) => atMs >= shown.fromMs && atMs <= shown.toMs)
    .toSorted((one, other) => one.atMs - other.atMs);
  const groups: Mark[][] = [];
  for (const mark of inside) {
    const group = groups.at(-1);
    const first = group?.[0];
    const signsPx = apartPx * new Set(group?.map(({ kind }) => kind)).size;
    const isNear = first && (shareOf(shown, mark.atMs) - shareOf(shown, first.atMs)) * widthPx < signsPx;
    if (group && isNear) group.push(mark);
    else groups.push([mark]);
  }
  return groups.map((group) => {
    const marks = group.toSorted((one, other) => rankOf(one) - rankOf(other));
    return { atMs: marks[0]?.atMs ?? shown.fromMs, marks };
  });
}

function rankOf({ kind }: Mark): number {
  return byImportance.indexOf(kind);
}
