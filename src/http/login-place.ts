import type { IncomingHttpHeaders } from 'node:http';
import { wantsPage } from './accept.ts';

/** A longer place is forgotten: twice escaped it would not fit into the headers of a request. */
const longestPlace = 4096;
/** Where to resolve against; nobody is there. */
const here = 'http://here.invalid';

/**
 * Where to go after logging in: a path on this very server with its query. Whatever leads elsewhere, or back to the login, is `/`.
 */
export function safePlace(next: unknown): string {
  if (typeof next !== 'string' || next.length > longestPlace) return '/';
  // Browsers read a backslash as a slash and leave out tabs and line breaks, so that `/\host` and `/<tab>/host` lead away.
  if (!/^\/(?![/\\])[!-~]*$/.test(next) || next.includes('\\')) return '/';
  if (!URL.canParse(next, here)) return '/';
  const { origin, pathname, search, hash } = new URL(next, here);
  // `/.//host` and `/..//host` are a path of two slashes once their dots are taken out.
  if (origin !== here || pathname.startsWith('//')) return '/';
  return /^\/log(in|out)\/?$/i.test(pathname) ? '/' : pathname + search + hash;
}

/** The login page that leads back to a URL of this server. */
export function loginUrl(url: string): string {
  const place = safePlace(url);
  return place === '/' ? '/login' : `/login?next=${encodeURIComponent(place)}`;
}

/** Whether it is a browser that goes to a page, and not a program or a script of a page. */
export function isNavigation(method: string, headers: IncomingHttpHeaders): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const dest = headers['sec-fetch-dest'];
  return wantsPage(headers.accept) && (dest === undefined || dest === 'document');
}

/**
 * Whether a browser sent it, on behalf of a page or of a person. Asked for a password by `Basic` it would put up a window of its
 * own, which knows no tokens. Without TLS browsers say nothing of themselves, but our pages do.
 */
export function isBrowser(headers: IncomingHttpHeaders): boolean {
  return (
    headers['sec-fetch-mode'] !== undefined ||
    headers['sec-fetch-site'] !== undefined ||
    headers['x-requested-with'] !== undefined ||
    wantsPage(headers.accept)
  );
}
