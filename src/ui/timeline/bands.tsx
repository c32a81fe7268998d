import type { TargetedKeyboardEvent } from 'preact';
import type { TimeWindow } from '../../model/units.ts';
import { isoText, momentText } from '../format/time.ts';
import { dragged, type Part, placeAfterKey, type Target } from './brush.ts';
import { clipped, momentAt, shareOf } from './scale.ts';

export const nameOf: Readonly<Record<Target, string>> = { range: 'Range', base: 'Baseline' };

/** Keys move an edge by that share of what is shown. */
const keySteps = 120;

/** A chosen window over the lines: its edges are pulled by mouse or arrow keys, its grip moves it. */
export function Band({
  target,
  window,
  shown,
  choose,
}: {
  readonly target: Target;
  readonly window: TimeWindow;
  readonly shown: TimeWindow;
  /** Undefined where it is only shown. */
  readonly choose: ((target: Target, window: TimeWindow) => void) | undefined;
}) {
  const inside = clipped(window, shown);
  if (!inside) return null;
  const left = shareOf(shown, inside.fromMs);
  const edge = (part: 'from' | 'to', atMs: number) =>
    choose && atMs === inside[`${part}Ms`] && <Edge {...{ target, part, window, shown, choose }} />;
  return (
    <div
      class={`timeline-band timeline-band-${target}`}
      style={{ left: percent(left), width: percent(shareOf(shown, inside.toMs) - left) }}
    >
      <span class="timeline-band-name" {...(choose && { 'data-part': 'all', 'data-target': target })}>
        {nameOf[target]}
      </span>
      {edge('from', window.fromMs)}
      {edge('to', window.toMs)}
    </div>
  );
}

function Edge({
  target,
  part,
  window,
  shown,
  choose,
}: {
  readonly target: Target;
  readonly part: Part & ('from' | 'to');
  readonly window: TimeWindow;
  readonly shown: TimeWindow;
  readonly choose: (target: Target, window: TimeWindow) => void;
}) {
  const atMs = window[`${part}Ms`];
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>) => {
    const place = placeAfterKey(event.key, Math.round(shareOf(shown, atMs) * keySteps), keySteps);
    if (place === undefined) return;
    event.preventDefault();
    const moved = dragged({ target, part, beganMs: atMs, before: window }, momentAt(shown, place / keySteps), shown);
    if (moved.fromMs < moved.toMs) choose(target, moved);
  };
  return (
    <span
      class={`timeline-edge timeline-edge-${part}`}
      data-part={part}
      data-target={target}
      role="slider"
      tabIndex={0}
      aria-label={`${nameOf[target]} ${part}`}
      aria-valuemin={shown.fromMs}
      aria-valuemax={shown.toMs}
      aria-valuenow={atMs}
      aria-valuetext={momentText(atMs, { seconds: true })}
      title={isoText(atMs)}
      onKeyDown={onKeyDown}
    />
  );
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(3)}%`;
}
