import type { ContainerRecord, PodRecord } from '../kubernetes/records.ts';

/** Containers that other systems inject; their ports are never what an opt-in means, unless it names them. */
export const knownSidecars: ReadonlySet<string> = new Set([
  'istio-proxy',
  'istio-validation',
  'linkerd-proxy',
  'kuma-sidecar',
  'consul-dataplane',
  'envoy',
  'envoy-sidecar',
  'queue-proxy',
  'daprd',
  'cloud-sql-proxy',
  'cloudsql-proxy',
  'vault-agent',
  'otc-container',
  'jaeger-agent',
  'datadog-agent',
]);

const defaultContainerKey = 'kubectl.kubernetes.io/default-container';

/** The containers that may be meant when none is named: no init, ephemeral or known sidecar container. */
export function ownContainers(pod: PodRecord): readonly ContainerRecord[] {
  const regular = pod.containers.filter(({ role }) => role === 'container');
  const own = regular.filter(({ name }) => !knownSidecars.has(name));
  return own.length > 0 ? own : regular;
}

/** The container of a port that nobody declares: `kubectl.kubernetes.io/default-container`, else the first of its own. */
export function defaultContainer(pod: PodRecord): ContainerRecord | undefined {
  const named = pod.annotations[defaultContainerKey];
  return pod.containers.find(({ name, role }) => name === named && canBeScraped(role)) ?? ownContainers(pod)[0];
}

/** A container that an annotation names. Sidecars may be named; init and ephemeral containers may not. */
export function namedContainer(pod: PodRecord, name: string): ContainerRecord | undefined {
  return pod.containers.find((container) => container.name === name && canBeScraped(container.role));
}

/** What could have been named, for messages: `app, istio-proxy`. */
export function containerNames(pod: PodRecord): string {
  return pod.containers
    .filter(({ role }) => canBeScraped(role))
    .map(({ name }) => name)
    .join(', ');
}

function canBeScraped(role: ContainerRecord['role']): boolean {
  return role === 'container' || role === 'sidecar';
}
