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
  readonly atMs: UnixMs;
  /** Of the most important mark. */
  readonly kind: MarkKind;
  readonly marks: readonly Mark[];
}

const byImportance: readonly MarkKind[] = ['event', 'jump', 'rollout', 'restart'];
const apartPx = 22;

/** What is shown of the marks, from left to right; those nearer to each other than a mark is wide are one group. */
export function groupMarks(marks: readonly Mark[], shown: TimeWindow, widthPx: number): MarkGroup[] {
  const inside = marks
    .filter(({ atMs }) => atMs >= shown.fromMs && atMs <= shown.toMs)
    .toSorted((one, other) => one.atMs - other.atMs);
  const groups: Mark[][] = [];
  for (const mark of inside) {
    const group = groups.at(-1);
    const first = group?.[0];
    const isNear = first && (shareOf(shown, mark.atMs) - shareOf(shown, first.atMs)) * widthPx < apartPx;
    if (group && isNear) group.push(mark);
    else groups.push([mark]);
  }
  return groups.flatMap((group) => {
    const main = group.toSorted((one, other) => rankOf(one) - rankOf(other))[0];
    return main ? [{ atMs: main.atMs, kind: main.kind, marks: group }] : [];
  });
}

function rankOf({ kind }: Mark): number {
  return byImportance.indexOf(kind);
}
