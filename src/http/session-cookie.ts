import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { DurationMs } from '../model/units.ts';
import { second } from '../model/units.ts';
import { hostName } from './request-origin.ts';

/** What of a request says whether its browser came by https. */
export interface Came {
  readonly socket: Pick<Socket, never> & { readonly encrypted?: boolean };
  readonly headers: Pick<IncomingHttpHeaders, 'host'>;
}

/** By https: to our own TLS, or to that of a proxy in front, which is what the external URL names. */
export function cameByHttps({ socket, headers }: Came, externalUrl: string | undefined): boolean {
  if (socket.encrypted === true) return true;
  if (externalUrl === undefined || !externalUrl.toLowerCase().startsWith('https:')) return false;
  return hostName(headers.host ?? '') === hostName(new URL(externalUrl).host);
}

/** By https nobody else can set it: browsers take `__Host-` from this very host only, and only by https. */
function cookieName(isHttps: boolean): string {
  return isHttps ? '__Host-flameherd' : 'flameherd';
}

/** The id of a session that a request names; undefined when it names none. */
export function sessionIdIn(cookie: string | undefined, isHttps: boolean): string | undefined {
  const name = cookieName(isHttps);
  for (const pair of (cookie ?? '').split(';')) {
    const [key, value = ''] = pair.trim().split('=', 2);
    if (key === name && /^[\w-]{43}$/.test(value)) return value;
  }
  return undefined;
}

/** `Set-Cookie` of a session; with an empty id it takes the cookie away. */
export function sessionCookie(id: string, isHttps: boolean, maxLifeMs: DurationMs): string {
  const maxAge = id === '' ? 0 : Math.floor(maxLifeMs / second);
  const secure = isHttps ? '; Secure' : '';
  return `${cookieName(isHttps)}=${id}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure}`;
}
