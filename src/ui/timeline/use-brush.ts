import type { RefObject, TargetedPointerEvent } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { TimeWindow, UnixMs } from '../../model/units.ts';
import { type Drag, dragged, isMeant, type Part, type Target } from './brush.ts';
import { momentAt } from './scale.ts';

/** A window that is being drawn, and not yet chosen. */
export interface Draft {
  readonly target: Target;
  readonly window: TimeWindow;
}

export interface Brush {
  readonly draft: Draft | undefined;
  /** Where the pointer is; undefined while it is elsewhere. */
  readonly pointedMs: UnixMs | undefined;
  readonly handlers: {
    readonly onPointerDown: (event: TargetedPointerEvent<HTMLElement>) => void;
    readonly onPointerMove: (event: TargetedPointerEvent<HTMLElement>) => void;
    readonly onPointerUp: (event: TargetedPointerEvent<HTMLElement>) => void;
    readonly onPointerCancel: () => void;
    readonly onPointerLeave: () => void;
  };
}

/**
 * Windows drawn by mouse, pen or finger: a drag is a new window of `target`, with Shift of the other one; elements with
 * `data-part` and `data-target` are edges to pull, or a window to move. Chosen when it is let go.
 */
export function useBrush(
  area: RefObject<HTMLElement | null>,
  {
    shown,
    windows,
    target,
    choose,
  }: {
    readonly shown: TimeWindow;
    readonly windows: Readonly<Partial<Record<Target, TimeWindow | undefined>>>;
    readonly target: Target | undefined;
    readonly choose: (target: Target, window: TimeWindow) => void;
  },
): Brush {
  const drag = useRef<Drag | undefined>(undefined);
  const [draft, setDraft] = useState<Draft>();
  const [pointedMs, setPointedMs] = useState<UnixMs>();
  const widthPx = () => area.current?.clientWidth ?? 1;
  const momentOf = ({ clientX }: PointerEvent) =>
    momentAt(shown, (clientX - (area.current?.getBoundingClientRect().left ?? 0)) / widthPx());
  const stop = () => {
    drag.current = undefined;
    setDraft(undefined);
  };

  const onPointerDown = (event: TargetedPointerEvent<HTMLElement>) => {
    if (event.button !== 0 || isControl(event.target)) return;
    const began = beginAt(event, momentOf(event), windows, target);
    if (!began) return;
    drag.current = began;
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: TargetedPointerEvent<HTMLElement>) => {
    const atMs = momentOf(event);
    setPointedMs(isControl(event.target) ? undefined : atMs);
    if (drag.current) setDraft({ target: drag.current.target, window: dragged(drag.current, atMs, shown) });
  };
  const onPointerUp = (event: TargetedPointerEvent<HTMLElement>) => {
    const ended = drag.current;
    stop();
    if (!ended) return;
    const window = dragged(ended, momentOf(event), shown);
    if (isMeant(window, shown, widthPx())) choose(ended.target, window);
  };
  const onPointerLeave = () => setPointedMs(undefined);
  return {
    draft,
    pointedMs,
    handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerCancel: stop, onPointerLeave },
  };
}

function beginAt(
  event: PointerEvent,
  beganMs: UnixMs,
  windows: Readonly<Partial<Record<Target, TimeWindow | undefined>>>,
  target: Target | undefined,
): Drag | undefined {
  const held = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-part]') : null;
  const part = held?.dataset['part'] as Part | undefined;
  const ofPart = held?.dataset['target'] as Target | undefined;
  const before = ofPart && windows[ofPart];
  if (part && before && !event.shiftKey) return { target: ofPart, part, beganMs, before };
  if (!target) return undefined;
  const drawn = event.shiftKey && target === 'range' && 'base' in windows ? 'base' : target;
  return { target: drawn, part: 'new', beganMs, before: { fromMs: beganMs, toMs: beganMs } };
}

/** Marks are links and buttons: a click on them is theirs. */
function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('a, button') !== null;
}
