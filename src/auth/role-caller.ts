import type { Caller } from './caller.ts';
import type { Permission } from './permission.ts';
import type { Role } from './token-file.ts';

/** What a reader may do; an admin may do everything. */
const ofReaders: ReadonlySet<Permission> = new Set(['read', 'snap', 'status']);

/** A caller whose role holds in all namespaces. */
export function callerOfRole(role: Role, name: string): Caller {
  const may = (permission: Permission): boolean => role === 'admin' || ofReaders.has(permission);
  return {
    name,
    isProven: true,
    may: async (permission) => may(permission),
    scopeOf: async (permission) => (may(permission) ? 'all' : new Set()),
  };
}
