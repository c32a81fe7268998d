import type { AskedAccess } from '../kubernetes/reviews.ts';
import type { Permission } from './permission.ts';

/** The API group in which RBAC rules name what we do; there is no such API, and RBAC needs none. */
export const rbacGroup = 'profiles.flameherd.dev';

const words: Readonly<Record<Permission, Pick<AskedAccess, 'verb' | 'resource' | 'subresource'>>> = {
  read: { verb: 'get', resource: 'profiles' },
  upload: { verb: 'create', resource: 'profiles' },
  snap: { verb: 'create', resource: 'snaps' },
  snapAny: { verb: 'create', resource: 'snaps', subresource: 'any' },
  pause: { verb: 'create', resource: 'pauses' },
  reload: { verb: 'update', resource: 'configuration' },
  status: { verb: 'get', resource: 'status' },
};

/** What belongs to no namespace: a rule in one does not grant it. */
const clusterWide: ReadonlySet<Permission> = new Set(['reload', 'status']);

export function isClusterWide(permission: Permission): boolean {
  return clusterWide.has(permission);
}

/** A permission as a Role or ClusterRole grants it. */
export function askedAccess(permission: Permission, namespace: string | undefined): AskedAccess {
  return { group: rbacGroup, ...words[permission], namespace };
}
