/** Namespaces that are named before the rest is counted. */
const namesShown = 2;

/** What somebody sees, in words: `null` is everything. */
export function scopeText(namespaces: readonly string[] | null): string {
  if (namespaces === null) return 'sees all namespaces';
  if (namespaces.length === 0) return 'sees no namespace';
  const names = namespaces.slice(0, namesShown).join(', ');
  const more = namespaces.length - namesShown;
  return `sees ${names}${more > 0 ? ` and ${more} more` : ''}`;
}
