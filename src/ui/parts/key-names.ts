const names: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
  ' ': 'Space',
};

/** A key as it stands on a keyboard, from its name in `KeyboardEvent.key`. */
export function keyName(key: string): string {
  return names[key] ?? key;
}

/**
 * What each key does now: of those that share a key the first one works, so it alone is told; keys that do the same stand
 * together.
 */
export function keyList(
  active: readonly Readonly<Record<string, { readonly does: string }>>[],
): { readonly keys: readonly string[]; readonly does: string }[] {
  const doing = new Map<string, string>();
  for (const keys of active) {
    for (const [key, { does }] of Object.entries(keys)) if (!doing.has(key)) doing.set(key, does);
  }
  const together = Map.groupBy(doing, ([, does]) => does);
  return [...together].map(([does, pairs]) => ({ does, keys: pairs.map(([key]) => keyName(key)) }));
}
