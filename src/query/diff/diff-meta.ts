import { formatTime } from '../../model/time.ts';
import type { DiffQuestion } from '../engine.ts';
import type { JsonText, JsonValue } from '../json.ts';
import { metaOf, profiledShareOf } from '../meta.ts';
import type { LatestRollout, RevisionSummary } from '../rollouts/latest-rollout.ts';
import type { Normalized } from './normalization.ts';
import type { ReadSide } from './read-sides.ts';

/** What a diff says of itself besides what its sides were made of. */
export interface DiffNotes {
  readonly aggregation: DiffQuestion['aggregation'];
  /** Undefined where both sides are empty. */
  readonly normalized: Normalized | undefined;
  readonly normalize: DiffQuestion['normalize'];
  readonly foldedShare: number;
  readonly rollout: LatestRollout | undefined;
  readonly warnings: readonly string[];
  /** Of the base alone; they stand with it. */
  readonly baseWarnings: readonly string[];
  /** What exists near an empty side. */
  readonly hint: string | undefined;
  /** Of parts of flame graphs: the totals of the wholes. */
  readonly rootTotals: Readonly<Record<'compare' | 'base', JsonText | undefined>>;
}

/**
 * `meta` of a diff: that of the compared side, `base` with that of the base, and how they were compared: `factor` and
 * `baseFactor` are what values were multiplied by before one was taken from the other, in `changeUnit`.
 */
export function diffMeta(sides: { readonly compare: ReadSide; readonly base: ReadSide }, notes: DiffNotes): JsonValue {
  const { normalized, normalize, foldedShare, warnings, baseWarnings, hint, rollout, rootTotals } = notes;
  const sideMeta = (
    side: ReadSide,
    own: { readonly warnings: readonly string[]; readonly hint?: string | undefined },
  ) =>
    metaOf(side.coverage, { ...aggregationOf(side, notes), foldedShare, ...own }) as Readonly<
      Record<string, JsonValue>
    >;
  return {
    ...sideMeta(sides.compare, { warnings, hint }),
    rootTotal: rootTotals.compare,
    rootBaseTotal: rootTotals.base,
    base: sideMeta(sides.base, { warnings: baseWarnings }),
    normalize,
    factor: normalized?.factor ?? 0,
    baseFactor: normalized?.baseFactor ?? 0,
    changeUnit: normalized?.changeUnit ?? '',
    rollout: rollout && {
      compare: revisionMembers(rollout.revisions.compare),
      base: revisionMembers(rollout.revisions.base),
      notes: rollout.notes,
    },
  };
}

function aggregationOf(
  { temporality, isEmpty, coverage }: ReadSide,
  { aggregation }: Pick<DiffNotes, 'aggregation'>,
): { readonly aggregation: string | null; readonly profiledShare?: number | undefined } {
  if (isEmpty) return { aggregation: null };
  if (temporality === 'gauge') return { aggregation };
  return { aggregation: 'sum', profiledShare: profiledShareOf(coverage) };
}

function revisionMembers(revision: RevisionSummary): JsonValue {
  const { revision: name, image, imageDigest, version, firstSeenMs, lastSeenMs } = revision;
  const [firstSeen, lastSeen] = [formatTime(firstSeenMs), formatTime(lastSeenMs)];
  return { revision: name, image, imageDigest, version, firstSeen, lastSeen, firstSeenMs, lastSeenMs };
}
