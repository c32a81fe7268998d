import { FlameherdError } from '../model/errors.ts';
import {
  formatProfileType,
  kindOfProfileType,
  type ProfileKind,
  type ProfileType,
  profileTypeAliases,
  profileTypeOf,
  sameType,
  type ValueType,
} from '../model/profile-type.ts';
import type { SeriesEntry } from '../store/profile-store.ts';

const aliasOfType: ReadonlyMap<string, string> = new Map(
  Object.entries(profileTypeAliases).map(([alias, type]) => [type, alias]),
);

/** The short name of a profile type, or undefined. */
export function aliasOf(type: string): string | undefined {
  return aliasOfType.get(type);
}

/** A profile type as people type it: by its alias where it has one. */
export function shortTypeName(type: ProfileType): string {
  const full = formatProfileType(type);
  return aliasOf(full) ?? full;
}

/** Which column holds a type; undefined when none does. The period only names it: columns differ by type and unit. */
export function columnOf(types: readonly ValueType[], { sampleType, sampleUnit }: ProfileType): number | undefined {
  return columnOfType(types, { type: sampleType, unit: sampleUnit });
}

export function columnOfType(types: readonly ValueType[], type: ValueType): number | undefined {
  const index = types.findIndex((have) => sameType(have, type));
  return index < 0 ? undefined : index;
}

/** Throws `bad_query` when there are series, and none has the type. */
export function assertTypeExists(series: readonly SeriesEntry[], type: ProfileType): void {
  if (series.length === 0 || series.some(({ types }) => columnOf(types, type) !== undefined)) return;
  const kind = kindOfProfileType(type);
  throw noSuchType(
    type,
    series.flatMap(({ types, periodType }) => typeNames(kind, types, periodType)),
  );
}

/** The same of one profile, whose types are those of its kind. */
export function assertTypeIsThere(
  type: ProfileType,
  types: readonly ValueType[],
  periodType: ValueType | undefined,
): void {
  if (types.length === 0 || columnOf(types, type) !== undefined) return;
  throw noSuchType(type, typeNames(kindOfProfileType(type), types, periodType));
}

/** The full names of the types of one profile. */
export function typeNames(kind: ProfileKind, types: readonly ValueType[], period: ValueType | undefined): string[] {
  return types.map((sample) => formatProfileType(profileTypeOf(kind, sample, period)));
}

/** The failure of a query for a type that its kind does not have. */
export function noSuchType(type: ProfileType, existing: readonly string[]): FlameherdError {
  const names = [...new Set(existing)].sort().map((name) => {
    const alias = aliasOf(name);
    return alias ? `${name} (${alias})` : name;
  });
  const kind = kindOfProfileType(type);
  return new FlameherdError(
    'bad_query',
    `query: the ${kind} profiles selected have no ${JSON.stringify(formatProfileType(type))}`,
    { hint: `they have ${names.join(', ')}` },
  );
}
