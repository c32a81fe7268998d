import { formatProfileType, profileTypeAliases } from '../../model/profile-type.ts';
import { type Matcher, requiredValue } from '../../model/selector.ts';
import type { TimeWindow } from '../../model/units.ts';
import type { DiffMeta } from '../api/answers.ts';
import { revisionOf, type Side, selectorOf } from './comparison.ts';

/** `checkout cpu`: what is compared, without what tells the sides apart. */
export function subjectOf(query: string): string {
  const selector = selectorOf(query);
  if (!selector) return query;
  const full = formatProfileType(selector.type);
  const type = Object.entries(profileTypeAliases).find(([, name]) => name === full)?.[0] ?? selector.type.sampleType;
  const workload = requiredValue(selector, 'workload') || requiredValue(selector, 'service_name');
  return workload ? `${workload} ${type}` : type;
}

/** What tells the sides apart: their revisions, else their matchers, else their windows as `windowText` writes them. */
export function sideNames(
  { compare, base }: { readonly compare: Side; readonly base: Side },
  { rollout }: Pick<DiffMeta, 'rollout'>,
  windowText: (window: TimeWindow) => string,
): { readonly compare: string; readonly base: string } {
  if (rollout) return { compare: rollout.compare.revision, base: rollout.base.revision };
  const [own, other] = [revisionOf(compare.query), revisionOf(base.query)];
  if (own && other && own !== other) return { compare: own, base: other };
  const [mine, theirs] = [matchersOf(compare.query), matchersOf(base.query)];
  const [young, old] = [differing(mine, theirs), differing(theirs, mine)];
  if (young !== old) return { compare: young, base: old };
  return { compare: windowText(compare.window), base: windowText(base.window) };
}

function matchersOf(query: string): readonly Matcher[] {
  return selectorOf(query)?.matchers ?? [];
}

/** The matchers that only the first have, `all` where there is none. */
function differing(matchers: readonly Matcher[], others: readonly Matcher[]): string {
  const known = new Set(others.map(matcherText));
  const own = matchers.map(matcherText).filter((text) => !known.has(text));
  return own.length === 0 ? 'all' : own.join(', ');
}

function matcherText({ name, operator, value }: Matcher): string {
  return name + operator + JSON.stringify(value);
}
