import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { goldenFolder, root } from './chart.ts';

/** An object of Kubernetes, as far as tests of the chart look into it. */
export interface ChartObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly rules?: readonly Rule[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly name: string; readonly namespace: string }[];
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: Spec;
}

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

interface Spec {
  readonly clusterIP?: string;
  readonly type?: string;
  readonly ports?: readonly { readonly name: string; readonly port: number; readonly targetPort: string }[];
  readonly replicas?: number;
  readonly serviceName?: string;
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly template?: {
    readonly metadata: { readonly labels: Readonly<Record<string, string>> };
    readonly spec: PodSpec;
  };
  readonly volumeClaimTemplates?: readonly unknown[];
}

export interface PodSpec {
  readonly serviceAccountName: string;
  readonly enableServiceLinks: boolean;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly Container[];
  readonly volumes: readonly { readonly name: string; readonly [source: string]: unknown }[];
}

interface Container {
  readonly name: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string }[];
}

export function objectsIn(text: string): ChartObject[] {
  return parseAllDocuments(text).map((document) => {
    const [error] = document.errors;
    if (error) throw error;
    return document.toJS() as ChartObject;
  });
}

/** What the chart gives for a set of values of `test/deploy/values`. */
export function goldenObjects(name: string): ChartObject[] {
  return objectsIn(readFileSync(join(goldenFolder, `${name}.yaml`), 'utf8'));
}

/** The objects of a file below `deploy/`. */
export function plainObjects(path: string): ChartObject[] {
  return objectsIn(readFileSync(join(root, 'deploy', path), 'utf8'));
}

export const isRole = ({ kind }: ChartObject): boolean => kind === 'Role' || kind === 'ClusterRole';
export const isClusterWide = ({ kind }: ChartObject): boolean => kind.startsWith('ClusterRole') || kind === 'Namespace';
