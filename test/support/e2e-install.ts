import { inNamespace, type Manifest, shipped } from './e2e-manifests.ts';

/** Where `/data` is: gone with the pod, or the claim that is shipped. */
export type Storage = 'emptyDir' | 'claim';

interface StatefulSetSpec {
  readonly volumeClaimTemplates?: unknown;
  readonly template: {
    readonly spec: { readonly containers: readonly object[]; readonly volumes: readonly object[] };
  };
}

/** The plain YAML as it is shipped, but for the namespace, the names of cluster-wide roles, the image and, if asked for, the volume. */
export function plainInstallation(namespace: string, image: string, storage: Storage): Manifest[] {
  return inNamespace(shipped('flameherd.yaml'), namespace).map((object) =>
    object.kind === 'StatefulSet' ? withImage(object, image, storage) : object,
  );
}

function withImage(object: Manifest, image: string, storage: Storage): Manifest {
  const { volumeClaimTemplates, ...spec } = object['spec'] as StatefulSetSpec;
  const pod = spec.template.spec;
  const volumes = storage === 'claim' ? pod.volumes : [...pod.volumes, { name: 'data', emptyDir: {} }];
  const containers = pod.containers.map((container) => ({ ...container, image }));
  const template = { ...spec.template, spec: { ...pod, containers, volumes } };
  return { ...object, spec: { ...spec, ...(storage === 'claim' && { volumeClaimTemplates }), template } };
}

/** A volume of the one node for the claim of the first pod, as somebody makes it who has no provisioner. */
export function localVolume(name: string, namespace: string, node: string, path: string): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '30Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      claimRef: { namespace, name: 'data-flameherd-0' },
      local: { path },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] },
          ],
        },
      },
    },
  };
}
