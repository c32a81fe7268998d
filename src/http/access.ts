import type { FastifyRequest } from 'fastify';
import { type Authenticator, anybody, type Caller, type Credentials, type NamespaceScope } from '../auth/caller.ts';
import type { Permission } from '../auth/permission.ts';
import type { Sessions } from '../auth/session.ts';
import { FlameherdError } from '../model/errors.ts';
import { isLoopbackHost } from '../model/loopback.ts';
import { addressKey, type CallerLimits } from './rate-limits.ts';
import { checkOwnPage } from './request-origin.ts';
import { cameByHttps, sessionIdIn } from './session-cookie.ts';

/**
 * Who may call a route. `known` is who has said who it is, whatever it may do. `local` is who may see the status, or whoever connects
 * from this machine: the daemon scrapes itself.
 */
export type RouteAccess = Permission | 'anyone' | 'known' | 'local';

/** Who calls, and the namespaces of which it may see anything. */
export interface Admitted {
  readonly caller: Caller;
  readonly scope: NamespaceScope;
  /** Of the session by which it came in; undefined where it sent a token, or nothing. */
  readonly sessionId?: string | undefined;
}

/** What beside the authenticator knows of callers. */
export interface AccessOptions {
  /** Who has logged in; absent where there is no login page. */
  readonly sessions?: Sessions | undefined;
  readonly externalUrl?: string | undefined;
  readonly limits?: CallerLimits | undefined;
}

/** Lets a request in or throws `unauthorized`, `forbidden` or `auth_unavailable`. */
export type AccessCheck = (request: FastifyRequest) => Promise<Admitted>;

const asAnybody: Admitted = { caller: anybody, scope: 'all' };
const asNobody: Admitted = { caller: anybody, scope: new Set() };

/**
 * Each route names what it needs in its config. What changes something in a namespace is asked for in the one that the URL names;
 * without one it needs the right everywhere. Without an authenticator everybody may do everything.
 */
export function accessCheck(authenticator: Authenticator | undefined, options: AccessOptions = {}): AccessCheck {
  return async (request) => {
    if (!authenticator) return asAnybody;
    const needed = request.routeOptions.config?.access ?? 'read';
    if (needed === 'anyone') return asNobody;
    if (needed === 'local' && isLocal(request)) return asNobody;
    const { caller, sessionId } = await identify(authenticator, options, request);
    // Who is refused is known, too: for bounds, and for the page that tells it.
    Object.assign(request, { caller, sessionId });
    if (needed === 'known') return { caller, sessionId, scope: await caller.scopeOf('read') };
    if (needed === 'read') return { caller, sessionId, scope: await readScope(caller, namespaceOf(request)) };
    await require(caller, needed === 'local' ? 'status' : needed, namespaceOf(request));
    return { caller, sessionId, scope: await caller.scopeOf('read') };
  };
}

/**
 * Who sends a request: by a token that it shows, else by the session of its cookie. A session whose token is refused is over. Throws
 * as `Authenticator.identify`, `cross_site` where a cookie may not be what its owner meant to send, and `rate_limited`.
 */
export async function identify(
  authenticator: Authenticator,
  { sessions, externalUrl, limits }: AccessOptions,
  request: FastifyRequest,
): Promise<{ readonly caller: Caller; readonly sessionId: string | undefined }> {
  const { headers, method, ip } = request;
  const shown = presentedToken(headers.authorization);
  if (shown !== undefined || !sessions) {
    const caller = await identifyToken(authenticator, { limits, ip }, credentialsOf(request, shown));
    return { caller, sessionId: undefined };
  }
  const sessionId = sessionIdIn(headers.cookie, cameByHttps(request.raw, externalUrl));
  const token = sessionId === undefined ? undefined : sessions.tokenOf(sessionId);
  if (sessionId !== undefined && token === undefined)
    throw new FlameherdError('unauthorized', 'the session is over', { hint: 'log in again at /login' });
  if (token !== undefined && method !== 'GET' && method !== 'HEAD') checkOwnPage(headers, externalUrl);
  try {
    const caller = await authenticator.identify(credentialsOf(request, token));
    return { caller, sessionId };
  } catch (error) {
    if (sessionId !== undefined && isUnauthorized(error)) sessions.end(sessionId);
    throw error;
  }
}

/** Who shows a token, or none. An address that sent too many wrong ones is not asked of whoever knows them. */
export async function identifyToken(
  authenticator: Authenticator,
  { limits, ip }: { readonly limits: CallerLimits | undefined; readonly ip: string },
  credentials: Credentials,
): Promise<Caller> {
  const { token } = credentials;
  if (!limits || token === undefined || authenticator.ignoresTokens) return await authenticator.identify(credentials);
  const address = addressKey(ip);
  limits.checkFailures(address, token);
  try {
    const caller = await authenticator.identify(credentials);
    limits.wasGood(token);
    return caller;
  } catch (error) {
    if (isUnauthorized(error)) limits.wasWrong(address, token);
    throw error;
  }
}

export function isUnauthorized(error: unknown): boolean {
  return error instanceof FlameherdError && error.code === 'unauthorized';
}

/** A namespace of which nothing is known yet may be read, too, when it is asked for by its name. */
async function readScope(caller: Caller, namespace: string | undefined): Promise<NamespaceScope> {
  const scope = await caller.scopeOf('read');
  if (scope === 'all' || scope.size > 0) return scope;
  if (namespace === undefined) throw mayReadNothing(caller);
  await require(caller, 'read', namespace);
  return new Set([namespace]);
}

async function require(caller: Caller, permission: Permission, namespace: string | undefined): Promise<void> {
  if (!(await caller.may(permission, namespace))) throw refused(caller, permission, namespace);
}

function mayReadNothing({ name }: Caller): FlameherdError {
  return new FlameherdError(
    'forbidden',
    `${name ?? 'the caller'} may read in no namespace of which anything is known`,
    {
      hint: 'with auth.mode kubernetes ask for the right to get profiles (profiles.flameherd.dev) in your namespace; docs/AUTH.md has the Role, and /api/v1/whoami tells what is allowed',
    },
  );
}

/** What somebody may not do, in words; what belongs to the whole daemon is in no namespace. */
const deeds: Readonly<Record<Permission, string>> = {
  read: 'read',
  upload: 'upload',
  snap: 'snap',
  snapAny: 'snap pods that are not opted in',
  pause: 'pause and resume',
  reload: 'reload the configuration',
  status: 'see the status of the daemon',
};
const ofTheWhole: ReadonlySet<Permission> = new Set(['reload', 'status']);

function refused({ name }: Caller, permission: Permission, namespace: string | undefined): FlameherdError {
  const isWhole = ofTheWhole.has(permission);
  const where = isWhole ? '' : ` in ${namespace === undefined ? 'all namespaces' : `the namespace ${namespace}`}`;
  const advice = isWhole || namespace !== undefined ? '' : '; for one namespace put namespace=NAME into the URL';
  return new FlameherdError('forbidden', `${name ?? 'the caller'} may not ${deeds[permission]}${where}`, {
    hint: `docs/AUTH.md tells which right that takes${advice}`,
  });
}

function namespaceOf({ query }: FastifyRequest): string | undefined {
  const { namespace } = query as Readonly<Record<string, unknown>>;
  return typeof namespace === 'string' && namespace !== '' ? namespace : undefined;
}

export function credentialsOf({ raw }: Pick<FastifyRequest, 'raw'>, token: string | undefined): Credentials {
  return { token, header: (name) => onlyHeader(raw.rawHeaders, name) };
}

/** Node joins headers of one name: whoever sends one more than the proxy sets would add to what it says. */
function onlyHeader(rawHeaders: readonly string[], name: string): string | undefined {
  const values = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
  return values.length === 1 ? values[0] : undefined;
}

/** What proxies add, a side-car of a mesh or one that names the user too; not every one of them says `X-Forwarded-For`. */
const ofProxies = /^(forwarded|via|x-real-ip|x-forwarded-.+|x-envoy-.+)$/;

/** From this machine, and not passed on by a proxy on it. */
export function isLocal({ socket, headers }: Pick<FastifyRequest, 'socket' | 'headers'>): boolean {
  const peer = socket.remoteAddress?.replace(/^::ffff:/, '');
  if (peer === undefined || Object.keys(headers).some((name) => ofProxies.test(name))) return false;
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
