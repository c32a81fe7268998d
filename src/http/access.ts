import type { FastifyRequest } from 'fastify';
import { type Authenticator, anybody, type Caller, type Credentials, type NamespaceScope } from '../auth/caller.ts';
import type { Permission } from '../auth/permission.ts';
import { FlameherdError } from '../model/errors.ts';
import { isLoopbackHost } from './request-origin.ts';

/** Who may call a route. `local` is who may see the status, or whoever connects from this machine: the daemon scrapes itself. */
export type RouteAccess = Permission | 'anyone' | 'local';

/** Who calls, and the namespaces of which it may see anything. */
export interface Admitted {
  readonly caller: Caller;
  readonly scope: NamespaceScope;
}

/** Lets a request in or throws `unauthorized`, `forbidden` or `auth_unavailable`. */
export type AccessCheck = (request: FastifyRequest) => Promise<Admitted>;

const asAnybody: Admitted = { caller: anybody, scope: 'all' };
const asNobody: Admitted = { caller: anybody, scope: new Set() };

/**
 * Each route names what it needs in its config. What changes something in a namespace is asked for in the one that the URL names;
 * without one it needs the right everywhere. Without an authenticator everybody may do everything.
 */
export function accessCheck(authenticator: Authenticator | undefined): AccessCheck {
  return async (request) => {
    if (!authenticator) return asAnybody;
    const needed = request.routeOptions.config?.access ?? 'read';
    if (needed === 'anyone') return asNobody;
    if (needed === 'local' && isLocal(request)) return asNobody;
    const caller = await authenticator.identify(credentialsOf(request));
    if (needed === 'read') return { caller, scope: await readScope(caller) };
    await require(caller, needed === 'local' ? 'status' : needed, namespaceOf(request));
    return { caller, scope: await caller.scopeOf('read') };
  };
}

async function readScope(caller: Caller): Promise<NamespaceScope> {
  const scope = await caller.scopeOf('read');
  if (scope === 'all' || scope.size > 0) return scope;
  throw refused(caller, 'read', undefined);
}

async function require(caller: Caller, permission: Permission, namespace: string | undefined): Promise<void> {
  if (!(await caller.may(permission, namespace))) throw refused(caller, permission, namespace);
}

function refused({ name }: Caller, permission: Permission, namespace: string | undefined): FlameherdError {
  const where = namespace === undefined ? '' : ` in the namespace ${namespace}`;
  return new FlameherdError('forbidden', `${name ?? 'the caller'} may not ${permission}${where}`, {
    hint: 'docs/AUTH.md tells which right that takes; what is in one namespace is asked for with namespace=NAME in the URL',
  });
}

function namespaceOf({ query }: FastifyRequest): string | undefined {
  const { namespace } = query as Readonly<Record<string, unknown>>;
  return typeof namespace === 'string' && namespace !== '' ? namespace : undefined;
}

function credentialsOf({ headers }: FastifyRequest): Credentials {
  return {
    token: presentedToken(headers.authorization),
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
  };
}

/** From this machine, and not passed on by a proxy on it. */
function isLocal({ socket, headers }: FastifyRequest): boolean {
  const peer = socket.remoteAddress?.replace(/^::ffff:/, '');
  if (peer === undefined || headers.forwarded !== undefined || headers['x-forwarded-for'] !== undefined) return false;
  return isLoopbackHost(peer) || socket.remoteAddress === socket.localAddress;
}

/** The token of `Bearer TOKEN`, or the password of `Basic`: `go tool pprof` knows only the latter. */
export function presentedToken(authorization: string | undefined): string | undefined {
  const [, scheme = '', credentials = ''] = /^(\S+) +(\S+)\s*$/.exec(authorization ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return credentials;
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : text.slice(colon + 1);
}
