import { FlameherdError } from '../model/errors.ts';
import type { Authenticator, Caller } from './caller.ts';
import type { Permission } from './permission.ts';
import type { Role, Token, TokenFile } from './token-file.ts';

/** What a reader may do; an admin may do everything. */
const ofReaders: ReadonlySet<Permission> = new Set(['read', 'snap', 'status']);

/** `auth.mode: token`: each token has a role, which holds in all namespaces. */
export function tokenCallers(tokens: Pick<TokenFile, 'find'>): Authenticator {
  return {
    async identify({ token }) {
      const known = token === undefined ? undefined : await tokens.find(token);
      if (known) return callerOf(known);
      throw new FlameherdError('unauthorized', token === undefined ? 'a token is needed' : 'the token is not known', {
        hint: 'send Authorization: Bearer TOKEN, or http://flameherd:TOKEN@HOST/… where only that is possible (go tool pprof)',
      });
    },
  };
}

function callerOf({ role, name }: Pick<Token, 'role' | 'name'>): Caller {
  const may = (permission: Permission): boolean => mayRole(role, permission);
  return {
    name: name === '' ? `a token with the role ${role}` : name,
    isProven: true,
    may: async (permission) => may(permission),
    scopeOf: async (permission) => (may(permission) ? 'all' : new Set()),
  };
}

function mayRole(role: Role, permission: Permission): boolean {
  return role === 'admin' || ofReaders.has(permission);
}
