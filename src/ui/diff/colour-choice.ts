import { type SharedValue, sharedValue, useShared } from '../state/shared-value.ts';

/** `safe`: blue and orange, which everybody can tell apart; `red-green`: for those who are used to it and can. */
export type DiffColours = 'safe' | 'red-green';

/** A taste of who reads, as the theme is, and no part of what is shown: it is kept in this browser. */
const storageKey = 'flameherd.diff-colours';
const chosen: SharedValue<DiffColours> = sharedValue(read());

export function useDiffColours(): DiffColours {
  return useShared(chosen);
}

export function chooseDiffColours(colours: DiffColours): void {
  try {
    localStorage.setItem(storageKey, colours);
  } catch {
    // Storage is refused to private windows: the choice lasts as long as the page.
  }
  chosen.set(colours);
}

function read(): DiffColours {
  try {
    return localStorage.getItem(storageKey) === 'red-green' ? 'red-green' : 'safe';
  } catch {
    return 'safe';
  }
}
