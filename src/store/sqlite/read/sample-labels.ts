import type { Profile } from '../../../profile/profile.ts';

/** The pprof labels of the stacks of some profiles with their texts, both sorted; numbers have their name only. */
export function sampleLabelsOf(profiles: readonly Pick<Profile, 'stacks'>[]): Map<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const label of profiles.flatMap(({ stacks }) => stacks.labelSets.flat())) {
    const texts = found.get(label.key) ?? new Set();
    found.set(label.key, 'text' in label ? texts.add(label.text) : texts);
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, texts]) => [key, [...texts].sort()]));
}
