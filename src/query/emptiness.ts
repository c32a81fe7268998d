import type { Temporality } from '../model/profile-type.ts';
import type { Profile } from '../profile/profile.ts';
import type { Coverage, GaugeAggregation } from '../store/profile-store.ts';

/** What decides whether there is an answer. */
export interface Found {
  readonly coverage: Coverage;
  readonly temporality: Temporality | undefined;
  /** Nothing but zeros was counted. */
  readonly isZero: boolean;
}

/** Sums: nothing was stamped in the window. Gauges: nothing stood in it, or for `last` at its end. */
export function isNothingFound(
  { coverage, temporality, isZero }: Found,
  { aggregation }: { readonly aggregation: GaugeAggregation },
): boolean {
  if (temporality !== 'gauge') return coverage.profiles === 0;
  return coverage.observedSeconds === 0 || (aggregation === 'last' && isZero);
}

export function isZeroColumn({ values }: Profile, column: number): boolean {
  return values[column]?.every((value) => Number(value) === 0) ?? true;
}
