import type { Keys } from '../state/keys.ts';
import { type Description, describe, describeNode } from './describe.ts';
import type { FlameGraphProps } from './graph-props.ts';
import { type Move, moved, nextMatch } from './moves.ts';
import type { Search } from './search.ts';
import type { FlameStage } from './stage.ts';
import type { Point } from './tip.tsx';
import { spanOf } from './use-stage.ts';

/** What a graph says beside the pointer or the focus. */
export interface Said {
  readonly description: Description;
  readonly at: Point;
  /** By keyboard: to be read out. */
  readonly isSpoken: boolean;
}

export interface Acting {
  readonly props: FlameGraphProps;
  readonly stage: FlameStage;
  readonly say: (said: Said | undefined) => void;
}

/** A focused frame is shown at least this wide. */
const leastFocus = 6;

export function pointAt({ stage, say, props }: Acting, event: PointerEvent): void {
  const box = event.pointerType === 'touch' ? undefined : stage.boxAt(event.offsetX, event.offsetY);
  stage.point(box);
  const about = { model: stage.model, formatValue: props.formatValue, unsure: props.unsure };
  say(box && { description: describe(box, about), at: { x: event.clientX, y: event.clientY }, isSpoken: false });
}

export function pointAway({ stage, say }: Acting): void {
  stage.point(undefined);
  say(undefined);
}

/** A frame is selected and zoomed to; of what is too narrow to draw, all that is under the pointer is zoomed to. */
export function click({ stage, props, say }: Acting, event: MouseEvent): void {
  const box = stage.boxAt(event.offsetX, event.offsetY);
  if (!box) return;
  say(undefined);
  stage.point(undefined);
  stage.isFocusShown = false;
  stage.focus = box.node;
  if (box.kind === 'run' && box.to - box.from > 1) {
    if (props.onSpan) return props.onSpan(box, 'click');
    return stage.lookAt(box, { isGliding: true });
  }
  if (box.kind === 'frame') props.onSelect(box.node);
  zoomTo({ stage, props }, box.node);
}

export function openMenu({ stage, props, say }: Acting, event: MouseEvent): void {
  // By keyboard it comes from the middle of the canvas, and means the frame that has the focus.
  const isByKey = event.button !== 2 && (event as PointerEvent).pointerType !== 'touch';
  const box = isByKey ? undefined : stage.boxAt(event.offsetX, event.offsetY);
  if (!props.onMenu || (!isByKey && box?.kind !== 'frame')) return;
  event.preventDefault();
  say(undefined);
  if (box) stage.focus = box.node;
  props.onMenu(stage.focus, isByKey ? inWindow(stage) : { x: event.clientX, y: event.clientY });
}

export function goToNextMatch(
  acting: Acting,
  found: Search | undefined,
  step: 1 | -1,
): { match: number; matches: number } | undefined {
  const { stage } = acting;
  const node = found && nextMatch(stage.model, found.names, stage.focus, step);
  if (!found || node === undefined) return undefined;
  let match = 0;
  for (let at = 0; at <= node; at++) match += found.names[stage.model.name[at] as number] as number;
  focusOn(acting, node, `match ${match} of ${found.frames}`);
  return { match, matches: found.frames };
}

/** Keys that work while a graph has the focus. */
export function graphKeys(acting: () => Acting | undefined, inverted: boolean): Keys {
  const move = (does: string, way: Move) => ({
    does,
    run: () => {
      const now = acting();
      if (now) focusOn(now, moved(now.stage.model, now.stage.focus, way));
    },
  });
  const run = (action: (now: Acting) => void) => () => {
    const now = acting();
    if (now) action(now);
  };
  return {
    ArrowUp: inverted ? move('to the widest frame it called', 'child') : move('to the caller', 'parent'),
    ArrowDown: inverted ? move('to the caller', 'parent') : move('to the widest frame it called', 'child'),
    ArrowLeft: move('to the frame before', 'before'),
    ArrowRight: move('to the frame after', 'after'),
    Enter: { does: 'zoom to the frame', run: run(enter) },
    Backspace: { does: 'zoom out to the caller', run: run(zoomOut) },
    Escape: { does: 'show the whole graph', run: run(escape) },
    m: { does: 'menu of the frame', run: run(({ stage, props }) => props.onMenu?.(stage.focus, inWindow(stage))) },
  };
}

function enter({ stage, props }: Acting): void {
  props.onSelect(stage.focus);
  zoomTo({ stage, props }, stage.focus);
}

function zoomOut({ stage, props }: Acting): void {
  if (props.zoom === 0 && props.onOut) return props.onOut();
  zoomTo({ stage, props }, Math.max(0, stage.model.parent[props.zoom] ?? 0));
}

function escape({ stage, props, say }: Acting): void {
  say(undefined);
  stage.focus = 0;
  zoomTo({ stage, props }, 0);
}

/** Where the page is there already, what was dragged or stepped aside goes back first. */
function zoomTo({ stage, props }: Pick<Acting, 'stage' | 'props'>, node: number): void {
  const own = spanOf(stage.model, node);
  const isAside = stage.range.start !== own.start || stage.range.end !== own.end;
  if (node !== props.zoom || !isAside) return props.onZoom(node);
  stage.lookAt(own, { isGliding: true });
  props.onSpan?.(undefined, 'click');
}

/** Gives a frame the focus, shows it wide enough to be seen, and says what it is. */
function focusOn({ stage, props, say }: Acting, node: number, before?: string): void {
  stage.focus = node;
  stage.isFocusShown = true;
  stage.revealLevel(stage.model.level[node] as number);
  const { start, end, pixels } = stage.range;
  const own = spanOf(stage.model, node);
  const isSeen = own.start < end && own.end > start && ((own.end - own.start) / (end - start)) * pixels >= leastFocus;
  if (!isSeen) stage.lookAt(spanOf(stage.model, around(stage, node)), { isGliding: false });
  stage.paint();
  const about = { model: stage.model, formatValue: props.formatValue, unsure: props.unsure };
  const { title, lines } = describeNode(node, about);
  say({
    description: { title, lines: before === undefined ? lines : [before, ...lines] },
    at: inWindow(stage),
    isSpoken: true,
  });
}

/** The widest caller beside which a frame can still be seen. */
function around({ model, width }: FlameStage, node: number): number {
  let found = node;
  const least = ((model.width[node] as number) * width) / leastFocus;
  for (let above = model.parent[node] as number; above >= 0; above = model.parent[above] as number) {
    if ((model.width[above] as number) > least) break;
    found = above;
  }
  return found;
}

function inWindow(stage: FlameStage): Point {
  const { x, y } = stage.placeOf(stage.focus);
  const { left, top } = stage.canvasPlace();
  return { x: left + x, y: top + y };
}
