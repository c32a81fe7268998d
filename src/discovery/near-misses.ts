import type { ObjectRecord, OwnerRecord, PodRecord } from '../kubernetes/records.ts';
import type { LabelSet } from '../model/labels.ts';
import { editDistance } from '../model/near.ts';
import { annotationKeys, annotationPrefix, kindKeys, suggestKey } from './annotation-keys.ts';
import { shown } from './annotations.ts';
import type { ClusterView, WorkloadRecord } from './cluster-view.ts';

/** Near misses that are told of one subject. */
export const maxNearMisses = 10;

export interface NearMissSubject {
  readonly pod: PodRecord | undefined;
  readonly workload: WorkloadRecord;
  readonly namespace: ObjectRecord | undefined;
}

/**
 * Places where the key was probably meant to work and does not: as a label, misspelt, or on a ReplicaSet. Each object is asked
 * for once, since the caches keep only the keys that decide; where that fails, the cache must do.
 */
export async function nearMisses(subject: NearMissSubject, view: Pick<ClusterView, 'fetchObject'>): Promise<string[]> {
  const { pod, workload, namespace } = subject;
  const looked: [kind: string, record: ObjectRecord | undefined][] = [
    ['pod', pod],
    [workload.kind, workload.kind === 'Pod' ? undefined : workload.object],
    ['Namespace', namespace],
  ];
  const found = await Promise.all(
    looked.map(async ([kind, record]) => {
      if (!record) return [];
      const { annotations, labels } = (await view.fetchObject(record.namespace, referenceTo(kind, record))) ?? record;
      return [...misspelt(`${kind} ${record.name}`, annotations), ...asLabels(`${kind} ${record.name}`, labels)];
    }),
  );
  return [...found.flat(), ...(await onReplicaSet(subject, view))].slice(0, maxNearMisses);
}

function referenceTo(kind: string, { name, uid }: ObjectRecord): OwnerRecord {
  if (kind === 'pod') return { apiVersion: 'v1', kind: 'Pod', name, uid };
  if (kind === 'Namespace') return { apiVersion: 'v1', kind, name, uid };
  return { apiVersion: kind === 'CronJob' ? 'batch/v1' : 'apps/v1', kind, name, uid };
}

/** The key that an annotation's name was probably meant to be; undefined when it is right, or nothing like ours. */
export function meantKey(name: string): string | undefined {
  if (name.startsWith(annotationPrefix)) {
    const key = name.slice(annotationPrefix.length);
    const right =
      (annotationKeys as readonly string[]).includes(key) || kindKeys.some((each) => key.endsWith(`.${each}`));
    const meant = right ? undefined : suggestKey(key);
    return meant && annotationPrefix + meant;
  }
  const slash = name.indexOf('/');
  const host = (slash < 0 ? name : name.slice(0, slash)).toLowerCase();
  const [first = ''] = host.split(/[._-]/);
  if (editDistance(first, 'flameherd') > 2) return undefined;
  const key = slash < 0 ? (name.split(/[._-]/).at(-1) ?? '') : name.slice(slash + 1);
  const meant = suggestKey(key);
  return meant && annotationPrefix + meant;
}

function misspelt(object: string, annotations: LabelSet): string[] {
  return Object.entries(annotations).flatMap(([name, value]) => {
    const meant = meantKey(name);
    return meant === undefined
      ? []
      : [`annotation ${shown(name)}="${shown(value)}" on ${object}: did you mean ${meant}?`];
  });
}

function asLabels(object: string, labels: LabelSet): string[] {
  return Object.entries(labels).flatMap(([name, value]) => {
    const meant = name.startsWith(annotationPrefix) ? name : meantKey(name);
    if (meant === undefined) return [];
    return [
      `${shown(name)}="${shown(value)}" is a label of ${object}; it counts as an annotation only (${shown(meant)})`,
    ];
  });
}

async function onReplicaSet(
  { pod, workload }: NearMissSubject,
  view: Pick<ClusterView, 'fetchObject'>,
): Promise<string[]> {
  if (pod?.owner?.kind !== 'ReplicaSet' || workload.kind === 'ReplicaSet') return [];
  const { name } = pod.owner;
  const replicaSet = await view.fetchObject(pod.namespace, pod.owner);
  const keys = Object.keys(replicaSet?.annotations ?? {}).filter(
    (key) => key.startsWith(annotationPrefix) && workload.object?.annotations[key] === undefined,
  );
  return keys.map(
    (key) =>
      `${shown(key)} is on ReplicaSet ${name}, which is a copy and never read: annotate ${workload.kind} ${workload.name}`,
  );
}
