import { requiredValue } from '../../model/selector.ts';
import { selectorOf } from '../selection/query.ts';
import { hrefOf } from '../state/href.ts';

/** Asks for the roll-outs of the one workload that a query selects; undefined where it selects none or several. */
export function rolloutsUrl(query: string): string | undefined {
  const selector = selectorOf(query);
  const [namespace, workload, kind] = ['namespace', 'workload', 'workload_kind'].map((label) =>
    selector ? requiredValue(selector, label) : undefined,
  );
  if (!namespace || !workload) return undefined;
  return hrefOf('/api/v1/rollouts', { namespace, workload, workload_kind: kind });
}
