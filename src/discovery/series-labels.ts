import type { ContainerRecord, PodRecord } from '../kubernetes/records.ts';
import type { LabelSet } from '../model/labels.ts';
import { type Annotations, named } from './annotations.ts';
import type { WorkloadRecord } from './cluster-view.ts';
import type { Checked } from './path.ts';
import { imageTag, revisionOf } from './revision.ts';
import type { DiscoveryRules } from './rules.ts';

/** A longer service name is refused. */
export const maxServiceLength = 128;

export interface LabelledSource {
  readonly pod: PodRecord;
  readonly workload: WorkloadRecord;
  readonly container: ContainerRecord;
  readonly service: string;
  /** Undefined unless the pod has several ports. */
  readonly port: string | undefined;
}

/** The labels of a source's series. Values come from the API object; labels of the configuration never hide one of these. */
export function seriesLabels(source: LabelledSource, { podLabels, externalLabels }: DiscoveryRules): LabelSet {
  const { pod, workload, container, service, port } = source;
  const own = {
    namespace: pod.namespace,
    workload: workload.name,
    workload_kind: workload.kind,
    container: container.name,
    service_name: service,
    pod: pod.name,
    revision: revisionOf(pod, container),
    node: pod.node,
    image: imageTag(container.image),
    version: pod.labels['app.kubernetes.io/version'] ?? '',
    ...(port === undefined ? {} : { port }),
  };
  const named = Object.fromEntries(podLabels.map((name) => [name, pod.labels[name] ?? '']));
  const all = { ...externalLabels, ...named, ...own };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

/** `service` > `resource.opentelemetry.io/service.name` > `app.kubernetes.io/name` > workload > container. */
export function serviceName(
  annotations: Annotations,
  { pod, workload, container }: Omit<LabelledSource, 'service' | 'port'>,
): Checked<string> {
  const fallback =
    pod.annotations['resource.opentelemetry.io/service.name']?.trim() ||
    pod.labels['app.kubernetes.io/name'] ||
    workload.name ||
    container.name;
  const asked = annotations.get('service');
  if (!asked) return { value: fallback, warning: undefined };
  const value = asked.value.trim();
  if (value !== '' && value.length <= maxServiceLength && !/\p{Cc}/u.test(value)) return { value, warning: undefined };
  const allowed = `no name of 1 to ${maxServiceLength} printable characters`;
  return { value: fallback, warning: `${named(asked)} is ${allowed}: used ${fallback}` };
}
