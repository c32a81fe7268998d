import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useTheme } from '../state/theme.ts';
import type { FlameGraphProps } from './graph-props.ts';
import type { FlameRange } from './honest.ts';
import { type Look, lookOf } from './look.ts';
import { paletteOf } from './palette.ts';
import type { FlameModel } from './prepare.ts';
import { type Search, searchFrames } from './search.ts';
import { FlameStage, type Span } from './stage.ts';

/** What is seen of a graph. */
export interface Seen {
  readonly range: FlameRange;
  readonly height: number;
  readonly scrollTop: number;
}

/** A stage that shows what the properties say, on the elements that the refs are given to. */
export interface Staged {
  readonly scroller: { current: HTMLDivElement | null };
  readonly boxes: { current: HTMLCanvasElement | null };
  readonly marks: { current: HTMLCanvasElement | null };
  readonly stage: { readonly current: FlameStage | null };
  readonly look: Look;
  readonly found: Search | undefined;
  readonly seen: Seen | undefined;
}

export function useStage(props: FlameGraphProps): Staged {
  const { graph, colours, search = '', unsure } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const boxes = useRef<HTMLCanvasElement>(null);
  const marks = useRef<HTMLCanvasElement>(null);
  const stage = useRef<FlameStage | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [seen, setSeen] = useState<Seen>();
  const theme = useTheme();
  const palette = useMemo(() => paletteOf(document.body), [theme]);
  const found = useMemo(() => (search === '' ? undefined : searchFrames(graph, search)), [graph, search]);
  const look = useMemo(
    () => lookOf(graph, palette, { colours, matches: found?.names, unsure, formatValue: props.formatValue }),
    [graph, palette, colours, found, unsure],
  );

  useLayoutEffect(() => {
    const elements = { scroller: scroller.current, boxes: boxes.current, marks: marks.current };
    if (!elements.scroller || !elements.boxes || !elements.marks) return undefined;
    const { scroller: host, boxes: below, marks: above } = elements;
    const made = new FlameStage({ scroller: host, boxes: below, marks: above }, look);
    made.onPainted = () => {
      const next = { range: made.range, height: made.height, scrollTop: host.scrollTop };
      setSeen((before) => (before && isSame(before, next) ? before : next));
    };
    stage.current = made;
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(host);
    return () => {
      observer.disconnect();
      made.close();
    };
  }, []);
  useShown(props, stage, look);
  // The first picture at once, and not when the observer tells of the size, a frame later.
  useLayoutEffect(() => stage.current?.resize(), []);
  const range = seen?.range;
  useLayoutEffect(() => {
    if (range) latest.current.onShown?.(range);
  }, [range?.start, range?.end, range?.pixels, graph]);
  return { scroller, boxes, marks, stage, look, found, seen };
}

/** What the properties say goes to the stage, when it changes. */
function useShown(
  { graph, inverted = false, zoom, selected }: FlameGraphProps,
  stage: { readonly current: FlameStage | null },
  look: Look,
): void {
  const before = useRef<FlameModel>(undefined);
  useLayoutEffect(() => {
    stage.current?.show(look, inverted);
  }, [look, inverted]);
  useLayoutEffect(() => {
    stage.current?.scrollToRoot();
  }, [inverted, before.current !== graph && graph.levels]);
  useLayoutEffect(() => {
    stage.current?.lookAt(spanOf(graph, zoom), { isGliding: before.current === graph });
    before.current = graph;
  }, [graph, zoom]);
  useLayoutEffect(() => {
    stage.current?.select(selected);
  }, [selected]);
}

/** Of a node; the whole graph where it has no width. */
export function spanOf({ start, width }: FlameModel, node: number): Span {
  const [from = 0, wide = 0] = [start[node], width[node]];
  return wide > 0 ? { start: from, end: from + wide } : { start: 0, end: 1 };
}

function isSame(a: Seen, b: Seen): boolean {
  const isRange = a.range.start === b.range.start && a.range.end === b.range.end && a.range.pixels === b.range.pixels;
  return isRange && a.height === b.height && a.scrollTop === b.scrollTop;
}
