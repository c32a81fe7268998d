import { minute, type UnixMs } from '../../model/units.ts';
import type { StoreStatus } from './answer.ts';

/** What the files of a kind hold, in the order in which profiles pass through them. */
const fileKinds: Readonly<Record<string, string>> = {
  head: 'Profiles of the running hours, as they come',
  detail: 'Profiles of past hours, compacted',
  roll1h: 'Sums of each hour',
  roll1d: 'Sums of each day',
  meta: 'Series, processes and functions',
  state: 'Differencing, growth and settings by hand',
};

export interface StorePart {
  readonly kind: string;
  readonly holds: string;
  readonly files: number;
  readonly bytes: number;
  /** Of all bytes: 0 to 1. */
  readonly share: number;
}

/** The store by kind of file, those without files left out. */
export function storeParts({ byKind }: Pick<StoreStatus, 'byKind'>): StorePart[] {
  const known = Object.keys(fileKinds).filter((kind) => kind in byKind);
  const kinds = [...known, ...Object.keys(byKind).filter((kind) => !(kind in fileKinds))];
  const total = Object.values(byKind).reduce((sum, { bytes }) => sum + bytes, 0);
  return kinds
    .map((kind) => ({ kind, holds: fileKinds[kind] ?? kind, ...(byKind[kind] ?? { files: 0, bytes: 0 }) }))
    .filter(({ files }) => files > 0)
    .map((part) => ({ ...part, share: total === 0 ? 0 : part.bytes / total }));
}

/** A counter as it was read at a moment. */
export interface Reading {
  readonly atMs: UnixMs;
  readonly count: number;
}

/** How far back a rate looks. */
export const rateWindowMs = 2 * minute;

/** Readings with the newest one; those that the rate looks no longer at are dropped, and all when the counter began anew. */
export function withReading(readings: readonly Reading[], reading: Reading): readonly Reading[] {
  const last = readings.at(-1);
  if (last && reading.count < last.count) return [reading];
  return [...readings.filter(({ atMs }) => atMs >= reading.atMs - rateWindowMs), reading];
}

/** Per minute over the readings; undefined while they are too few to say. */
export function ratePerMinute(readings: readonly Reading[]): number | undefined {
  const [first, last] = [readings[0], readings.at(-1)];
  if (!first || !last || last.atMs - first.atMs < minute / 4) return undefined;
  return ((last.count - first.count) * minute) / (last.atMs - first.atMs);
}
