import { labelText } from '../model/frame.ts';
import { compileMatchers } from '../model/matcher.ts';
import type { ProfileKind } from '../model/profile-type.ts';
import type { Matcher } from '../model/selector.ts';
import type { TimeWindow } from '../model/units.ts';
import type { Profile, ValueColumn } from '../profile/profile.ts';
import type { ProfileReader } from '../store/profile-store.ts';
import { type LabelNames, labelNamesFor } from './label-names.ts';

export interface SplitMatchers {
  /** On series labels: they select series. */
  readonly matchers: readonly Matcher[];
  /** On the labels that a program puts on its samples, by their names there: they select rows. */
  readonly sampleMatchers: readonly Matcher[];
}

/** Tells matchers on series labels from those on labels of samples: a name that a series of this kind has is the series'. */
export function splitMatchers(
  reader: ProfileReader,
  kind: ProfileKind,
  all: readonly Matcher[],
  window: TimeWindow,
): SplitMatchers {
  const names = all.map(({ name }) => name);
  return splitByName(all, labelNamesFor(reader, names, kind, window));
}

/** The same, where it is known which labels series have. */
export function splitByName(all: readonly Matcher[], names: LabelNames): SplitMatchers {
  const matchers: Matcher[] = [];
  const sampleMatchers: Matcher[] = [];
  for (const matcher of all) {
    const name = names.onSamples(matcher.name);
    if (name === undefined) matchers.push(matcher);
    else sampleMatchers.push({ ...matcher, name });
  }
  return { matchers, sampleMatchers };
}

/** The rows whose pprof labels meet every matcher; the others are 0. A number is matched as it is written: `bytes="1024"`. */
export function selectRows(profile: Profile, matchers: readonly Matcher[]): Profile {
  if (matchers.length === 0) return profile;
  const { stacks } = profile;
  const meets = compileMatchers(matchers);
  const isKept = stacks.labelSets.map((labels) =>
    meets(Object.fromEntries(labels.map((label) => [label.key, labelText(label)]))),
  );
  const values = profile.values.map((column) => {
    const kept = column.slice() as ValueColumn;
    for (let row = 0; row < kept.length; row++) {
      if (!isKept[stacks.labelSet[row] ?? 0]) kept[row] = kept instanceof BigInt64Array ? 0n : 0;
    }
    return kept;
  });
  return { ...profile, values };
}

/** The names of labels that some sample has, sorted. Rows that are 0 throughout are no samples. */
export function sampleLabelNames({ stacks, values }: Profile): string[] {
  const used = new Set<number>();
  for (let row = 0; row < stacks.size; row++) {
    if (values.some((column) => Number(column[row] ?? 0) !== 0)) used.add(stacks.labelSet[row] ?? 0);
  }
  return [...new Set([...used].flatMap((set) => (stacks.labelSets[set] ?? []).map(({ key }) => key)))].sort();
}
