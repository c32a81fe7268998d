import { type ClusterLists, type KubeItem, nameOf } from './doctor-lists.ts';
import type { Finding } from './finding.ts';

const what = 'volume';
const defaultClass = 'storageclass.kubernetes.io/is-default-class';

interface ClaimSpec {
  readonly storageClassName?: string;
  readonly volumeName?: string;
}

/** Claims that wait for a volume, each with why and what to do. */
export async function claimFindings(claims: readonly KubeItem[], lists: ClusterLists): Promise<Finding[]> {
  const pending = claims.filter(({ status }) => status?.['phase'] === 'Pending');
  const bound = claims.filter(({ status }) => status?.['phase'] === 'Bound');
  const lost = claims.filter(({ status }) => status?.['phase'] === 'Lost');
  const classes = pending.length > 0 ? await lists.list('/apis/storage.k8s.io/v1/storageclasses') : [];
  return [
    ...bound.map((claim): Finding => ({ what, verdict: 'good', detail: `claim ${nameOf(claim)} is bound` })),
    ...lost.map((claim): Finding => {
      const hint = 'its PersistentVolume is gone: restore a backup into a new claim (docs/OPERATIONS.md)';
      return { what, verdict: 'bad', detail: `claim ${nameOf(claim)} has lost its volume`, hint };
    }),
    ...pending.map((claim) => pendingFinding(claim, classes)),
  ];
}

function pendingFinding(claim: KubeItem, classes: readonly KubeItem[] | undefined): Finding {
  const { storageClassName, volumeName } = (claim.spec ?? {}) as ClaimSpec;
  const bad = (why: string, hint: string): Finding => ({
    what,
    verdict: 'bad',
    detail: `claim ${nameOf(claim)} is Pending: ${why}`,
    hint,
  });
  const choose =
    'set persistence.storageClass to a class of `kubectl get storageclass` (a claim cannot be changed: delete the StatefulSet and the claim first), make a PersistentVolume for it, or set persistence.enabled=false for a store that goes with the pod';
  if (volumeName)
    return bad(`it wants the volume ${volumeName}`, `is there such a PersistentVolume, and is it Available?`);
  if (storageClassName === '')
    return bad(
      'it wants a volume made by hand',
      'make a PersistentVolume of its size and access mode without a storageClassName',
    );
  const names = classes?.map(({ metadata }) => metadata?.name ?? '') ?? [];
  if (storageClassName === undefined) {
    const isDefault = ({ metadata }: KubeItem): boolean => metadata?.annotations?.[defaultClass] === 'true';
    const known = classes === undefined || classes.some(isDefault);
    if (known) return bad('it has no storage class yet', choose);
    const there = names.length === 0 ? 'there is none at all' : `there are ${names.join(', ')}`;
    return bad(`it names no storage class and none is the default; ${there}`, choose);
  }
  const found = classes?.find(({ metadata }) => metadata?.name === storageClassName);
  if (classes && !found) return bad(`there is no storage class ${storageClassName}`, choose);
  if ((found as { volumeBindingMode?: string } | undefined)?.volumeBindingMode === 'WaitForFirstConsumer') {
    const hint = 'it is bound when its pod is scheduled: look at the pod, and at kubectl describe of the claim';
    return { what, verdict: 'note', detail: `claim ${nameOf(claim)} waits for its pod`, hint };
  }
  const hint = `the provisioner of ${storageClassName} says why: kubectl -n ${claim.metadata?.namespace ?? ''} describe pvc ${claim.metadata?.name ?? ''}`;
  return bad('nothing has made its volume', hint);
}
