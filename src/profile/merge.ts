import { combine, mergedHeader } from './combine.ts';
import { emptyHeader, type Profile } from './profile.ts';
import { StackTableBuilder } from './stack-table-builder.ts';

/**
 * The sum of profiles: rows of the same stack and labels are added, exactly. The order of the profiles decides only the
 * order of rows and, where headers contradict each other, whose text stands. No profiles make an empty one.
 *
 * Throws `bad_query` when they have no sample type in common, `bad_profile` when one row's sum is beyond int64.
 */
export function mergeProfiles(profiles: readonly Profile[]): Profile {
  if (profiles.length === 0) {
    return { sampleTypes: [], stacks: new StackTableBuilder(), values: [], divisors: [], header: emptyHeader };
  }
  return combine(
    profiles.map((profile) => ({ profile, times: 1 })),
    mergedHeader(profiles.map(({ header }) => header)),
  );
}
