import './timeline.css';
import type { ComponentChildren } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import type { TimeWindow } from '../../model/units.ts';
import { windowText } from '../format/time.ts';
import { Area } from './area.tsx';
import type { Target } from './brush.ts';
import { Canvas } from './canvas.tsx';
import { draftOf, type KeyCursor } from './cursor.tsx';
import { Legend } from './legend.tsx';
import { alignLines, type Line } from './lines.ts';
import type { Mark } from './mark.ts';
import { UnseenTable } from './unseen-table.tsx';
import { useBrush } from './use-brush.ts';
import { useWidth } from './use-width.ts';
import { averagesOver, type DrawnLine, drawnLines } from './values.ts';
import { WindowFields } from './window-fields.tsx';

export interface TimelineProps {
  /** What the lines are of: the name of the figure. */
  readonly label: string;
  readonly lines: readonly Line[];
  readonly unit: string;
  /** From edge to edge. */
  readonly shown: TimeWindow;
  /** A part of the first line, drawn filled under it, with its share told. */
  readonly under?: Line | undefined;
  readonly marks?: readonly Mark[];
  readonly range?: TimeWindow | undefined;
  readonly base?: TimeWindow | undefined;
  /** With it a drag chooses a range; undefined: it is taken away. */
  readonly onRange?: (window: TimeWindow | undefined) => void;
  /** With it a drag with Shift chooses a baseline. */
  readonly onBase?: (window: TimeWindow | undefined) => void;
  /** By line: what its average is over where that is not the range. */
  readonly averageOver?: readonly (TimeWindow | undefined)[];
  /** Right below the lines, as wide as they. */
  readonly below?: ComponentChildren;
  /** Beside what is chosen. */
  readonly beside?: ComponentChildren;
  /** Of the chart, in pixels. */
  readonly height?: number;
}

/** Values over time, with what happened on top, and windows that are chosen by mouse, finger, arrow keys or date and time. */
export function Timeline(props: TimelineProps) {
  const { label, lines, unit, shown, under, marks = noMarks, onRange, onBase, height = 150 } = props;
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const drawn = useMemo(() => drawnLines(lines, under), [lines, under]);
  const columns = useMemo(() => alignLines(drawn), [drawn]);
  const choice = useChoice(props);
  const averaged = choice.windows.range ?? shown;
  // The pointer moves often: what does not follow it is not drawn again.
  const canvas = useMemo(
    () => width > 0 && <Canvas {...{ columns, shown, unit, width, height }} lines={drawn.map(lookOf)} />,
    [drawn, shown, unit, width, height],
  );
  const table = useMemo(
    () => <UnseenTable {...{ label, unit, shown, marks }} lines={drawn} />,
    [drawn, unit, shown, marks],
  );
  return (
    <figure class="timeline" aria-label={label}>
      <Legend
        label={label}
        unit={unit}
        averages={averagesOver(drawn, averaged, props.averageOver ?? [])}
        averagedOver={windowText(averaged)}
      />
      <div class="timeline-box" ref={box} style={{ height: `${height}px` }}>
        {canvas}
        <Area {...choice} {...{ label, shown, columns, unit, marks, width }} lines={drawn} />
      </div>
      {props.below}
      {(onRange || onBase || props.beside) && (
        <div class="timeline-foot">
          {onRange && <WindowFields target="range" window={props.range} {...{ shown, choose: choice.choose }} />}
          {onBase && <WindowFields target="base" window={props.base} {...{ shown, choose: choice.choose }} />}
          {props.beside}
          {onRange && onBase && <DragTarget target={choice.target} setTarget={choice.setTarget} />}
        </div>
      )}
      {table}
    </figure>
  );
}

const noMarks: readonly Mark[] = [];

/** A line alone, and a part of another, are filled. */
function lookOf({ colour, isPart }: DrawnLine, _: number, all: readonly DrawnLine[]) {
  return { colour, isFilled: isPart || all.length === 1 };
}

/** The two windows: as they are, as they are drawn by pointer or keys, and how they are chosen. */
function useChoice({ shown, range, base, onRange, onBase }: TimelineProps) {
  const area = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState<KeyCursor>();
  const [target, setTarget] = useState<Target>('range');
  const setters = { range: onRange, base: onBase };
  const canChoose = (which: Target) => setters[which] !== undefined;
  const choose = (which: Target, window: TimeWindow | undefined) => setters[which]?.(window);
  const brush = useBrush(area, {
    shown,
    windows: { ...(onRange && { range }), ...(onBase && { base }) },
    target: canChoose(target) ? target : undefined,
    choose,
  });
  const draft = brush.draft ?? (cursor && draftOf(cursor));
  const windows: Record<Target, TimeWindow | undefined> = { range, base };
  if (draft) windows[draft.target] = draft.window;
  return { area, brush, cursor, setCursor, target, setTarget, windows, canChoose, choose };
}

/** Fingers have no Shift: what a drag chooses is a button, too. */
function DragTarget({ target, setTarget }: { readonly target: Target; readonly setTarget: (target: Target) => void }) {
  return (
    <div class="timeline-drag" role="group" aria-label="What a drag chooses">
      <span class="muted">Drag:</span>
      <button aria-pressed={target === 'range'} onClick={() => setTarget('range')}>
        Range
      </button>
      <button aria-pressed={target === 'base'} onClick={() => setTarget('base')} title="Or hold Shift while dragging">
        Baseline
      </button>
    </div>
  );
}
