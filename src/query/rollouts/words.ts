import { formatDuration } from '../../model/duration.ts';
import { FlameherdError } from '../../model/errors.ts';
import { formatLabels, type LabelSet } from '../../model/labels.ts';
import { formatTime } from '../../model/time.ts';
import type { UnixMs } from '../../model/units.ts';
import type { SecondRange } from '../../store/profile-store.ts';
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
  const [newName, oldName] = [nameOf(compare), nameOf(base)];
  const warmUp = formatDuration(sides.warmUp * 1000);
  const first =
    sides.rule === 'overlap'
      ? `${newName} against ${oldName} over the time both ran, ${span(sides.compare)}, without the first ${warmUp} of the first new processes`
      : `${newName} and ${oldName} did not run side by side for long enough: ${newName} of ${span(sides.compare)}, after a warm-up of ${warmUp}, against ${oldName} of ${span(sides.base)}, before the roll-out began`;
  const few = [
    { name: newName, profiles: count(compare, sides.compare) },
    { name: oldName, profiles: count(base, sides.base) },
  ].flatMap(({ name, profiles }) =>
    profiles >= leastProfiles
      ? []
      : [`of ${name} there ${profiles === 1 ? 'is 1 profile' : `are ${profiles} profiles`} only`],
  );
  const shorter = secondsIn(sides.base) < secondsIn(sides.compare) / 2;
  return [
    first,
    ...few,
    ...(shorter ? [`${oldName} was observed for ${formatDuration(secondsIn(sides.base) * 1000)} only`] : []),
    ...(compare.to * 1000 < Math.floor(nowMs / 1000) * 1000
      ? [`${newName} was last seen at ${formatTime(compare.to * 1000)}`]
      : []),
  ];
}

function nameOf({ revision }: Stint): string {
  return revision === '' ? 'no revision' : `revision ${revision}`;
}

function span({ from, to }: SecondRange): string {
  return `${formatTime(from * 1000)} to ${formatTime(to * 1000)}`;
}

export function revisionGiven(): FlameherdError {
  return new FlameherdError('bad_query', 'query: a matcher on revision cannot be given with rollout=latest', {
    hint: 'rollout=latest finds both revisions; to choose them give revision in query and in base_query, without rollout',
  });
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
