import type { Workload } from '../model/growth.ts';
import type { WorkloadFilter } from './contract.ts';

export function isChosen(workload: Workload, filter: WorkloadFilter): boolean {
  if (filter.namespaces && !filter.namespaces.has(workload.namespace)) return false;
  const parts = ['namespace', 'workloadKind', 'workload', 'container'] as const;
  return parts.every((part) => filter[part] === undefined || filter[part] === workload[part]);
}
