import { useRef, useState } from 'preact/hooks';
import { later } from '../parts/later.tsx';
import type { Parameters } from '../state/href.ts';
import { change } from '../state/place.ts';
import { filterChips } from './filters.ts';
import { ofOneGraph } from './parameters.ts';

/** Fetched when it is first opened. */
const FilterPanel = later(async () => (await import('./filter-panel.tsx')).FilterPanel);

/** Filters that are in force, each taken away by a click. */
export function FilterChips({ parameters }: { readonly parameters: Parameters }) {
  return (
    <>
      {filterChips(parameters).map(({ kind, text, without }) => (
        <span key={`${kind} ${text}`} class="explore-filter">
          <span class="muted">{kind}</span>
          <span class="explore-filter-text" title={text}>
            {text}
          </span>
          <button
            class="plain"
            aria-label={`Remove ${kind} ${text}`}
            onClick={() => change({ ...without, ...ofOneGraph })}
          >
            ×
          </button>
        </span>
      ))}
    </>
  );
}

/** Opens what a view can be filtered by. */
export function FilterButton({ parameters }: { readonly parameters: Parameters }) {
  const [isOpen, setIsOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    setIsOpen(false);
    button.current?.focus();
  };
  return (
    <>
      <button ref={button} aria-haspopup="dialog" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        Filter <span aria-hidden="true">▾</span>
      </button>
      {isOpen && (
        <FilterPanel parameters={parameters} button={button} onClose={close} onLeave={() => setIsOpen(false)} />
      )}
    </>
  );
}
