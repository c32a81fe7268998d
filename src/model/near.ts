/** What was probably meant: names that are close to what was typed. Used by every message that says "did you mean". */

/** Longer texts are cut here, since what was typed can be of any length. */
const maxCompared = 200;

/**
 * The names closest to what was typed, best first, at most three and none much worse than the best; none when nothing is
 * close enough to have been meant. Case does not count.
 */
export function nearest(typed: string, names: Iterable<string>): string[] {
  const limit = Math.max(1, Math.floor(typed.length / 3));
  const near = byCloseness(typed, names).filter(({ distance }) => distance <= limit);
  const best = near[0]?.distance ?? 0;
  return near
    .filter(({ distance }) => distance <= best + 1)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** All distinct names, the most alike first; equally alike ones by name. */
export function closestFirst(wanted: string, names: Iterable<string>): string[] {
  return byCloseness(wanted, names).map(({ name }) => name);
}

/** How many letters must be added, dropped, changed or swapped with their neighbour to make one text of the other. */
export function editDistance(left: string, right: string): number {
  const a = left.slice(0, maxCompared);
  const b = right.slice(0, maxCompared);
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const changed = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swapped =
        a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1] ? (older[column - 2] ?? Infinity) + 1 : Infinity;
      current.push(Math.min(changed, swapped, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    older = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}

function byCloseness(wanted: string, names: Iterable<string>): { readonly name: string; readonly distance: number }[] {
  return [...new Set(names)]
    .map((name) => ({ name, distance: editDistance(wanted.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
}
