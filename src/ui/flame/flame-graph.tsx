import './flame.css';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { click, openMenu, pointAt, pointAway } from './actions.ts';
import type { FlameGraphProps } from './graph-props.ts';
import { Minimap } from './minimap.tsx';
import { lineHeight } from './paint.ts';
import { rowsOf } from './scene.ts';
import type { FlameStage } from './stage.ts';
import { Tip } from './tip.tsx';
import { useActing } from './use-acting.ts';
import { type Seen, spanOf, useStage } from './use-stage.ts';

export type { FlameGraphHandle, FlameGraphProps } from './graph-props.ts';

/**
 * A flame graph on a canvas. It fills its parent, which is a flex column of some height, and scrolls inside. Whoever cannot see
 * it has the table: the graph says what has the focus, and no more.
 */
export function FlameGraph(props: FlameGraphProps) {
  const { graph, label, inverted = false } = props;
  const staged = useStage(props);
  const { scroller, boxes, marks, stage, look, seen } = staged;
  const { said, on, press, focus } = useActing(props, staged);
  useSpan(props, stage);
  const fullHeight = rowsOf(graph) * lineHeight;
  const isPart = useIsPart(seen, fullHeight, props);
  return (
    <div class="flame">
      {seen && isPart && (
        <Minimap
          look={look}
          isInverted={inverted}
          width={seen.range.pixels}
          window={{
            left: seen.range.start,
            right: seen.range.end,
            top: seen.scrollTop / fullHeight,
            bottom: (seen.scrollTop + seen.height) / fullHeight,
          }}
          onDrag={(x, y) => stage.current?.centre(x, y)}
          onDrop={() => stage.current && props.onSpan?.(stage.current.range, 'drag')}
        />
      )}
      <div class="flame-scroller" ref={scroller} onScroll={() => stage.current?.paintSoon()}>
        <div style={{ height: `${fullHeight}px` }}>
          <div class="flame-sticky">
            <canvas ref={boxes} />
            <canvas
              class="flame-marks"
              ref={marks}
              tabIndex={0}
              role="application"
              aria-roledescription="flame graph"
              aria-label={label}
              onClick={on(click)}
              onPointerMove={on(pointAt)}
              onPointerLeave={on(pointAway)}
              onContextMenu={on(openMenu)}
              onKeyDown={press}
              onFocus={focus(true)}
              onBlur={focus(false)}
            />
          </div>
        </div>
      </div>
      {said && <Tip description={said.description} at={said.at} />}
      <p class="unseen" role="status">
        {said?.isSpoken && [said.description.title, ...said.description.lines].join(', ')}
      </p>
    </div>
  );
}

/** What is looked at aside from the zoom: after the zoom was looked at. */
function useSpan({ graph, zoom, span }: FlameGraphProps, stage: { readonly current: FlameStage | null }): void {
  const isAside = useRef(false);
  useLayoutEffect(() => {
    if (span || isAside.current) stage.current?.lookAt(span ?? spanOf(graph, zoom), { isGliding: true });
    isAside.current = span !== undefined;
  }, [graph, zoom, span?.start, span?.end]);
}

/** Whether less than the whole graph is seen, or was: what stands above it does not come and go. */
function useIsPart(seen: Seen | undefined, fullHeight: number, { graph, zoom }: FlameGraphProps): boolean {
  const last = useRef({ graph, isPart: false });
  if (last.current.graph !== graph) last.current = { graph, isPart: false };
  if (!seen) return false;
  const isZoomed = zoom > 0 || seen.range.start > 0 || seen.range.end < 1;
  if (isZoomed || seen.height < fullHeight) last.current.isPart = true;
  return last.current.isPart;
}
