import type { DiffTopAnswer } from '../api/answers.ts';
import { type Scale, scaleOf } from './movement-text.ts';

export const measures = ['self', 'total'] as const;
/** What functions do themselves, or with all they call. */
export type Measure = (typeof measures)[number];

/** How a function moved, in the unit of the change. */
export interface Movement {
  readonly name: string;
  readonly file: string;
  readonly base: number;
  readonly compare: number;
  readonly change: number;
  /** A change up to this size may be chance; null where scrapes are too few to tell. */
  readonly spread: number | null;
  readonly unsure: boolean;
}

export interface Movements {
  /** How they are written. */
  readonly scale: Scale;
  /** The largest first, whichever way they went. */
  readonly rows: readonly Movement[];
  /** How many moved by so little that it would be written as 0. */
  readonly still: number;
}

/** Which functions moved, and how surely. */
export function movementsOf(answer: DiffTopAnswer, measure: Measure): Movements {
  const { total, baseTotal, meta } = answer;
  const whole = Math.max(Math.abs(total * meta.factor), Math.abs(baseTotal * meta.baseFactor));
  const scale = scaleOf(whole, meta.changeUnit);
  const all = answer.rows.map((row) => movementOf(row, meta, measure));
  const rows = all
    .filter(({ change }) => change !== 0 && Math.abs(change) >= scale.least)
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
  return { scale, rows, still: all.length - rows.length };
}

/** Those that moved by more than chance. */
export function sureOf({ rows }: Movements): readonly Movement[] {
  return rows.filter(({ unsure }) => !unsure);
}

function movementOf(
  row: DiffTopAnswer['rows'][number],
  { factor, baseFactor }: DiffTopAnswer['meta'],
  measure: Measure,
): Movement {
  const isSelf = measure === 'self';
  const change = isSelf ? row.selfChange : row.totalChange;
  const spread = isSelf ? row.selfSpread : row.totalSpread;
  return {
    name: row.function,
    file: row.file,
    base: baseFactor * (isSelf ? row.baseSelf : row.baseTotal),
    compare: factor * (isSelf ? row.self : row.total),
    change,
    spread,
    unsure: spread === null || Math.abs(change) <= spread,
  };
}

/** Why none of them surely changed, in a sentence. */
export function whyNone({ rows }: Movements): string {
  const isUntold = rows.length > 0 && rows.every(({ spread }) => spread === null);
  return isUntold
    ? 'There are too few scrapes to tell which changes are sure'
    : 'No function changed by more than scrapes differ anyway';
}

/**
 * By index into `names`: 1 where it is not sure that the function changed with all that it calls. Functions that are not among the
 * rows were not judged; where the rows are all there are, those did not change at all.
 */
export function unsureNames(names: readonly string[], { rows }: DiffTopAnswer, areAll: boolean): Uint8Array {
  const unsure = new Set<string>();
  const known = new Set<string>();
  for (const { function: name, totalChange, totalSpread } of rows) {
    known.add(name);
    if (totalSpread === null || Math.abs(totalChange) <= totalSpread) unsure.add(name);
  }
  return Uint8Array.from(names, (name) => (unsure.has(name) || (!areAll && !known.has(name)) ? 1 : 0));
}
