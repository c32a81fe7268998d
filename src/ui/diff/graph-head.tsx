import { crumbsOf } from '../explore/crumbs.ts';
import { pathText } from '../flame/model.ts';
import { change } from '../state/place.ts';
import { chooseDiffColours, useDiffColours } from './colour-choice.ts';

/** Above the graph: what colours mean, what is zoomed to, and what is not drawn. */
export function GraphHead({ path, folded }: { readonly path: readonly string[]; readonly folded: string }) {
  const colours = useDiffColours();
  const other = colours === 'safe' ? 'red-green' : 'safe';
  return (
    <div class="diff-graph-head">
      <span class="diff-legend">
        less <span class="diff-legend-ramp" aria-hidden="true" /> more
        <span class="diff-legend-unsure" aria-hidden="true" /> unsure
      </span>
      <button
        class="plain"
        title="Blue and orange can be told apart by everybody"
        onClick={() => chooseDiffColours(other)}
      >
        {colours === 'safe' ? 'Red and green' : 'Blue and orange'}
      </button>
      {path.length > 0 && (
        <nav class="diff-crumbs" aria-label="Zoomed to">
          {crumbsOf(path).map((crumb, at) =>
            crumb === undefined ? (
              <span key="between">…</span>
            ) : (
              <button
                key={at}
                class="plain"
                title={crumb.name}
                onClick={() => change({ zoom: pathText(path.slice(0, crumb.length)) })}
              >
                {crumb.name.slice(crumb.name.lastIndexOf('/') + 1)}
              </button>
            ),
          )}
        </nav>
      )}
      {folded !== '' && <span class="muted diff-folded">{folded}</span>}
    </div>
  );
}
