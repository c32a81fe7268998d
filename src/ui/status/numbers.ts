import { type DurationMs, minute, type UnixMs } from '../../model/units.ts';
import type { Limits, StatusAnswer, StoreStatus } from '../api/answers.ts';

type FileKind = keyof StoreStatus['byKind'];

/** What the files of a kind hold, in the order in which profiles pass through them. */
const fileKinds: readonly (readonly [kind: FileKind, holds: string, keptBy?: keyof Limits])[] = [
  ['head', 'profiles of the running hours, as they come', 'retentionMs'],
  ['detail', 'profiles of past hours, compacted', 'retentionMs'],
  ['roll1h', 'sums of each hour', 'rollup1hMs'],
  ['roll1d', 'sums of each day', 'rollup1dMs'],
  ['meta', 'series, processes and functions'],
  ['state', 'differencing, growth and pauses'],
];

export interface StorePart {
  readonly kind: FileKind;
  readonly holds: string;
  readonly files: number;
  readonly bytes: number;
  /** Of all bytes: 0 to 1. */
  readonly share: number;
  /** Where the oldest begins. */
  readonly fromMs: UnixMs | undefined;
  /** The age at which it is removed; undefined: it is kept. */
  readonly keptMs: DurationMs | undefined;
}

/** The store by kind of file, those without files left out. */
export function storeParts({ byKind }: Pick<StoreStatus, 'byKind'>, limits: Limits): StorePart[] {
  const total = Object.values(byKind).reduce((sum, { bytes }) => sum + bytes, 0);
  return fileKinds.flatMap(([kind, holds, keptBy]) => {
    const { files, bytes, fromMs } = byKind[kind];
    if (files === 0) return [];
    return { kind, holds, files, bytes, fromMs, share: bytes / Math.max(1, total), keptMs: keptBy && limits[keptBy] };
  });
}

/** Profiles that came in in a minute: of the last whole one, or of all of them while there is none. */
export function perMinute(
  { ingest, recent, startedMs }: Pick<StatusAnswer, 'ingest' | 'recent' | 'startedMs'>,
  nowMs: UnixMs,
): { readonly count: number; readonly when: string } {
  const last = recent.stored.at(-2);
  if (last !== undefined) return { count: last, when: 'in the last minute' };
  return { count: ((ingest?.stored ?? 0) * minute) / Math.max(minute, nowMs - startedMs), when: 'since the start' };
}
