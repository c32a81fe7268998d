import type { KubeMetadata, KubeObject, KubeOwner } from './kubernetes-object-store.ts';

type Extra = Partial<KubeMetadata>;

interface PodShape extends Extra {
  readonly ip?: string;
  readonly phase?: string;
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[];
  readonly containerId?: string;
  readonly startedAt?: string;
  readonly image?: string;
  /** 64 hex digits. */
  readonly imageDigest?: string;
}

/** A running pod with one container `app`, as the API server would tell it. */
export function podObject(namespace: string, name: string, shape: PodShape = {}): KubeObject {
  const { ip = '10.1.2.3', phase = 'Running', ports = [{ name: 'pprof', containerPort: 6060 }], ...rest } = shape;
  const {
    containerId = `containerd://${name}`,
    startedAt = '2026-11-20T10:00:04Z',
    image = 'shop/app:1.0',
    imageDigest = 'ab'.repeat(32),
    ...metadata
  } = rest;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, creationTimestamp: '2026-11-20T10:00:00Z', ...metadata },
    spec: {
      nodeName: 'node-1',
      serviceAccountName: 'default',
      containers: [{ name: 'app', image, ports, env: [{ name: 'SECRET', value: 'not kept' }] }],
    },
    status: {
      phase,
      podIP: ip,
      podIPs: [{ ip }],
      containerStatuses: [
        {
          name: 'app',
          image,
          imageID: `registry.example.com/shop/app@sha256:${imageDigest}`,
          containerID: containerId,
          state: { running: { startedAt } },
        },
      ],
    },
  };
}

export function namespaceObject(name: string, metadata: Extra = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...metadata } };
}

/** A Deployment, ReplicaSet, StatefulSet, DaemonSet, CronJob or Job. */
export function workloadObject(kind: string, namespace: string, name: string, metadata: Extra = {}): KubeObject {
  const apiVersion = kind.endsWith('Job') ? 'batch/v1' : 'apps/v1';
  return { apiVersion, kind, metadata: { name, namespace, generation: 1, ...metadata }, spec: { replicas: 1 } };
}

/** The reference with which the API server says that `object` controls another one. */
export function ownedBy(object: KubeObject): readonly KubeOwner[] {
  const { apiVersion, kind, metadata } = object;
  return [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true }];
}
