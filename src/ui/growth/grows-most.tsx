import { functionText } from '../../model/growth-words.ts';
import type { Judged } from './words.ts';

/** The function that grows most, with a link to it over time; the whole where no function grows by itself. */
export function GrowsMost({
  judged: { signal, functions },
  at = 0,
}: {
  readonly judged: Judged;
  readonly at?: number;
}) {
  const found = functions[at];
  if (!found) return null;
  const { function: name, page } = found;
  if (page === null || name === '') return <>{functionText(signal, name)}</>;
  return (
    <a class="growth-function" href={page} title={`${name} over time`}>
      {name}
    </a>
  );
}
