import { hrefOf, type Parameters } from './href.ts';
import { sharedValue, useShared } from './shared-value.ts';

export { hrefOf, type Parameters } from './href.ts';

/**
 * The URL is the state: what is shown follows from the path and its parameters alone, so back, forward, a bookmark and a link
 * in a chat all show the same. Components read it with `usePlace` and write it with `goTo` and `change`.
 */
export interface Place {
  readonly path: string;
  readonly parameters: Parameters;
}

const place = sharedValue(readPlace());

/** The pages of this program; links to them are followed without loading anew. */
export const pagePaths = ['/', '/explore', '/diff', '/rollouts', '/growth', '/targets', '/status'] as const;

export function isPage(path: string): boolean {
  return (pagePaths as readonly string[]).includes(path) || /^\/a\/[^/]+$/.test(path);
}

export function usePlace(): Place {
  return useShared(place);
}

/** Outside of components. */
export function placeNow(): Place {
  return place.now();
}

/** Another place; `replace` where going back to this one would be no help (typing, dragging). */
export function goTo(href: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  if (href === location.pathname + location.search) return;
  if (replace) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  moved();
}

/** The same page with some parameters changed; undefined takes one away. */
export function change(parameters: Parameters, options: { readonly replace?: boolean } = {}): void {
  goTo(hrefOf(place.now().path, { ...place.now().parameters, ...parameters }), options);
}

/** Listens to back and forward, and to clicks on plain links to our own pages. Once, at the start. */
export function followLinks(): void {
  addEventListener('popstate', moved);
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || !isPlainClick(event) || link.target !== '' || link.hasAttribute('download')) return;
    if (link.origin !== location.origin || !isPage(link.pathname)) return;
    event.preventDefault();
    const isElsewhere = link.pathname !== location.pathname;
    goTo(link.pathname + link.search);
    if (isElsewhere) scrollTo(0, 0);
  });
}

function isPlainClick(event: MouseEvent): boolean {
  return (
    event.button === 0 &&
    !event.metaKey &&
    !event.ctrlKey &&
    !event.shiftKey &&
    !event.altKey &&
    !event.defaultPrevented
  );
}

function moved(): void {
  place.set(readPlace());
}

function readPlace(): Place {
  return {
    path: location.pathname === '/' ? '/' : location.pathname.replace(/\/$/, ''),
    parameters: Object.fromEntries(new URLSearchParams(location.search)),
  };
}
