import { nameOf } from './paths.ts';
import type { FlameModel } from './prepare.ts';

export interface Search {
  /** By name: 1 where it matches. */
  readonly names: Uint8Array;
  /** Names that match. */
  readonly functions: number;
  /** Nodes whose name matches. */
  readonly frames: number;
  /** What is below or in a match, of the width of the graph: 0 to 1. */
  readonly share: number;
  /** The text is no expression, so that names which contain it were searched. */
  readonly isText: boolean;
}

/** Names that match an expression; letters of a case of their own only where the expression has capitals. '' matches nothing. */
export function searchFrames(model: FlameModel, search: string): Search {
  const { matches, isText } = matcherOf(search);
  const names = Uint8Array.from(model.names, (name) => Number(matches(name)));
  // The root of a whole profile is no function.
  if (nameOf(model, 0) === 'total') names[model.name[0] as number] = 0;
  const functions = names.reduce((count, one) => count + one, 0);
  if (functions === 0) return { names, functions, frames: 0, share: 0, isText };
  let [frames, share, covered] = [0, 0, 0];
  for (let node = 0; node < model.size; node++) {
    if (names[model.name[node] as number] === 0) continue;
    frames++;
    if (node < covered) continue;
    share += model.width[node] as number;
    covered = model.end[node] as number;
  }
  return { names, functions, frames, share: Math.min(1, share), isText };
}

function matcherOf(search: string): { readonly matches: (name: string) => boolean; readonly isText: boolean } {
  if (search === '') return { matches: () => false, isText: false };
  const flags = /[A-Z]/.test(search) ? '' : 'i';
  try {
    const expression = new RegExp(search, flags);
    return { matches: (name) => expression.test(name), isText: false };
  } catch {
    const text = flags === 'i' ? search.toLowerCase() : search;
    return { matches: (name) => (flags === 'i' ? name.toLowerCase() : name).includes(text), isText: true };
  }
}
