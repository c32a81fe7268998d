import type { ProfileReader } from '../../store/profile-store.ts';
import { emptyHint, endedHint, noRowsHint } from '../hint.ts';
import type { ReadSide } from './read-sides.ts';
import type { PlannedSide, SideName } from './sides.ts';

/** What a side is called in a sentence. */
export const sideTitles: Readonly<Record<SideName, string>> = { compare: 'the compared side', base: 'the base' };

/** A sentence on what exists near an empty side. */
export function sideHint(reader: ProfileReader, side: PlannedSide, { coverage, temporality }: ReadSide): string {
  const { request, sampleMatchers } = side;
  const { selector, window, aggregation } = request;
  if (
    temporality === 'gauge' &&
    aggregation === 'last' &&
    coverage.observedSeconds > 0 &&
    sampleMatchers.length === 0
  ) {
    return endedHint(coverage.window.toMs);
  }
  if (sampleMatchers.length > 0 && coverage.profiles > 0) {
    return noRowsHint(sampleMatchers, [...reader.sampleLabels(selector, window).keys()]);
  }
  return emptyHint(reader, selector, window);
}

/** What is said of a side that is empty where the other is not. */
export function emptySideWarning({ name }: PlannedSide, hint: string): string {
  return `there is nothing on ${sideTitles[name]}, it counts as 0: ${hint}`;
}
