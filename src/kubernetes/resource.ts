/** A kind of object as the API serves it. */
export interface Resource {
  /** "" for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
}

export const resources = {
  pods: { group: '', version: 'v1', plural: 'pods', kind: 'Pod' },
  namespaces: { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace' },
  services: { group: '', version: 'v1', plural: 'services', kind: 'Service' },
  deployments: { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment' },
  statefulsets: { group: 'apps', version: 'v1', plural: 'statefulsets', kind: 'StatefulSet' },
  daemonsets: { group: 'apps', version: 'v1', plural: 'daemonsets', kind: 'DaemonSet' },
  replicasets: { group: 'apps', version: 'v1', plural: 'replicasets', kind: 'ReplicaSet' },
  cronjobs: { group: 'batch', version: 'v1', plural: 'cronjobs', kind: 'CronJob' },
  endpointslices: { group: 'discovery.k8s.io', version: 'v1', plural: 'endpointslices', kind: 'EndpointSlice' },
  events: { group: 'events.k8s.io', version: 'v1', plural: 'events', kind: 'Event' },
  leases: { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease' },
  jobs: { group: 'batch', version: 'v1', plural: 'jobs', kind: 'Job' },
  tokenreviews: { group: 'authentication.k8s.io', version: 'v1', plural: 'tokenreviews', kind: 'TokenReview' },
  subjectaccessreviews: {
    group: 'authorization.k8s.io',
    version: 'v1',
    plural: 'subjectaccessreviews',
    kind: 'SubjectAccessReview',
  },
} as const satisfies Record<string, Resource>;

/** Ask for this to get names, labels, annotations and owners only, at a tenth of the bytes. */
export const metadataListType = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
export const metadataType = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';

/** `/apis/apps/v1/namespaces/shop/deployments`, with `/name` when one object is meant. */
export function resourcePath(resource: Resource, namespace?: string, name?: string): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = namespace === undefined || namespace === '' ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const last = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${root}${scope}/${resource.plural}${last}`;
}

/** The resource of a kind, whatever its version; undefined for kinds that we have no business with. */
export function resourceOfKind(kind: string): Resource | undefined {
  return Object.values(resources).find((resource) => resource.kind === kind);
}

/** Whether an owner reference's `apiVersion` and `kind` mean this resource, and not a custom kind of the same name. */
export function isOfResource(resource: Resource, apiVersion: string): boolean {
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  return group === resource.group;
}
