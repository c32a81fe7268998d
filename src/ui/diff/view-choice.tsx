import type { Parameters } from '../state/href.ts';
import { change } from '../state/place.ts';

const views = ['both', 'flame', 'table'] as const;
export type View = (typeof views)[number];

const texts: Readonly<Record<View, string>> = { both: 'Both', flame: 'Flame', table: 'Table' };

export function viewOf({ view }: Parameters): View {
  return views.find((known) => known === view) ?? 'both';
}

export function showView(view: View): void {
  change({ view: view === 'both' ? undefined : view });
}

/** Table, graph, or both beside each other. */
export function ViewChoice({ parameters }: { readonly parameters: Parameters }) {
  const now = viewOf(parameters);
  return (
    <div class="diff-choice" role="group" aria-label="View">
      {views.map((one) => (
        <button key={one} aria-pressed={one === now} onClick={() => showView(one)}>
          {texts[one]}
        </button>
      ))}
    </div>
  );
}
