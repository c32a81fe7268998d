import type { UnixMs } from '../model/units.ts';
import type { KubernetesError } from './errors.ts';
import { grantHint } from './rbac-rule.ts';
import type { Resource } from './resource.ts';

/** What an operator should know now, and what to type. */
export interface KubernetesProblem {
  readonly what: string;
  readonly hint: string;
}

interface ProblemFacts {
  readonly error: KubernetesError;
  readonly resource: Resource;
  readonly namespace: string | undefined;
  /** How many objects are known from before; undefined when there was no whole list yet. */
  readonly records: number | undefined;
  readonly sinceMs: UnixMs | undefined;
}

/** Says why a resource is not being watched, what stands meanwhile, and what would help. */
export function describeProblem({ error, resource, namespace, records, sinceMs }: ProblemFacts): KubernetesProblem {
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  const since = sinceMs === undefined ? '' : ` since ${new Date(sinceMs).toISOString()}`;
  const standing = records === undefined ? 'none are known yet' : `the ${records} last known stay in use`;
  return {
    what: `${resource.plural}${where} cannot be watched${since}: ${error.message}; ${standing}`,
    hint: hintFor(error, resource, namespace),
  };
}

function hintFor(error: KubernetesError, resource: Resource, namespace: string | undefined): string {
  switch (error.kind) {
    case 'forbidden':
      return grantHint({ resource, verbs: ['list', 'watch'], namespace });
    case 'unauthorized':
      return 'the API server refuses the credentials: check the token or the client certificate';
    case 'not-found':
      return `this cluster does not serve ${resource.plural} of ${resource.group || 'the core group'}/${resource.version}`;
    case 'throttled':
      return 'the API server asks for patience; it is tried again by itself';
    case 'unavailable':
    case 'silent':
      return 'it is tried again every few seconds; `flameherd doctor` checks address, certificate and rights';
    default:
      return 'it is tried again by itself; if it lasts, look at the log of the API server';
  }
}
