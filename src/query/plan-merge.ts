import { kindOfProfileType } from '../model/profile-type.ts';
import type { Matcher } from '../model/selector.ts';
import type { UnixMs } from '../model/units.ts';
import type { MergeRequest, ProfileReader } from '../store/profile-store.ts';
import type { DiffSide } from './engine.ts';
import { splitMatchers } from './label-matchers.ts';
import { planWindow } from './plan.ts';

/** What the store is asked for a selection. */
export interface PlannedMerge {
  /** Of all types of the kind. */
  readonly request: MergeRequest;
  /** Conditions on pprof labels, which only rows have. */
  readonly sampleMatchers: readonly Matcher[];
  readonly warnings: readonly string[];
}

/** Throws `bad_time` as `planWindow` does. */
export function planMerge(
  reader: ProfileReader,
  { selector: { type, matchers: given }, window: asked }: DiffSide,
  aggregation: MergeRequest['aggregation'],
  nowMs: UnixMs,
): PlannedMerge {
  const kind = kindOfProfileType(type);
  const { window, warnings } = planWindow(asked, nowMs);
  const { matchers, sampleMatchers } = splitMatchers(reader, kind, given, window);
  const peakType = { type: type.sampleType, unit: type.sampleUnit };
  return { request: { selector: { kind, matchers }, window, aggregation, peakType }, sampleMatchers, warnings };
}
