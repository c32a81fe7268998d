import { combine, mergedHeader } from './combine.ts';
import type { Profile } from './profile.ts';

/**
 * What changed: `compare` minus `base` for each stack and label set, exact and not normalised. Stacks that did not change
 * stay as rows of 0. The header is that of a merge of both, the compared one first, as google/pprof has it.
 *
 * Throws as `mergeProfiles` does; `check` is called every few thousand rows and may throw to stop the work.
 */
export function diffProfiles(base: Profile, compare: Profile, check?: () => void): Profile {
  return combine(
    [
      { profile: compare, times: 1 },
      { profile: base, times: -1 },
    ],
    mergedHeader([compare.header, base.header]),
    check,
  );
}
