import type { KubernetesClient } from './client.ts';
import { grantHint, type Right } from './rbac-rule.ts';
import { resources } from './resource.ts';

/** Whether one right is there. */
export interface RightReport {
  readonly right: Right;
  readonly allowed: boolean;
  /** The verbs that are missing; empty when allowed. */
  readonly missingVerbs: readonly string[];
  /** What to add, as YAML with a sentence before it; undefined when nothing is missing. */
  readonly hint: string | undefined;
}

/** What discovery asks for: in all namespaces, or in each of the given ones. None of it is a must but pods. */
export function discoveryRights(namespaces?: readonly string[]): readonly Right[] {
  const { pods, deployments, statefulsets, daemonsets, cronjobs, replicasets, jobs } = resources;
  const scopes = namespaces ?? [undefined];
  return scopes.flatMap((namespace) => [
    { resource: pods, verbs: ['list', 'watch'], namespace },
    { resource: resources.namespaces, verbs: namespace === undefined ? ['list', 'watch'] : ['get'], namespace },
    ...[deployments, statefulsets, daemonsets, cronjobs].map((resource) => ({
      resource,
      verbs: ['list', 'watch'],
      namespace,
    })),
    ...[replicasets, jobs].map((resource) => ({ resource, verbs: ['get'], namespace })),
  ]);
}

/**
 * Asks the API server, verb by verb, whether we have these rights (a SelfSubjectAccessReview each, which everybody may
 * make). Throws a `KubernetesError` when it cannot be asked.
 */
export async function reviewRights(
  client: KubernetesClient,
  rights: readonly Right[],
  signal?: AbortSignal,
): Promise<RightReport[]> {
  const reports: RightReport[] = [];
  for (const right of rights) {
    const answers = await Promise.all(right.verbs.map((verb) => reviewVerb(client, right, verb, signal)));
    const missingVerbs = right.verbs.filter((_, index) => !answers[index]);
    const allowed = missingVerbs.length === 0;
    reports.push({
      right,
      allowed,
      missingVerbs,
      hint: allowed ? undefined : grantHint({ ...right, verbs: missingVerbs }),
    });
  }
  return reports;
}

async function reviewVerb(
  client: KubernetesClient,
  { resource, subresource, namespace }: Right,
  verb: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: {
      resourceAttributes: {
        group: resource.group,
        version: resource.version,
        resource: resource.plural,
        verb,
        ...(subresource === undefined ? {} : { subresource }),
        ...(namespace === undefined ? {} : { namespace }),
      },
    },
  };
  const answer = await client.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review, { signal });
  return (answer as { status?: { allowed?: boolean } }).status?.allowed === true;
}
