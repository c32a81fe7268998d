import { formatDuration } from '../../model/duration.ts';
import { FlameherdError } from '../../model/errors.ts';
import { formatLabels, type LabelSet } from '../../model/labels.ts';
import { formatTime } from '../../model/time.ts';
import type { UnixMs } from '../../model/units.ts';
import { secondsIn } from '../../store/standing.ts';
import type { Rollout, Stint } from './history.ts';
import type { ObservedProcess } from './observe.ts';
import { factsOf } from './revisions.ts';
import { type ComparedSides, type CountProfiles, leastProfiles } from './sides.ts';

/** What a diff of a roll-out says of itself, and what is said where there is nothing to compare. */

export function notesOf(
  { compare, base }: Rollout,
  sides: ComparedSides,
  count: CountProfiles,
  nowMs: UnixMs,
): string[] {
  const warmUp = formatDuration(sides.warmUp * 1000);
  const few = [
    { side: 'new', profiles: count(compare, sides.compare) },
    { side: 'old', profiles: count(base, sides.base) },
  ].filter(({ profiles }) => profiles < leastProfiles);
  const oldSeconds = secondsIn(sides.base);
  const lastSeenMs = compare.to * 1000;
  return [
    sides.rule === 'overlap'
      ? `compared over the time both ran, without the first ${warmUp} of the first new processes`
      : `the two did not run side by side for long enough: the new one after a warm-up of ${warmUp}, the old one before the roll-out began`,
    ...few.map(
      ({ side, profiles }) =>
        `of the ${side} one there ${profiles === 1 ? 'is 1 profile' : `are ${profiles} profiles`} only`,
    ),
    ...(oldSeconds < secondsIn(sides.compare) / 2
      ? [`the old one was observed for ${formatDuration(oldSeconds * 1000)} only`]
      : []),
    ...(lastSeenMs < Math.floor(nowMs / 1000) * 1000 ? [`the new one was last seen at ${formatTime(lastSeenMs)}`] : []),
  ];
}

function nameOf({ revision }: Stint): string {
  return revision === '' ? 'no revision' : `revision ${revision}`;
}

export function revisionGiven(): FlameherdError {
  return new FlameherdError('bad_query', 'query: a matcher on revision cannot be given with rollout=latest', {
    hint: 'rollout=latest finds both revisions; to choose them give revision in query and in base_query, without rollout',
  });
}

/** Revisions are images, and several containers were asked for. */
export function severalContainers(containers: readonly string[]): FlameherdError {
  return new FlameherdError(
    'bad_query',
    'query: rollout=latest needs one container here, as each has revisions of its own',
    { hint: `add container, one of ${containers.slice(0, 8).join(', ')}` },
  );
}

export function oneRevision(workload: LabelSet, processes: readonly ObservedProcess[]): FlameherdError {
  const revision = processes[0]?.revision ?? '';
  const { firstSeenMs } = factsOf(processes);
  const since = `observed since ${formatTime(firstSeenMs)}`;
  if (revision === '') {
    return new FlameherdError('not_found', `rollout: profiles of ${formatLabels(workload)} carry no revision`, {
      hint: 'uploads may give revision=NAME; or compare two times with base_from and base_to',
    });
  }
  return new FlameherdError(
    'not_found',
    `rollout: ${formatLabels(workload)} has one revision only, ${revision}, ${since}`,
    { hint: 'a roll-out before that is not known; compare two times with base_from and base_to' },
  );
}

export function hardlyProfiled(
  kind: string,
  { compare, base }: Rollout,
  count: CountProfiles,
  nowMs: UnixMs,
): FlameherdError {
  const [newer, older] = [compare, base].map((stint) => count(stint, { from: stint.from, to: stint.to })) as [
    number,
    number,
  ];
  const ago = formatDuration(Math.max(0, Math.floor(nowMs / 1000) - compare.from) * 1000);
  return new FlameherdError(
    'empty_window',
    `rollout: ${nameOf(compare)} has ${newer} ${kind} profiles, ${nameOf(base)} ${older}: too few to compare after a warm-up`,
    {
      hint: `the new one was first seen ${ago} ago; ask again after some scrapes, or give query and base_query with a revision each`,
    },
  );
}
