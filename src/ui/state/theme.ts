import { type SharedValue, sharedValue, useShared } from './shared-value.ts';

export type Theme = 'light' | 'dark';

/** What the reader chose in this browser; without a choice, what the system says. */
const storageKey = 'flameherd.theme';
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
const theme: SharedValue<Theme> = sharedValue(readTheme());

export function useTheme(): Theme {
  return useShared(theme);
}

export function toggleTheme(): void {
  const next = theme.now() === 'dark' ? 'light' : 'dark';
  try {
    localStorage.setItem(storageKey, next);
  } catch {
    // Storage is refused to private windows: the choice lasts as long as the page.
  }
  applyTheme(next);
}

/** Puts the theme on the document, and keeps it there when the system changes its mind. Once, at the start. */
export function startTheme(): void {
  applyTheme(theme.now());
  systemIsDark.addEventListener('change', () => applyTheme(readTheme()));
}

function applyTheme(next: Theme): void {
  document.documentElement.dataset['theme'] = next;
  theme.set(next);
}

function readTheme(): Theme {
  return readChoice() ?? (systemIsDark.matches ? 'dark' : 'light');
}

function readChoice(): Theme | undefined {
  try {
    const stored = localStorage.getItem(storageKey);
    return stored === 'light' || stored === 'dark' ? stored : undefined;
  } catch {
    return undefined;
  }
}
