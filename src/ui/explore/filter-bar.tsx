import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { granularities, viewPresets } from '../../model/view.ts';
import { fitInWindow, useCloseOutside } from '../parts/menu.tsx';
import type { Parameters } from '../state/href.ts';
import { change } from '../state/place.ts';
import {
  addFilter,
  type FilterKind,
  filterChips,
  filterKinds,
  filterMeanings,
  granularityOf,
  isCollapsed,
  presetNames,
  presetsOf,
  togglePreset,
} from './filters.ts';
import { ofOneGraph } from './parameters.ts';

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

function FilterPanel({
  parameters,
  button,
  onClose,
  onLeave,
}: {
  readonly parameters: Parameters;
  readonly button: { current: HTMLElement | null };
  readonly onClose: () => void;
  readonly onLeave: () => void;
}) {
  const panel = useRef<HTMLDivElement>(null);
  useCloseOutside([panel, button], onLeave);
  useLayoutEffect(() => {
    const box = button.current?.getBoundingClientRect();
    if (panel.current && box) fitInWindow(panel.current, { x: box.left, y: box.bottom + 4 });
  }, [button]);
  return (
    <div
      ref={panel}
      class="explore-panel"
      role="dialog"
      aria-label="Filter"
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <Expression parameters={parameters} onDone={onClose} />
      <fieldset>
        <legend>Frames</legend>
        <label>
          One frame is one of the{' '}
          <select
            value={granularityOf(parameters)}
            onChange={({ currentTarget: { value } }) =>
              change({ granularity: value === 'functions' ? undefined : value, ...ofOneGraph })
            }
          >
            {granularities.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        {viewPresets.map((preset) => (
          <label key={preset}>
            <input
              type="checkbox"
              checked={presetsOf(parameters).includes(preset)}
              onChange={() => change({ ...togglePreset(parameters, preset), ...ofOneGraph })}
            />
            {presetNames[preset]}
          </label>
        ))}
        <label>
          <input
            type="checkbox"
            checked={isCollapsed(parameters)}
            onChange={() => change({ collapse_recursion: isCollapsed(parameters) ? undefined : 'true', ...ofOneGraph })}
          />
          Collapse recursion
        </label>
      </fieldset>
    </div>
  );
}

function Expression({ parameters, onDone }: { readonly parameters: Parameters; readonly onDone: () => void }) {
  const [kind, setKind] = useState<FilterKind>('focus');
  const [text, setText] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.focus(), []);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (text === '') return;
        change({ ...addFilter(parameters, kind, text), ...ofOneGraph });
        onDone();
      }}
    >
      <div class="explore-segments" role="group" aria-label="What the expression does">
        {filterKinds.map((one) => (
          <button key={one} type="button" aria-pressed={one === kind} onClick={() => setKind(one)}>
            {one.replace('_', ' ')}
          </button>
        ))}
      </div>
      <p class="muted">{filterMeanings[kind]}</p>
      <div class="explore-expression">
        <input
          ref={field}
          aria-label="Expression"
          placeholder="Expression: ^runtime\.|json"
          spellcheck={false}
          autocomplete="off"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" disabled={text === ''}>
          Add
        </button>
      </div>
    </form>
  );
}
