import { useState } from 'preact/hooks';
import type { TimeWindow, UnixMs } from '../../model/units.ts';
import { durationText, inputText, isoText, readInput, windowText } from '../format/time.ts';
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
        <Fields
          name={name}
          window={window ?? shown}
          done={(chosen) => {
            setIsOpen(false);
            choose(target, chosen);
          }}
        />
      )}
    </div>
  );
}

function Fields({
  name,
  window,
  done,
}: {
  readonly name: string;
  readonly window: TimeWindow;
  readonly done: (window: TimeWindow) => void;
}) {
  const [texts, setTexts] = useState({ from: inputText(window.fromMs), to: inputText(window.toMs) });
  const [fromMs, toMs] = [readInput(texts.from), readInput(texts.to)];
  const trouble = troubleOf(fromMs, toMs);
  return (
    <form
      class="timeline-fields"
      onSubmit={(event) => {
        event.preventDefault();
        if (fromMs !== undefined && toMs !== undefined && fromMs < toMs) done({ fromMs, toMs });
      }}
    >
      {(['from', 'to'] as const).map((edge) => (
        <label key={edge}>
          {edge}{' '}
          <input
            type="datetime-local"
            step="1"
            value={texts[edge]}
            aria-label={`${name} ${edge}, date and time`}
            onInput={(event) => setTexts({ ...texts, [edge]: event.currentTarget.value })}
          />
        </label>
      ))}
      <button type="submit" disabled={trouble !== undefined}>
        Apply
      </button>
      <span class="timeline-trouble" role="status">
        {trouble}
      </span>
    </form>
  );
}

function troubleOf(fromMs: UnixMs | undefined, toMs: UnixMs | undefined): string | undefined {
  if (fromMs === undefined || toMs === undefined) return 'Both dates and times are needed.';
  return fromMs < toMs ? undefined : 'It must end after it begins.';
}
