import { useEffect } from 'preact/hooks';
import { sharedValue, useShared } from './shared-value.ts';

/** Keys of a page: `{ '/': { does: 'search functions', run } }`; names as `KeyboardEvent.key` has them. */
export type Keys = Readonly<Record<string, { readonly does: string; readonly run: () => void }>>;

const active = sharedValue<readonly Keys[]>([]);

/** Keys that work while the component is shown, unless something is being typed. The list of keys (`?`) shows them. */
export function useKeys(keys: Keys): void {
  useEffect(() => {
    active.set([...active.now(), keys]);
    return () => active.set(active.now().filter((one) => one !== keys));
  });
}

/** All keys that work now, the newest first: for the list of keys. */
export function useActiveKeys(): readonly Keys[] {
  return useShared(active).toReversed();
}

/** Once, at the start. */
export function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const found = active.now().findLast((keys) => event.key in keys)?.[event.key];
    if (!found) return;
    event.preventDefault();
    found.run();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, select, textarea, [contenteditable], dialog') !== null;
}
