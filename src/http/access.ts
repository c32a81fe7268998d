import type { FastifyRequest } from 'fastify';
import { FlameherdError } from '../model/errors.ts';
import type { Role } from './context.ts';
import { isLoopbackHost } from './request-origin.ts';
import type { TokenFile } from './token-file.ts';

/**
 * Decides what a request may do; throws `unauthorized` or `forbidden`. Gives the role that a token has proved, if one was
 * asked for.
 */
export type AccessCheck = (request: FastifyRequest) => Promise<Role | undefined>;

/** Without tokens whoever reaches the listener may call every route, and has proved nothing: it listens on loopback unless configured otherwise. */
export const everyoneIsAdmin: AccessCheck = () => Promise.resolve(undefined);

/** Each route names the role it needs in its config. */
export function tokenAccess(tokens: TokenFile): AccessCheck {
  return async (request) => {
    const needed = request.routeOptions.config?.role ?? 'read';
    if (needed === 'anyone' || (needed === 'local' && isLocal(request))) return undefined;
    const token = presentedToken(request.headers.authorization);
    const role = token === undefined ? undefined : await tokens.roleOf(token);
    if (role === undefined) {
      throw new FlameherdError('unauthorized', token === undefined ? 'a token is needed' : 'the token is not known', {
        hint: 'send Authorization: Bearer TOKEN, or http://flameherd:TOKEN@HOST/… where only that is possible (go tool pprof)',
      });
    }
    if (needed === 'admin' && role !== 'admin') {
      throw new FlameherdError('forbidden', `this needs the role ${needed}; the token has the role ${role}`, {
        hint: 'use a token whose line in auth.tokenFile begins with admin:',
      });
    }
    return role;
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
