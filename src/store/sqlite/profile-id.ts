import type { UnixMs } from '../../model/units.ts';

const pattern = /^([0-9a-z]{1,11})-([0-9a-z]{1,11})$/;

/** A profile's name for good: its series and its stamp, in base 36, which no compaction changes. */
export function formatProfileId(series: number, stampMs: UnixMs): string {
  return `${series.toString(36)}-${stampMs.toString(36)}`;
}

/** The inverse; undefined for a text that is no profile id. */
export function parseProfileId(id: string): { readonly series: number; readonly stampMs: UnixMs } | undefined {
  const [, series, stamp] = pattern.exec(id) ?? [];
  if (series === undefined || stamp === undefined) return undefined;
  return { series: Number.parseInt(series, 36), stampMs: Number.parseInt(stamp, 36) };
}
