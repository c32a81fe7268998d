import './timeline.css';
import type { ComponentChildren } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { humanValue } from '../../model/human-value.ts';
import type { TimeWindow, UnixMs } from '../../model/units.ts';
import { momentText, windowText } from '../format/time.ts';
import { Band } from './bands.tsx';
import type { Target } from './brush.ts';
import { Canvas } from './canvas.tsx';
import { Cursor, CursorSlider, draftOf, type KeyCursor } from './cursor.tsx';
import { Legend } from './legend.tsx';
import { alignLines, averageIn, type Line, stepAt } from './lines.ts';
import type { Mark } from './mark.ts';
import { Marks } from './marks.tsx';
import { plotRoom } from './plot.ts';
import { isSameWindow } from './scale.ts';
import { UnseenTable } from './unseen-table.tsx';
import { useBrush } from './use-brush.ts';
import { useWidth } from './use-width.ts';
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

const seriesColours = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5', '--series-6'] as const;
const underColour = '--series-2';
/** Under several lines, the second of which has that one. */
const underLinesColour = '--series-4';

/** Values over time, with what happened on top, and windows that are chosen by mouse, finger, arrow keys or date and time. */
export function Timeline(props: TimelineProps) {
  const { label, lines, unit, shown, under, marks = [], range, base, onRange, onBase, height = 150 } = props;
  const box = useRef<HTMLDivElement>(null);
  const area = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [key, setKey] = useState<KeyCursor>();
  const [target, setTarget] = useState<Target>('range');
  const all = useMemo(() => (under ? [...lines, under] : lines), [lines, under]);
  const columns = useMemo(() => alignLines(all), [all]);
  const colours = coloursOf(lines.length, under);

  const setters = { range: onRange, base: onBase };
  const canChoose = (which: Target) => setters[which] !== undefined;
  const choose = (which: Target, window: TimeWindow | undefined) => setters[which]?.(window);
  const brush = useBrush(area, {
    shown,
    windows: { ...(onRange && { range }), ...(onBase && { base }) },
    target: canChoose(target) ? target : undefined,
    choose,
  });
  const draft = brush.draft ?? (key && draftOf(key));
  const windows: Record<Target, TimeWindow | undefined> = {
    range,
    base,
    ...(draft && { [draft.target]: draft.window }),
  };
  const cursorMs = brush.pointedMs ?? key?.atMs;
  const valuesAt = (atMs: UnixMs) => valuesOf(columns, all, colours, under, atMs);
  const averaged = windows.range ?? shown;

  const canvas = useMemo(
    () =>
      width > 0 && (
        <Canvas
          {...{ columns, shown, unit, width, height }}
          lines={colours.map((colour, at) => ({ colour, isFilled: at === lines.length || all.length === 1 }))}
        />
      ),
    [columns, shown, unit, width, height],
  );
  const table = useMemo(
    () => <UnseenTable {...{ label, unit, shown, marks }} lines={all} />,
    [all, unit, shown, marks],
  );
  return (
    <figure class="timeline" aria-label={label}>
      <Legend
        label={label}
        unit={unit}
        entries={entriesOf(all, colours, under, { window: averaged, own: props.averageOver ?? [] })}
        averagedOver={windowText(averaged)}
      />
      <div class="timeline-box" ref={box} style={{ height: `${height}px` }}>
        {canvas}
        <div
          class="timeline-area"
          ref={area}
          style={areaStyle}
          {...brush.handlers}
          onMouseDown={keepFocus}
          onDblClick={() => range && choose('range', undefined)}
        >
          <CursorSlider
            {...{ label, shown, columns, choose }}
            cursor={key}
            setCursor={setKey}
            canDraw={canChoose}
            text={(atMs) =>
              [
                momentText(atMs),
                ...valuesAt(atMs).map(
                  (one) => `${one.label} ${one.value === null ? 'nothing' : humanValue(one.value, unit)}`,
                ),
              ].join(', ')
            }
          />
          {(['base', 'range'] as const).map((which) => {
            const window = windows[which];
            if (!window || isSameWindow(window, shown)) return null;
            return (
              <Band key={which} {...{ target: which, window, shown }} choose={canChoose(which) ? choose : undefined} />
            );
          })}
          {cursorMs !== undefined && <Cursor atMs={cursorMs} {...{ shown, unit }} values={valuesAt(cursorMs)} />}
          <Marks {...{ marks, shown }} width={width - plotRoom.left - plotRoom.right} />
        </div>
      </div>
      {props.below}
      {(onRange || onBase || props.beside) && (
        <div class="timeline-foot">
          {onRange && <WindowFields target="range" {...{ window: range, shown, choose }} />}
          {onBase && <WindowFields target="base" {...{ window: base, shown, choose }} />}
          {props.beside}
          {onRange && onBase && <DragTarget target={target} setTarget={setTarget} />}
        </div>
      )}
      {table}
    </figure>
  );
}

/** A drag does not take the focus from where the reader is. */
function keepFocus(event: Event): void {
  event.preventDefault();
}

const areaStyle = {
  left: `${plotRoom.left}px`,
  right: `${plotRoom.right}px`,
  top: `${plotRoom.top}px`,
  bottom: `${plotRoom.bottom}px`,
};

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

function coloursOf(count: number, under: Line | undefined): string[] {
  const ofLines = Array.from({ length: count }, (_, at) => seriesColours[at % seriesColours.length] as string);
  return under ? [...ofLines, count > 1 ? underLinesColour : underColour] : ofLines;
}

function valuesOf(
  { times, values }: ReturnType<typeof alignLines>,
  lines: readonly Line[],
  colours: readonly string[],
  under: Line | undefined,
  atMs: UnixMs,
) {
  const step = stepAt(times, atMs);
  const total = values[0]?.[step] ?? 0;
  return lines.map((line, at) => {
    const value = values[at]?.[step] ?? null;
    const share = line === under && value !== null && total > 0 ? humanValue(value / total, 'share') : undefined;
    return { label: line.label, colour: colours[at] ?? '', value, ...(share !== undefined && { beside: share }) };
  });
}

function entriesOf(
  lines: readonly Line[],
  colours: readonly string[],
  under: Line | undefined,
  { window, own }: { readonly window: TimeWindow; readonly own: readonly (TimeWindow | undefined)[] },
) {
  const total = lines[0] && averageIn(lines[0].points, window);
  return lines.map((line, at) => {
    const over = own[at];
    const average = averageIn(line.points, over ?? window);
    const share = line === under && average !== undefined && total ? average / total : undefined;
    return {
      label: line.label,
      colour: colours[at] ?? '',
      average,
      beside: share === undefined ? over && `over ${windowText(over)}` : `${humanValue(share, 'share')} of the total`,
    };
  });
}
