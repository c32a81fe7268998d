/** Logging in is a page of the server, so it is gone to as any other address; the place is kept. */

let isLeaving = false;

/** Goes to the login, once, however many questions are refused; where the server names none, somebody else asks who it is. */
export function toLoginAt(path: string | null): void {
  if (path === null || isLeaving) return;
  isLeaving = true;
  location.assign(loginAddress(path, location));
}

/** The login with where to go then. */
export function loginAddress(
  path: string,
  { pathname, search, hash }: Pick<Location, 'pathname' | 'search' | 'hash'>,
): string {
  const place = pathname + search + hash;
  return place === '/' ? path : `${path}?next=${encodeURIComponent(place)}`;
}

/** Ends the session, and shows where to begin another; where it could not be ended, the login leads back. */
export async function logOut(): Promise<void> {
  // What the page asks meanwhile is refused, and leads nowhere else.
  isLeaving = true;
  const headers = { Accept: 'application/json', 'X-Requested-With': 'flameherd' };
  await fetch('/logout', { method: 'POST', headers }).catch(() => undefined);
  location.assign('/login');
}
