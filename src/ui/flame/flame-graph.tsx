import './flame.css';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useTheme } from '../state/theme.ts';
import type { Colours } from './colours.ts';
import type { FlameRange } from './honest.ts';
import { lookOf } from './look.ts';
import { nextMatch } from './moves.ts';
import { paletteOf } from './palette.ts';
import type { FlameModel } from './prepare.ts';
import { searchFrames } from './search.ts';
import { FlameStage } from './stage.ts';

/** What a page may ask of a graph that is shown. */
export interface FlameGraphHandle {
  readonly focus: () => void;
  /** Goes to the next frame that matches the search, or to the one before. */
  readonly nextMatch: (step: 1 | -1) => void;
  /** All lines of what is zoomed to, as a file of its own. */
  readonly svg: () => string;
  readonly png: () => Promise<Blob>;
}

export interface FlameGraphProps {
  readonly graph: FlameModel;
  /** For those who don't see it: what it is a graph of. */
  readonly label: string;
  readonly colours: Colours;
  /** The root stands at the bottom. */
  readonly inverted?: boolean;
  readonly search?: string;
  /** A node; 0 is the whole graph. */
  readonly zoom: number;
  readonly onZoom: (node: number) => void;
  /** Index of a name: its frames are outlined. */
  readonly selected?: number;
  readonly onSelect: (node: number) => void;
  readonly onMenu?: (node: number, at: { readonly x: number; readonly y: number }) => void;
  /** By name: 1 where a change is within what scrapes differ by anyway. */
  readonly unsure?: Uint8Array;
  readonly formatValue: (value: number) => string;
  /** Told what is seen, for `foldedText`; also when the window changes its size. */
  readonly onShown?: (range: FlameRange) => void;
  readonly handle?: { current: FlameGraphHandle | null };
}

/** A flame graph on a canvas. It fills its parent, which is a flex column of some height, and scrolls inside. */
export function FlameGraph(props: FlameGraphProps) {
  const { graph, label, colours, inverted = false, search = '', zoom, unsure, selected } = props;
  const [scroller, boxes, marks] = [
    useRef<HTMLDivElement>(null),
    useRef<HTMLCanvasElement>(null),
    useRef<HTMLCanvasElement>(null),
  ];
  const stage = useRef<FlameStage | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const theme = useTheme();
  const [fullHeight, setFullHeight] = useState(0);
  const found = useMemo(() => (search === '' ? undefined : searchFrames(graph, search)), [graph, search]);

  useEffect(() => {
    const [host, one, other] = [scroller.current, boxes.current, marks.current];
    if (!host || !one || !other) return undefined;
    const look = lookOf(graph, paletteOf(host), { colours, matches: undefined, unsure });
    const made = new FlameStage({ scroller: host, boxes: one, marks: other }, look);
    stage.current = made;
    made.onPainted = () => latest.current.onShown?.(made.range);
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(host);
    return () => {
      observer.disconnect();
      made.close();
    };
  }, []);

  useEffect(() => {
    const [made, host] = [stage.current, scroller.current];
    if (!made || !host) return;
    made.show(lookOf(graph, paletteOf(host), { colours, matches: found?.names, unsure }), inverted);
    setFullHeight(made.fullHeight);
  }, [graph, theme, colours, inverted, found, unsure]);

  useEffect(() => {
    const start = graph.start[zoom] ?? 0;
    const width = graph.width[zoom] ?? 1;
    stage.current?.lookAt(width > 0 ? { start, end: start + width } : { start: 0, end: 1 }, { isGliding: true });
  }, [graph, zoom]);

  useEffect(() => {
    if (!stage.current) return;
    stage.current.selected = selected;
    stage.current.paintMarks();
  }, [selected]);

  useEffect(() => {
    const { handle } = props;
    if (!handle) return;
    handle.current = {
      focus: () => marks.current?.focus(),
      nextMatch: (step) => {
        const made = stage.current;
        const node = made && found && nextMatch(graph, found.names, made.focus, step);
        if (!made || node === undefined || node === null) return;
        made.focus = node;
        made.revealLevel(graph.level[node] as number);
        made.paintMarks();
        props.onSelect(node);
      },
      svg: () => '',
      png: async () => new Blob(),
    };
  });

  const click = (event: MouseEvent): void => {
    const box = stage.current?.boxAt(event.offsetX, event.offsetY);
    if (!stage.current || !box) return;
    if (box.kind === 'run') return stage.current.lookAt(box, { isGliding: true });
    stage.current.focus = box.node;
    props.onSelect(box.node);
    props.onZoom(box.node);
  };
  return (
    <div class="flame">
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
              onClick={click}
              onPointerMove={(event) => {
                if (!stage.current) return;
                stage.current.hover = stage.current.boxAt(event.offsetX, event.offsetY);
                stage.current.paintMarks();
              }}
              onContextMenu={(event) => {
                const box = stage.current?.boxAt(event.offsetX, event.offsetY);
                if (box?.kind !== 'frame' || !props.onMenu) return;
                event.preventDefault();
                props.onMenu(box.node, { x: event.clientX, y: event.clientY });
              }}
            />
          </div>
        </div>
      </div>
    </div>
  );
}
