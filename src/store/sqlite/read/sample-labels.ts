import type { Profile } from '../../../profile/profile.ts';

/** The pprof labels of a profile's stacks with their texts, both sorted; numbers are left out. */
export function sampleLabelsOf({ stacks: { labelSets } }: Pick<Profile, 'stacks'>): Map<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const label of labelSets.flat()) {
    if ('text' in label) found.set(label.key, (found.get(label.key) ?? new Set()).add(label.text));
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, texts]) => [key, [...texts].sort()]));
}
