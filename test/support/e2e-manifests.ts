import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { kubectl } from './kubectl.ts';

export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

const deploy = fileURLToPath(new URL('../../deploy', import.meta.url));

/** The objects of a file of `deploy/`, as they are shipped. */
export function shipped(file: string): Manifest[] {
  return parseAllDocuments(readFileSync(join(deploy, file), 'utf8')).map((each) => each.toJS() as Manifest);
}

/**
 * Shipped objects for a namespace of a test instead of `flameherd`, so that an installation in the same cluster is left
 * alone: that name is replaced wherever a namespace stands, and objects without one get names of their own.
 */
export function inNamespace(objects: readonly Manifest[], namespace: string): Manifest[] {
  const text = JSON.stringify(objects)
    .replaceAll('"namespace":"flameherd"', `"namespace":"${namespace}"`)
    .replaceAll(/"kind":"ClusterRole","name":"([^"]+)"/g, `"kind":"ClusterRole","name":"$1-${namespace}"`);
  return (JSON.parse(text) as Manifest[]).map((object) => {
    const { kind, metadata } = object;
    if (kind === 'Namespace') return { ...object, metadata: { ...metadata, name: namespace } };
    if (!kind.startsWith('ClusterRole')) return object;
    return { ...object, metadata: { ...metadata, name: `${metadata.name}-${namespace}` } };
  });
}

/** Takes objects without a namespace away again; those in one go with it. */
export async function removeClusterWide(objects: readonly Manifest[]): Promise<void> {
  const names = objects
    .filter(({ kind }) => kind.startsWith('ClusterRole'))
    .map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  if (names.length > 0) await kubectl('delete', '--ignore-not-found', ...names);
}

interface Kubeconfig {
  readonly clusters: readonly { readonly name: string; readonly cluster: object }[];
}

/** A kubeconfig by which one is a ServiceAccount, for an hour. */
export async function kubeconfigOf(namespace: string, serviceAccount: string): Promise<string> {
  const own = JSON.parse(await kubectl('config', 'view', '--raw', '--minify', '--flatten', '-o', 'json')) as Kubeconfig;
  const token = (await kubectl('-n', namespace, 'create', 'token', serviceAccount, '--duration=1h')).trim();
  const [cluster] = own.clusters;
  const name = randomBytes(4).toString('hex');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: cluster?.cluster }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}
