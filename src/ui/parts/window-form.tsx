import './window-form.css';
import { useState } from 'preact/hooks';
import type { TimeWindow, UnixMs } from '../../model/units.ts';
import { inputText, readInput } from '../format/time.ts';

/** Two dates with times, which make a window once it ends after it begins; else it says why they do not. */
export function WindowForm({
  name,
  window,
  onWindow,
  onCancel,
}: {
  /** Of the window, for those who hear its fields: `Baseline`. */
  readonly name?: string;
  readonly window: TimeWindow;
  readonly onWindow: (window: TimeWindow) => void;
  /** With it there is a button that leaves all as it is, and Esc does. */
  readonly onCancel?: () => void;
}) {
  const [texts, setTexts] = useState({ from: inputText(window.fromMs), to: inputText(window.toMs) });
  const [fromMs, toMs] = [readInput(texts.from), readInput(texts.to)];
  const trouble = troubleOf(fromMs, toMs);
  return (
    <form
      class="window-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (fromMs !== undefined && toMs !== undefined && !trouble) onWindow({ fromMs, toMs });
      }}
      onKeyDown={(event) => event.key === 'Escape' && onCancel?.()}
    >
      {(['from', 'to'] as const).map((edge) => (
        <label key={edge}>
          {edge}{' '}
          <input
            type="datetime-local"
            step="1"
            value={texts[edge]}
            aria-label={name && `${name} ${edge}, date and time`}
            onInput={(event) => setTexts({ ...texts, [edge]: event.currentTarget.value })}
          />
        </label>
      ))}
      <button type="submit" disabled={trouble !== undefined}>
        Apply
      </button>
      {onCancel && (
        <button type="button" class="plain" onClick={onCancel}>
          Cancel
        </button>
      )}
      <span class="window-form-trouble" role="status">
        {trouble}
      </span>
    </form>
  );
}

function troubleOf(fromMs: UnixMs | undefined, toMs: UnixMs | undefined): string | undefined {
  if (fromMs === undefined || toMs === undefined) return 'Both dates and times are needed.';
  return fromMs < toMs ? undefined : 'It must end after it begins.';
}
