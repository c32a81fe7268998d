import type { CallTree } from '../profile/call-tree.ts';
import { nearFunctions } from '../profile/near-functions.ts';
import type { CallTreeRequest, ProfileReader } from '../store/profile-store.ts';
import { QuestionTooLarge } from './question-allowance.ts';

/** A sentence on a function that no stack of the window has: which ones have a name like it. */
export function functionHint(
  reader: ProfileReader,
  request: Omit<CallTreeRequest, 'maxNodes' | 'flat' | 'aggregation' | 'peakType' | 'types'>,
  name: string,
): string {
  const near = nearFunctions(name, functionsOf(reader, request));
  const found = near.length === 0 ? '' : `; there is ${near.join(', ')}`;
  return `no stack in this window has a function ${name}${found}; merge with format=top lists them all`;
}

/** The functions of a window, the heaviest first; none when they are too many to be read. */
function functionsOf(reader: ProfileReader, request: Parameters<typeof functionHint>[1]): string[] {
  try {
    const { type } = request;
    const { tree } = reader.callTree({
      ...request,
      aggregation: 'avg',
      peakType: type,
      types: [type],
      maxNodes: Infinity,
      flat: true,
    });
    return tree ? namesByWeight(tree) : [];
  } catch (error) {
    if (error instanceof QuestionTooLarge) return [];
    throw error;
  }
}

/** Equally heavy ones by name, so that a hint does not depend on the order of what is stored. Those without any weight are none of the window's. */
function namesByWeight({ size, name, names, total }: CallTree): string[] {
  const weights = new Map<string, number>();
  for (let node = 1; node < size; node++) {
    const own = names[name[node] as number] as string;
    weights.set(own, (weights.get(own) ?? 0) + Math.abs(Number(total[node])));
  }
  return [...weights]
    .filter(([, weight]) => weight > 0)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([own]) => own);
}
