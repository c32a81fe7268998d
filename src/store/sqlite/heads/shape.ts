import type { ValueType } from '../../../model/profile-type.ts';
import type { ProfileHeader } from '../../../profile/profile.ts';
import type { StoredType } from '../../profile-store.ts';

/** What hardly ever differs between the profiles of a series: interned once for each head file. */
export interface Shape {
  readonly types: readonly StoredType[];
  /** Without its times, which differ in every profile and stand beside the samples. */
  readonly header: Omit<ProfileHeader, 'timeNanos' | 'durationNanos'>;
}

/** One text per shape. */
export function encodeShape(types: readonly StoredType[], header: ProfileHeader): string {
  const { timeNanos: _time, durationNanos: _duration, period, ...rest } = header;
  const plainTypes = types.map(({ type, unit, temporality }) => ({ type, unit, temporality }));
  return JSON.stringify({ types: plainTypes, header: { ...rest, period: String(period) } });
}

/** The part of a shape that a series is listed with. */
export function encodeSeriesShape(types: readonly StoredType[], periodType: ValueType | undefined): string {
  const plainTypes = types.map(({ type, unit, temporality }) => ({ type, unit, temporality }));
  return JSON.stringify({ types: plainTypes, periodType });
}

export function decodeShape(text: string): Shape {
  const { types, header } = JSON.parse(text) as {
    types: StoredType[];
    header: Omit<Shape['header'], 'period' | 'periodType'> & { period: string; periodType?: ValueType };
  };
  return { types, header: { ...header, periodType: header.periodType, period: BigInt(header.period) } };
}
