import type { Matcher } from '../model/selector.ts';
import { type DurationMs, hour } from '../model/units.ts';
import type { DiffQuestion, DiffSide, Question } from './engine.ts';

/**
 * What a question is likely to cost. Each lane has threads of its own, so that lists and small questions never wait for
 * wide ones.
 */
export const lanes = ['lists', 'small', 'wide'] as const;
export type Lane = (typeof lanes)[number];

/** Labels of which one value selects few series. */
const narrowLabels: ReadonlySet<string> = new Set(['workload', 'pod', 'service_name', 'container']);
/** A day, and what a client adds to be sure. */
const smallWindowMs: DurationMs = 25 * hour;

/** A guess from what is asked; a small question that turns out long is not waited for. */
export function laneOf(question: Question): Lane {
  if (question.kind === 'profile' || question.kind === 'rollouts') return 'small';
  if (question.kind === 'diff') return laneOfDiff(question);
  if (question.kind !== 'merge' && question.kind !== 'range' && question.kind !== 'scrapes') return 'lists';
  return laneOfSide(question);
}

/** That of the wider side. Those of a roll-out are short. */
function laneOfDiff({ compare, base }: DiffQuestion): Lane {
  if ('rollout' in base) return compare.selector.matchers.some(isNarrow) ? 'small' : 'wide';
  return laneOfSide(compare) === 'small' ? laneOfSide(base) : 'wide';
}

function laneOfSide({ selector, window }: DiffSide): Lane {
  const { fromMs, toMs } = window;
  return toMs - fromMs <= smallWindowMs && selector.matchers.some(isNarrow) ? 'small' : 'wide';
}

/** One value, or a few of them named: `checkout|cart`. */
function isNarrow({ name, operator, value }: Matcher): boolean {
  if (!narrowLabels.has(name) || value === '') return false;
  return operator === '=' || (operator === '=~' && /^[\w|-]+$/.test(value) && value.split('|').length <= 4);
}
