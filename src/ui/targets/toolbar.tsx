import type { TargetEntry } from '../api/answers.ts';
import { SearchField } from '../parts/search-field.tsx';
import { change, usePlace } from '../state/place.ts';
import { labelFilters, standingParameters, wantedStanding } from './filter.ts';
import { type Counts, standings, standingWords } from './standing.ts';

/** Filters of the URL: how sources stand (with counts), text, namespace, and labels that a link brought. */
export function Toolbar({
  targets,
  counts,
}: {
  readonly targets: readonly TargetEntry[];
  /** Of what the other filters leave. */
  readonly counts: Counts;
}) {
  return (
    <div class="targets-toolbar">
      <StandingFilter counts={counts} />
      <div class="targets-filters">
        <SearchField what="targets" placeholder="Search pods, nodes, errors …  /" className="targets-search" />
        <NamespaceChoice targets={targets} />
        <LabelChips />
      </div>
    </div>
  );
}

function StandingFilter({ counts }: { readonly counts: Counts }) {
  const wanted = wantedStanding(usePlace().parameters);
  const total = standings.reduce((sum, standing) => sum + counts[standing], 0);
  return (
    <div class="targets-counts" role="group" aria-label="Filter by health or state">
      <button aria-pressed={wanted === undefined} onClick={() => change(standingParameters(undefined))}>
        All <b>{total}</b>
      </button>
      {standings
        .filter((standing) => counts[standing] > 0 || standing === wanted)
        .map((standing) => (
          <button
            key={standing}
            class={`targets-${standing}`}
            title={standingWords[standing].means}
            aria-pressed={wanted === standing}
            onClick={() => change(standingParameters(wanted === standing ? undefined : standing))}
          >
            <i aria-hidden="true">{standingWords[standing].mark}</i> {standingWords[standing].label}{' '}
            <b>{counts[standing]}</b>
          </button>
        ))}
    </div>
  );
}

function NamespaceChoice({ targets }: { readonly targets: readonly TargetEntry[] }) {
  const { namespace = '' } = usePlace().parameters;
  const namespaces = new Set(targets.map(({ labels }) => labels['namespace'] ?? ''));
  if (namespace !== '') namespaces.add(namespace);
  if (namespaces.size < 2 && namespace === '') return null;
  return (
    <select
      aria-label="Namespace"
      value={namespace}
      onChange={({ currentTarget }) => change({ namespace: currentTarget.value })}
    >
      <option value="">All namespaces</option>
      {[...namespaces].sort().map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}

function LabelChips() {
  const { parameters } = usePlace();
  return (
    <>
      {labelFilters
        .filter((name) => name !== 'namespace' && parameters[name])
        .map((name) => (
          <button key={name} class="targets-chip" onClick={() => change({ [name]: undefined })}>
            <code>
              {name}={parameters[name]}
            </code>{' '}
            <span aria-hidden="true">✕</span>
            <span class="unseen">remove this filter</span>
          </button>
        ))}
    </>
  );
}
