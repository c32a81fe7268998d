import { useEffect, useMemo, useRef } from 'preact/hooks';
import { humanValue } from '../../model/human-value.ts';
import { FlameGraph, type FlameGraphHandle } from '../flame/flame-graph.tsx';
import { type FlameModel, type FlameRange, nameOf, pathOf, pathText } from '../flame/model.ts';
import { spanOfText, spanText } from '../flame/span-text.ts';
import { spanOf } from '../flame/use-stage.ts';
import type { Parameters } from '../state/href.ts';
import { change } from '../state/place.ts';
import type { ShownGraph } from './use-profile.ts';

/** The header is drawn anew when a glide is over, not with each of its frames. */
const settleMs = 120;

/** The graph, wired to the URL: a click zooms and follows the function. */
export function GraphView({
  parameters,
  shown,
  handle,
  onShown,
  onMenu,
}: {
  readonly parameters: Parameters;
  readonly shown: ShownGraph;
  readonly handle: { current: FlameGraphHandle | null };
  readonly onShown: (range: FlameRange) => void;
  readonly onMenu: (name: string, path: readonly string[], at: { x: number; y: number }) => void;
}) {
  const { model, above, zoom } = shown;
  const { search, inverted, function: selected, span } = parameters;
  const own = spanOf(model, zoom);
  const index = useNameIndex(model, selected);
  const walk = useWalk(shown);
  const settled = useSettled(onShown);
  return (
    <div class="explore-graph">
      <FlameGraph
        graph={model}
        label="Flame graph; the table of functions has the same as text"
        colours="package"
        inverted={inverted === 'true'}
        {...(search !== undefined && { search })}
        zoom={zoom}
        onZoom={walk.zoomTo}
        span={spanOfText(span, own)}
        onSpan={(next, by) =>
          change({ span: next && spanText(next, own) }, { replace: by === 'drag' && span !== undefined })
        }
        {...(above.length > 0 && { onOut: () => change({ zoom: pathText(above.slice(0, -1)), span: undefined }) })}
        {...(index >= 0 && { selected: index })}
        onSelect={walk.select}
        onMenu={(node, at) => node > 0 && onMenu(nameOf(model, node), [...above, ...pathOf(model, node)], at)}
        formatValue={(value) => humanValue(value, model.unit)}
        onShown={settled}
        handle={handle}
      />
    </div>
  );
}

export function useNameIndex({ names }: FlameModel, name: string | undefined): number {
  return useMemo(() => (name === undefined ? -1 : names.indexOf(name)), [names, name]);
}

/** A click selects a frame and zooms to it: one step for the way back. A step by keyboard only selects, and is none. */
function useWalk({ model, above, zoom }: ShownGraph) {
  const chosen = useRef<{ readonly name: string | undefined }>(undefined);
  const select = (node: number) => {
    const mine = { name: node > 0 ? nameOf(model, node) : undefined };
    chosen.current = mine;
    queueMicrotask(() => {
      if (chosen.current !== mine) return;
      chosen.current = undefined;
      change({ function: mine.name }, { replace: true });
    });
  };
  const zoomTo = (node: number) => {
    const selects = chosen.current && { function: chosen.current.name };
    chosen.current = undefined;
    // From the root of a subtree the way out leads to the whole.
    const isOut = node === 0 && zoom === 0;
    change({ ...selects, zoom: isOut ? undefined : pathText([...above, ...pathOf(model, node)]), span: undefined });
  };
  return { select, zoomTo };
}

function useSettled(onShown: (range: FlameRange) => void): (range: FlameRange) => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const last = useRef<FlameRange>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (range) => {
    const { start, end, pixels } = last.current ?? {};
    if (range.start === start && range.end === end && range.pixels === pixels) return;
    last.current = range;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onShown(range), settleMs);
  };
}
