import { FlameherdError } from '../model/errors.ts';
import { nearest } from '../model/near.ts';
import { inferKind, normaliseSampleType, parseProfileType, type ValueType } from '../model/profile-type.ts';
import type { Profile } from './profile.ts';

/**
 * The column of a profile that is meant: by the name of its sample type (`alloc_space`), or by the name or short name of a
 * profile type (`allocs`). Without a name, what `go tool pprof` opens with: the profile's default sample type, else the last.
 * Throws `bad_query` when it has none of the name; `whose` stands in the message.
 */
export function sampleTypeIndex(profile: Profile, name: string | undefined, whose: string): number {
  if (name === undefined) return defaultSampleType(profile);
  const exact = profile.sampleTypes.findIndex(({ type }) => type === name);
  const index = exact >= 0 ? exact : indexOfProfileType(profile, name);
  if (index >= 0) return index;
  const names = profile.sampleTypes.map(({ type }) => type);
  throw new FlameherdError(
    'bad_query',
    `${whose} has no sample type ${JSON.stringify(name)}; it has ${names.join(', ')}`,
    {
      hint: nearest(name, names)
        .map((near) => `did you mean ${near}?`)
        .at(0),
    },
  );
}

/** The sample types of a profile as all programs' are called here (`normaliseSampleType`), column by column. */
export function commonSampleTypes({ sampleTypes, header }: Profile): readonly ValueType[] {
  const kind = inferKind(sampleTypes, header.periodType) ?? '';
  return sampleTypes.map((type) => normaliseSampleType(kind, type));
}

function defaultSampleType({ sampleTypes, header }: Profile): number {
  const named = sampleTypes.findIndex(({ type }) => type === header.defaultSampleType);
  return named >= 0 ? named : sampleTypes.length - 1;
}

function indexOfProfileType(profile: Profile, name: string): number {
  const type = parseProfileType(name);
  return type === undefined
    ? commonSampleTypes(profile).findIndex((own) => own.type === name)
    : commonSampleTypes(profile).findIndex((own) => own.type === type.sampleType && own.unit === type.sampleUnit);
}
