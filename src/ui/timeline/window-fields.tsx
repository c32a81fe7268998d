import { useState } from 'preact/hooks';
import type { TimeWindow } from '../../model/units.ts';
import { durationText, isoText, windowText } from '../format/time.ts';
import { WindowForm } from '../parts/window-form.tsx';
import { nameOf } from './bands.tsx';
import type { Target } from './brush.ts';
import { lengthOf } from './scale.ts';

/** A chosen window in words, and two date-time inputs to choose it by. */
export function WindowFields({
  target,
  window,
  shown,
  choose,
}: {
  readonly target: Target;
  /** Undefined where none is chosen. */
  readonly window: TimeWindow | undefined;
  readonly shown: TimeWindow;
  readonly choose: (target: Target, window: TimeWindow | undefined) => void;
}) {
  const [isOpen, setIsOpen] = useState(false);
  const name = nameOf[target];
  return (
    <div class={`timeline-chosen timeline-chosen-${target}`}>
      <span class={`timeline-swatch timeline-swatch-${target}`} aria-hidden="true" />
      <b>{name}</b>
      {window ? (
        <span title={`${isoText(window.fromMs)} to ${isoText(window.toMs)}`}>
          {windowText(window)} <span class="muted">({durationText(lengthOf(window))})</span>
        </span>
      ) : (
        <span class="muted">{target === 'range' ? 'all that is shown' : 'none'}</span>
      )}
      <button
        class="plain"
        aria-expanded={isOpen}
        aria-label={`Set the ${name.toLowerCase()}`}
        onClick={() => setIsOpen(!isOpen)}
      >
        {isOpen ? 'Close' : 'Set'}
      </button>
      {window && (
        <button class="plain" aria-label={`Clear the ${name.toLowerCase()}`} onClick={() => choose(target, undefined)}>
          Clear
        </button>
      )}
      {isOpen && (
        <WindowForm
          name={name}
          window={window ?? shown}
          onWindow={(chosen) => {
            setIsOpen(false);
            choose(target, chosen);
          }}
        />
      )}
    </div>
  );
}
