import type { LabelSet } from './labels.ts';

/** What an operator has stopped: everything, a namespace, or a workload of it. An undefined part means all of them. */
export interface PauseScope {
  readonly namespace: string | undefined;
  readonly workload: string | undefined;
}

/** Why a target with these labels is not to be scraped, or undefined. */
export function pausedBecause(labels: LabelSet, scopes: readonly PauseScope[]): string | undefined {
  const scope = scopes.find(
    ({ namespace, workload }) =>
      (namespace === undefined || namespace === labels['namespace']) &&
      (workload === undefined || workload === labels['workload']),
  );
  return scope && `paused by an operator: ${describePause(scope)}`;
}

/** `everything`, `shop`, `shop/checkout`. */
export function describePause({ namespace, workload }: PauseScope): string {
  return namespace === undefined ? 'everything' : `${namespace}${workload === undefined ? '' : `/${workload}`}`;
}
