import { nearest } from '../model/near.ts';

/** Names that one is compared with, letter by letter: the first. */
const maxCompared = 3000;
const maxNamed = 3;

/**
 * The functions that may have been meant by a name that there is not, at most three. Most who miss leave out the package or the
 * receiver, so names that hold what was typed come before those that differ in few letters. `names` come in the order of
 * preference.
 */
export function nearFunctions(typed: string, names: readonly string[]): string[] {
  if (typed === '') return [];
  const wanted = typed.toLowerCase();
  const holding = names.filter((name) => name.toLowerCase().includes(wanted));
  if (holding.length > 0) return holding.slice(0, maxNamed);
  // Others need more changes than `nearest` allows, and telling so takes it long.
  const letters = Math.max(1, Math.floor(typed.length / 3));
  const alike = names.filter((name) => Math.abs(name.length - typed.length) <= letters);
  return nearest(typed, alike.slice(0, maxCompared));
}
