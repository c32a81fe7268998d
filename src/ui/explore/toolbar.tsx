import type { FlameGraphHandle } from '../flame/flame-graph.tsx';
import type { Search } from '../flame/model.ts';
import { MenuButton, type MenuItem } from '../parts/menu.tsx';
import { selectorOf, serviceOf } from '../selection/query.ts';
import { hrefOf, type Parameters } from '../state/href.ts';
import { change } from '../state/place.ts';
import { FilterButton, FilterChips } from './filter-bar.tsx';
import { diffParameters, type View, viewNames, views } from './parameters.ts';
import { SearchField } from './search-field.tsx';
import { TakeAway } from './take-away.tsx';

/** What is done with the graph: how it is shown, searched, filtered, compared, and taken away. */
export function Toolbar({
  parameters,
  view,
  found,
  match,
  onStep,
  handle,
}: {
  readonly parameters: Parameters;
  readonly view: View;
  readonly found: Search | undefined;
  readonly match: number | undefined;
  readonly onStep: (step: 1 | -1) => void;
  readonly handle: { current: FlameGraphHandle | null };
}) {
  const { search = '', inverted, timeline } = parameters;
  return (
    <div class="explore-bar explore-tools">
      <div class="explore-segments" role="group" aria-label="View">
        {views.map((one) => (
          <button
            key={one}
            aria-pressed={one === view}
            onClick={() => change({ view: one === 'both' ? undefined : one })}
          >
            {viewNames[one]}
          </button>
        ))}
      </div>
      <SearchField
        search={search}
        found={found}
        match={match}
        onSearch={(text) => change({ search: text }, { replace: true })}
        onStep={onStep}
      />
      {(view === 'both' || view === 'flame') && (
        <button
          class="explore-toggle"
          aria-pressed={inverted === 'true'}
          title="Draw the root at the bottom"
          onClick={() => change({ inverted: inverted === 'true' ? undefined : 'true' })}
        >
          Root below
        </button>
      )}
      <button
        class="explore-toggle"
        aria-pressed={timeline !== 'off'}
        title="Show what is selected over time"
        onClick={() => change({ timeline: timeline === 'off' ? undefined : 'off' })}
      >
        Timeline
      </button>
      <FilterButton parameters={parameters} />
      <FilterChips parameters={parameters} />
      <div class="explore-away">
        {parameters['base_from'] !== undefined && (
          <a class="explore-compare" href={hrefOf('/diff', diffParameters(parameters))}>
            Diff with the baseline
          </a>
        )}
        <MenuButton label="Compare" items={comparisons(parameters)} />
        <TakeAway parameters={parameters} handle={handle} />
      </div>
    </div>
  );
}

/** What this may be held against. */
function comparisons(parameters: Parameters): (MenuItem | null)[] {
  const { query, base_from } = parameters;
  const selector = selectorOf(query);
  const { namespace, workload } = selector ? serviceOf(selector) : {};
  const { base_from: _from, base_to: _to, ...withoutBase } = diffParameters(parameters);
  const items: (MenuItem | null)[] = [];
  if (base_from !== undefined) {
    items.push({
      label: 'With the baseline',
      detail: 'as marked above',
      href: hrefOf('/diff', diffParameters(parameters)),
    });
  }
  items.push({ label: 'With the time before', href: hrefOf('/diff', withoutBase) });
  if (!namespace || !workload) return items;
  return [
    ...items,
    {
      label: 'The latest roll-out',
      detail: 'with the one before',
      href: hrefOf('/diff', { query, rollout: 'latest' }),
    },
    null,
    { label: `Roll-outs of ${workload}`, href: hrefOf('/rollouts', { namespace, workload }) },
    { label: `Growth of ${workload}`, href: hrefOf('/growth', { namespace, workload }) },
    { label: `Targets of ${workload}`, href: hrefOf('/targets', { namespace, workload }) },
  ];
}
