import { viewFilters } from '../../model/view.ts';
import { hrefOf, type Parameters } from '../state/href.ts';

/** Addresses of the API, from the parameters of a page: those that both have are named alike. */

const windowNames = ['from', 'to'] as const;
const viewNames = [...viewFilters, 'preset', 'granularity', 'collapse_recursion'] as const;
const mergeNames = ['query', ...windowNames, 'aggregate', ...viewNames] as const;
const diffNames = [...mergeNames, 'base_query', 'base_from', 'base_to', 'rollout', 'normalize'] as const;

/** Of these parameters those that are named, and none that is empty. */
export function pick(parameters: Parameters, names: readonly string[]): Parameters {
  return Object.fromEntries(names.flatMap((name) => (parameters[name] ? [[name, parameters[name]]] : [])));
}

/** The view of a page (filters, presets, granularity) alone. */
export function viewOf(parameters: Parameters): Parameters {
  return pick(parameters, viewNames);
}

/** `/api/v1/merge` of what a page shows; `also` says the format, and `root`, `max_nodes`, `sort` where they are wanted. */
export function mergeUrl(parameters: Parameters, also: Parameters): string {
  return hrefOf('/api/v1/merge', { ...pick(parameters, mergeNames), ...also });
}

/** `/api/v1/diff` of what a page compares; `also` as in `mergeUrl`. */
export function diffUrl(parameters: Parameters, also: Parameters): string {
  return hrefOf('/api/v1/diff', { ...pick(parameters, diffNames), ...also });
}

/** `/api/v1/query_range` of a query and its window; `also` may have `function`, `group_by`, `step`, `limit`. */
export function rangeUrl(parameters: Parameters, also: Parameters = {}): string {
  return hrefOf('/api/v1/query_range', { ...pick(parameters, ['query', ...windowNames]), ...also });
}

/** The lists of what there is in a window; `matchers` as `formatMatchers` writes them. */
export function listUrl(
  list: 'series' | 'labels' | 'profile-types' | 'profiles',
  window: Parameters,
  matchers = '',
  also: Parameters = {},
): string {
  return hrefOf(`/api/v1/${list}`, { ...pick(window, windowNames), match: withoutNone(matchers), ...also });
}

export function labelValuesUrl(name: string, window: Parameters, matchers = ''): string {
  return hrefOf(`/api/v1/label/${encodeURIComponent(name)}/values`, {
    ...pick(window, windowNames),
    match: withoutNone(matchers),
  });
}

function withoutNone(matchers: string): string {
  return matchers === '{}' ? '' : matchers;
}
