import { FlameherdError } from '../../model/errors.ts';
import { formatProfileType, type ProfileType, profileTypeAliases } from '../../model/profile-type.ts';
import { formatMatchers, type Matcher, readSelector, requiredValue, type Selector } from '../../model/selector.ts';

/** A query as people read and change it: `cpu{namespace="shop",workload="checkout"}`. */

/** What is wrong with a query, in the server's words, which are the same ones. */
export interface QueryFault {
  readonly message: string;
  readonly hint: string | undefined;
}

export function readQuery(text: string): Selector | QueryFault {
  try {
    return readSelector(text);
  } catch (error) {
    if (error instanceof FlameherdError) return { message: error.message, hint: error.hint };
    throw error;
  }
}

export function isFault(read: Selector | QueryFault): read is QueryFault {
  return 'message' in read;
}

/** The selector of a query; undefined where it has faults. */
export function selectorOf(text: string | undefined): Selector | undefined {
  const read = text === undefined ? undefined : readQuery(text);
  return read && !isFault(read) ? read : undefined;
}

/** With the alias of its type where there is one, as people type it. */
export function writeQuery({ type, matchers }: Selector): string {
  return typeText(type) + (matchers.length === 0 ? '' : formatMatchers(matchers));
}

export function typeText(type: ProfileType): string {
  return aliasOf(type) ?? formatProfileType(type);
}

export function aliasOf(type: ProfileType): string | undefined {
  const full = formatProfileType(type);
  return Object.keys(profileTypeAliases).find((alias) => profileTypeAliases[alias] === full);
}

/** The labels that name a service; changing the service changes these. */
export const serviceLabels: readonly string[] = ['namespace', 'workload_kind', 'workload', 'service_name'];

/** The one service that a selection is of, as `requiredValue` finds its parts. */
export function serviceOf(selector: Selector): { namespace: string | undefined; workload: string | undefined } {
  const workload = requiredValue(selector, 'workload') ?? requiredValue(selector, 'service_name');
  return { namespace: requiredValue(selector, 'namespace'), workload };
}

/** What else is selected by: what the chips show. */
export function otherMatchers({ matchers }: Selector): Matcher[] {
  return matchers.filter(({ name, operator }) => !(operator === '=' && serviceLabels.includes(name)));
}

/** The same selection with one condition in the place of another, or beside the others, or gone. */
export function exchange(selector: Selector, before: Matcher | undefined, after: Matcher | undefined): Selector {
  const kept = selector.matchers.flatMap((matcher) => (matcher !== before ? [matcher] : after ? [after] : []));
  return { ...selector, matchers: before === undefined && after ? [...kept, after] : kept };
}
