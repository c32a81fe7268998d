import type { IncomingHttpHeaders } from 'node:http';
import { FlameherdError } from '../model/errors.ts';
import { isLoopbackHost } from '../model/loopback.ts';

/** The host of `host:port`, `[::1]:4280` or a bare address, in lower case and without brackets or a final dot. */
export function hostName(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(host);
  const bare = bracketed?.[1] ?? (/^[^:]*:[^:]*:/.test(host) ? host : host.replace(/:\d*$/, ''));
  return bare.toLowerCase().replace(/\.$/, '');
}

/**
 * Refuses a request that was addressed to another name. A page of a foreign site can make a browser send requests here by
 * letting its own name resolve to our address; it cannot choose the Host header. `localAddress` is the address that the
 * connection came in on.
 */
export function checkHost(
  host: string | undefined,
  allowed: { readonly listenHost: string; readonly externalUrl: string | undefined; readonly localAddress?: string },
): void {
  const given = hostName(host ?? '');
  const external = allowed.externalUrl === undefined ? undefined : hostName(new URL(allowed.externalUrl).host);
  const local = allowed.localAddress?.replace(/^::ffff:/, '').toLowerCase();
  if (isLoopbackHost(given) || given === hostName(allowed.listenHost) || given === external || given === local) {
    if (given !== '') return;
  }
  const names = ['localhost', '127.0.0.1', '[::1]', allowed.listenHost, ...(external === undefined ? [] : [external])];
  throw new FlameherdError('wrong_host', `Host: ${JSON.stringify(host ?? '')} is not this server`, {
    hint: `allowed are ${[...new Set(names)].join(', ')}; set http.externalUrl to the URL by which people reach this server`,
  });
}

/**
 * Refuses what a browser sends on behalf of a foreign page. Clients that are no browsers send neither header. What a
 * browser says of itself (Sec-Fetch-Site) beats the comparison of origins, as in Go's `http.CrossOriginProtection`.
 */
export function checkSameSite(
  headers: {
    readonly site: string | undefined;
    readonly origin: string | undefined;
    readonly host: string | undefined;
  },
  externalUrl: string | undefined,
): void {
  if (headers.site === 'same-origin' || headers.site === 'none') return;
  if (headers.site === undefined && headers.origin === undefined) return;
  if (
    headers.site === undefined &&
    headers.origin !== undefined &&
    isOwnOrigin(headers.origin, headers.host, externalUrl)
  ) {
    return;
  }
  throw new FlameherdError('cross_site', `a page of ${headers.origin ?? 'another site'} may not change anything here`, {
    hint: 'open the page from this server, or call the API without a browser',
  });
}

/**
 * Refuses what is not known to come from a page of ours: for requests that carry a cookie, which a browser sends along whoever made
 * it send them. Every browser says at least the origin; what says nothing has no business with cookies.
 */
export function checkOwnPage(headers: IncomingHttpHeaders, externalUrl: string | undefined): void {
  const { 'sec-fetch-site': site, origin, host } = headers;
  if (site === undefined ? origin !== undefined && isOwnOrigin(origin, host, externalUrl) : site === 'same-origin')
    return;
  throw new FlameherdError('cross_site', `a page of ${origin ?? 'nobody knows where'} may not change anything here`, {
    hint: 'open the page from this server; programs send Authorization: Bearer TOKEN instead of a cookie',
  });
}

function isOwnOrigin(origin: string, host: string | undefined, externalUrl: string | undefined): boolean {
  if (!URL.canParse(origin)) return false;
  const { host: originHost, origin: normal } = new URL(origin);
  return originHost === host?.toLowerCase() || (externalUrl !== undefined && normal === new URL(externalUrl).origin);
}
