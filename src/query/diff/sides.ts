import { FlameherdError } from '../../model/errors.ts';
import { kindOfProfileType, type ProfileType } from '../../model/profile-type.ts';
import type { UnixMs } from '../../model/units.ts';
import type { MergeRequest, ProfileReader } from '../../store/profile-store.ts';
import type { DiffQuestion, DiffSide } from '../engine.ts';
import { type PlannedMerge, planMerge } from '../plan-merge.ts';
import { type LatestRollout, latestRollout } from '../rollouts/latest-rollout.ts';
import { shortTypeName } from '../types-that-exist.ts';

export type SideName = 'compare' | 'base';

/** One side as it will be read. */
export interface PlannedSide extends PlannedMerge {
  readonly name: SideName;
  readonly side: DiffSide;
}

export interface PlannedSides {
  readonly compare: PlannedSide;
  readonly base: PlannedSide;
  /** Where the sides are those of the latest roll-out. */
  readonly rollout: LatestRollout | undefined;
}

/** Throws `bad_query` where the sides are of different types, `bad_time`, and what `latestRollout` throws. */
export function planSides(reader: ProfileReader, question: DiffQuestion, nowMs: UnixMs): PlannedSides {
  const rollout = 'rollout' in question.base ? latestRollout(reader, question.compare, nowMs) : undefined;
  const { compare, base } = rollout ?? { compare: question.compare, base: question.base as DiffSide };
  assertSameType(compare.selector.type, base.selector.type);
  const { aggregation } = question;
  return {
    compare: planSide(reader, 'compare', compare, aggregation, nowMs),
    base: planSide(reader, 'base', base, aggregation, nowMs),
    rollout,
  };
}

function planSide(
  reader: ProfileReader,
  name: SideName,
  side: DiffSide,
  aggregation: MergeRequest['aggregation'],
  nowMs: UnixMs,
): PlannedSide {
  return { name, side, ...ofSide(name, () => planMerge(reader, side, aggregation, nowMs)) };
}

/** Errors of the base say so: its parameters are called `base_…`. */
function ofSide<T>(name: SideName, work: () => T): T {
  if (name === 'compare') return work();
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FlameherdError)) throw error;
    throw new FlameherdError(error.code, `base: ${error.message}`, { hint: error.hint });
  }
}

function assertSameType(compare: ProfileType, base: ProfileType): void {
  const isSame =
    kindOfProfileType(compare) === kindOfProfileType(base) &&
    compare.sampleType === base.sampleType &&
    compare.sampleUnit === base.sampleUnit;
  if (isSame) return;
  throw new FlameherdError(
    'bad_query',
    `base_query: ${shortTypeName(base)} cannot be compared with ${shortTypeName(compare)}`,
    { hint: 'both sides must be of one profile type; leave base_query out to compare the same query at two times' },
  );
}
