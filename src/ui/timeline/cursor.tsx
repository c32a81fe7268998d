import type { TargetedKeyboardEvent } from 'preact';
import type { TimeWindow, UnixMs } from '../../model/units.ts';
import { momentText, windowText } from '../format/time.ts';
import { percent } from './bands.tsx';
import { placeAfterKey, type Target } from './brush.ts';
import type { Columns } from './lines.ts';
import { shareOf, windowBetween } from './scale.ts';
import type { Draft } from './use-brush.ts';
import { type ToldValue, valueText } from './values.ts';

/** Where the reader is by keyboard, and the edge from which a window is being drawn. */
export interface KeyCursor {
  readonly atMs: UnixMs;
  readonly drawn?: { readonly target: Target; readonly fromMs: UnixMs };
}

/** The window that a keyboard cursor draws. */
export function draftOf({ atMs, drawn }: KeyCursor): Draft | undefined {
  return drawn && { target: drawn.target, window: windowBetween(drawn.fromMs, atMs) };
}

/**
 * The lines by keyboard: arrows go from step to step, and say the values. Enter begins a window and ends it, with Shift the
 * baseline; Escape gives up.
 */
export function CursorSlider({
  label,
  shown,
  columns,
  text,
  cursor,
  setCursor,
  canDraw,
  choose,
}: {
  readonly label: string;
  readonly shown: TimeWindow;
  readonly columns: Columns;
  /** The values at a moment, in words. */
  readonly text: (atMs: UnixMs) => string;
  readonly cursor: KeyCursor | undefined;
  readonly setCursor: (cursor: KeyCursor | undefined) => void;
  readonly canDraw: (target: Target) => boolean;
  readonly choose: (target: Target, window: TimeWindow) => void;
}) {
  const { times } = columns;
  const place = cursor ? Math.max(0, times.indexOf(cursor.atMs)) : 0;
  const now = cursor ?? { atMs: times[0] ?? shown.fromMs };
  const press = (isBase: boolean) => {
    const draft = draftOf(now);
    const target = isBase ? 'base' : 'range';
    if (!draft) return canDraw(target) && setCursor({ ...now, drawn: { target, fromMs: now.atMs } });
    setCursor({ atMs: now.atMs });
    return draft.window.fromMs < draft.window.toMs && choose(draft.target, draft.window);
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>) => {
    const next = times[placeAfterKey(event.key, place, times.length - 1) ?? -1];
    if (next !== undefined) setCursor({ ...now, atMs: next });
    else if (event.key === 'Enter') press(event.shiftKey);
    else if (event.key === 'Escape' && now.drawn) setCursor({ atMs: now.atMs });
    else return;
    event.preventDefault();
  };
  const draft = draftOf(now);
  return (
    <div
      class="timeline-slider"
      role="slider"
      tabIndex={0}
      aria-label={`${label}: arrows read it, Enter begins and ends a range, Shift+Enter a baseline`}
      aria-valuemin={shown.fromMs}
      aria-valuemax={shown.toMs}
      aria-valuenow={now.atMs}
      aria-valuetext={(draft ? `${draft.target} ${windowText(draft.window)}, ` : '') + text(now.atMs)}
      onFocus={(event) => event.currentTarget.matches(':focus-visible') && setCursor(now)}
      onBlur={() => setCursor(undefined)}
      onKeyDown={onKeyDown}
    />
  );
}

/** A line where the reader points, and the values there. */
export function Cursor({
  atMs,
  shown,
  unit,
  values,
}: {
  readonly atMs: UnixMs;
  readonly shown: TimeWindow;
  readonly unit: string;
  readonly values: readonly ToldValue[];
}) {
  const share = shareOf(shown, atMs);
  return (
    <div class="timeline-cursor" style={{ left: percent(share) }} aria-hidden="true">
      <div class={share > 0.6 ? 'timeline-tip timeline-tip-left' : 'timeline-tip'}>
        <span class="timeline-tip-line">
          <b>{momentText(atMs, { seconds: shown.toMs - shown.fromMs < 7200_000 })}</b>
        </span>
        {values.map(({ label, colour, value, beside }) => (
          <span key={label} class="timeline-tip-line">
            <span class="timeline-swatch" style={{ background: `var(${colour})` }} />
            <span class="timeline-tip-label">{label}</span>
            <b>{valueText(value, unit)}</b> {beside}
          </span>
        ))}
      </div>
    </div>
  );
}
