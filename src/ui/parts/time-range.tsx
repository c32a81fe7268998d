import './time-range.css';
import { useState } from 'preact/hooks';
import { parseDuration } from '../../model/duration.ts';
import { durationText, isoText, readWindow, windowText } from '../format/time.ts';
import { WindowForm } from './window-form.tsx';

/** Windows that end now, by what a URL has as `from`. */
const recentWindows = [
  ['now-15m', 'Last 15 minutes'],
  ['now-1h', 'Last hour'],
  ['now-3h', 'Last 3 hours'],
  ['now-6h', 'Last 6 hours'],
  ['now-12h', 'Last 12 hours'],
  ['now-24h', 'Last 24 hours'],
  ['now-2d', 'Last 2 days'],
  ['now-7d', 'Last 7 days'],
  ['now-14d', 'Last 14 days'],
  ['now-30d', 'Last 30 days'],
] as const;

const absolute = 'absolute';

/** Chooses the window of a page: one that ends now, or two dates with times; and asks anew. */
export function TimeRange({
  from = 'now-1h',
  to,
  onChange,
  onRefresh,
}: {
  /** As the URL has them; absent: the last hour. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** `to` is undefined for a window that ends now. */
  readonly onChange: (window: { readonly from: string; readonly to: string | undefined }) => void;
  /** With it there is a button that asks again. */
  readonly onRefresh?: () => void;
}) {
  const [isOpen, setIsOpen] = useState(false);
  const isRecent = to === undefined || to === '' || to === 'now';
  const recent = isRecent ? recentOf(from) : undefined;
  const window = readWindow(from, to, Date.now());
  const choose = (value: string) => {
    setIsOpen(value === absolute);
    if (value !== absolute) onChange({ from: value, to: undefined });
  };
  return (
    <div class="time-range">
      <select
        aria-label="Time range"
        value={recent && !isOpen ? from : absolute}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        {choicesWith(recent).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
        <option value={absolute}>{recent || !window ? 'From … to …' : windowText(window)}</option>
      </select>
      {!recent && !isOpen && <button onClick={() => setIsOpen(true)}>Edit</button>}
      {isOpen && window && (
        <WindowForm
          window={window}
          onWindow={({ fromMs, toMs }) => {
            setIsOpen(false);
            onChange({ from: isoText(fromMs), to: isoText(toMs) });
          }}
          onCancel={() => setIsOpen(false)}
        />
      )}
      {onRefresh && (
        <button onClick={onRefresh} aria-label="Refresh" title="Ask again">
          ⟳
        </button>
      )}
    </div>
  );
}

type Choice = readonly [from: string, label: string];

/** What `now-90m` is called; undefined for a moment that does not move with the clock. */
function recentOf(from: string): Choice | undefined {
  const lengthMs = from.startsWith('now-') ? parseDuration(from.slice('now-'.length)) : undefined;
  return (
    recentWindows.find(([value]) => value === from) ?? (lengthMs ? [from, `Last ${durationText(lengthMs)}`] : undefined)
  );
}

function choicesWith(recent: Choice | undefined): readonly Choice[] {
  const isListed = !recent || recentWindows.some(([value]) => value === recent[0]);
  return isListed ? recentWindows : [...recentWindows, recent];
}
