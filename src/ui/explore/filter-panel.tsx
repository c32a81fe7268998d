import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { granularities, viewPresets } from '../../model/view.ts';
import { fitInWindow, useCloseOutside } from '../parts/menu.tsx';
import type { Parameters } from '../state/href.ts';
import { change } from '../state/place.ts';
import {
  addFilter,
  type FilterKind,
  filterKinds,
  filterMeanings,
  granularityOf,
  isCollapsed,
  presetNames,
  presetsOf,
  togglePreset,
} from './filters.ts';
import { ofOneGraph } from './parameters.ts';

/** What a view can be filtered by: expressions, what one frame is, presets. */
export function FilterPanel({
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
