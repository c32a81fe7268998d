import type { RolloutsAnswer } from '../api/answers.ts';
import type { Mark } from '../timeline/mark.ts';
import { rolloutsOf } from './story.ts';

/** Roll-outs as marks of a timeline, each a link to what it changed in the profile type of the query. */
export function rolloutMarks(answer: RolloutsAnswer, query: string): Mark[] {
  const type = query.split('{', 1)[0] || 'cpu';
  return rolloutsOf(answer).map(({ entry, isUndo, diffHref }) => ({
    atMs: entry.compareFirstSeenMs,
    kind: 'rollout',
    label: `${isUndo ? 'rolled back to' : 'roll-out of'} ${entry.compare ?? 'no revision'}`,
    href: diffHref(type),
  }));
}
