import { e2eImage } from './kubectl.ts';

export interface ContainerOptions {
  readonly name?: string;
  readonly args: readonly string[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
}

export interface PodOptions {
  readonly namespace: string;
  readonly name: string;
  readonly containers: readonly ContainerOptions[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly hostNetwork?: boolean;
  /** Without the security context that the restricted Pod Security level asks for. */
  readonly unrestricted?: boolean;
}

/** A pod of the test program that obeys the restricted Pod Security level unless told otherwise. */
export function pod(options: PodOptions): object {
  const { namespace, name, containers, annotations = {}, labels = {}, hostNetwork = false } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, annotations, labels },
    spec: {
      terminationGracePeriodSeconds: 1,
      ...(hostNetwork && { hostNetwork }),
      ...(!options.unrestricted && { securityContext: restrictedPod }),
      containers: containers.map(({ name: container = 'app', args, ports = [] }) => ({
        name: container,
        image: e2eImage,
        args,
        ports,
        ...(!options.unrestricted && { securityContext: restrictedContainer }),
      })),
    },
  };
}

const restrictedPod = {
  runAsNonRoot: true,
  runAsUser: 65_532,
  seccompProfile: { type: 'RuntimeDefault' },
};

const restrictedContainer = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};
