import type { DiffMeta, DiffTopAnswer } from '../../../src/ui/api/answers.ts';

/** Answers of a diff, with what a test is about and plain values for the rest. */

type Row = DiffTopAnswer['rows'][number];

const noon = Date.parse('2026-11-22T12:00:00Z');
const half = 30 * 60_000;

export function sideMeta(changes: Partial<DiffMeta['base']> = {}): DiffMeta['base'] {
  const fromMs = changes.fromMs ?? noon;
  const toMs = changes.toMs ?? fromMs + half;
  return {
    profiles: 60,
    processes: 3,
    observedSeconds: 1800,
    profiledSeconds: 600,
    processSeconds: 5400,
    from: new Date(fromMs).toISOString(),
    fromMs,
    to: new Date(toMs).toISOString(),
    toMs,
    resolution: 'detail',
    aggregation: 'sum',
    foldedShare: 0,
    trimmed: 0,
    warnings: [],
    partial: false,
    ...changes,
  };
}

export function diffMeta(changes: Partial<DiffMeta> = {}): DiffMeta {
  return {
    ...sideMeta(),
    base: sideMeta({ fromMs: noon - half, profiles: 58 }),
    normalize: 'share',
    factor: 1 / 600e9,
    baseFactor: 1 / 300e9,
    changeUnit: 'share',
    ...changes,
  };
}

/** The latest roll-out, r1 to r2. */
export function rolledOut(): NonNullable<DiffMeta['rollout']> {
  const times = { firstSeen: '', lastSeen: '', firstSeenMs: noon, lastSeenMs: noon + half };
  const image = { image: '', imageDigest: '', version: '' };
  return {
    compare: { revision: 'r2', ...image, ...times },
    base: { revision: 'r1', ...image, ...times },
    notes: ['compared over the time both ran'],
  };
}

/** `self` on both sides in seconds, with the spread of the change. */
export function row(
  name: string,
  {
    base,
    compare,
    spread,
    change = compare / 600 - base / 300,
  }: {
    readonly base: number;
    readonly compare: number;
    readonly spread: number | null;
    readonly change?: number;
  },
): Row {
  return {
    function: name,
    file: `${name}.go`,
    self: compare * 1e9,
    total: compare * 1e9,
    baseSelf: base * 1e9,
    baseTotal: base * 1e9,
    selfChange: change,
    totalChange: change,
    selfSpread: spread,
    totalSpread: spread,
    unsure: spread === null || Math.abs(change) <= spread,
  };
}

/** 600 s of CPU against 300 s. */
export function diffTop(rows: readonly Row[], meta: Partial<DiffMeta> = {}): DiffTopAnswer {
  return { unit: 'nanoseconds', rows: [...rows], total: 600e9, baseTotal: 300e9, meta: diffMeta(meta) };
}
