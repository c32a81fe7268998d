import { hour } from '../../model/units.ts';
import type { RevisionEntry, RolloutsAnswer } from '../api/answers.ts';
import type { Parameters } from '../state/href.ts';
import { change } from '../state/place.ts';
import { baseParameters, revisionOf, windowParameters, withRevision } from './comparison.ts';

/** Of a revision that is chosen, its newest hour is read: how it was when it was settled. */
const readMs = hour;

/** Two revisions by name. */
export function RevisionChoice({
  parameters,
  rollouts: { revisions },
}: {
  readonly parameters: Parameters;
  readonly rollouts: RolloutsAnswer;
}) {
  const { query = '', base_query: base = '' } = parameters;
  const choose = (side: 'compare' | 'base', revision: string) => {
    const window = windowOfRevision(revisions.find((one) => one.revision === revision));
    const own = withRevision(side === 'base' ? base : query, revision);
    if (side === 'base') change({ base_query: own, ...(window && baseParameters(window)), zoom: undefined });
    else change({ query: own, ...(window && windowParameters(window)), zoom: undefined });
  };
  return (
    <>
      {(['base', 'compare'] as const).map((side) => (
        <label key={side} class={`diff-revision diff-side-${side}`}>
          <span class="diff-swatch" aria-hidden="true" /> {side === 'base' ? 'Base' : 'Compare'}
          <select
            value={revisionOf(side === 'base' ? base : query)}
            onChange={(event) => choose(side, event.currentTarget.value)}
          >
            {revisions.map(
              (one) =>
                one.revision !== null && (
                  <option key={one.revision} value={one.revision}>
                    {optionText(one)}
                  </option>
                ),
            )}
          </select>
        </label>
      ))}
    </>
  );
}

function optionText({ revision, version, current }: RevisionEntry): string {
  const own = version !== null && version !== revision ? `${version} · ${revision}` : `${revision}`;
  return current ? `${own} (current)` : own;
}

function windowOfRevision(entry: RevisionEntry | undefined) {
  if (!entry) return undefined;
  const { firstSeenMs, lastSeenMs } = entry;
  return { fromMs: Math.max(firstSeenMs, lastSeenMs - readMs), toMs: Math.max(lastSeenMs, firstSeenMs + 1) };
}
