import type { RefObject } from 'preact';
import type { TimeWindow, UnixMs } from '../../model/units.ts';
import { momentText } from '../format/time.ts';
import { Band } from './bands.tsx';
import type { Target } from './brush.ts';
import { Cursor, CursorSlider, type KeyCursor } from './cursor.tsx';
import type { Columns } from './lines.ts';
import type { Mark } from './mark.ts';
import { Marks } from './marks.tsx';
import { isSameWindow, plotRoom } from './scale.ts';
import type { Brush } from './use-brush.ts';
import { type DrawnLine, spokenValues, valuesAt } from './values.ts';

const place = {
  left: `${plotRoom.left}px`,
  right: `${plotRoom.right}px`,
  top: `${plotRoom.top}px`,
  bottom: `${plotRoom.bottom}px`,
};

/** What lies over the lines: windows, marks, and where the reader is. */
export function Area({
  area,
  brush,
  label,
  shown,
  lines,
  columns,
  unit,
  windows,
  cursor,
  setCursor,
  canChoose,
  choose,
  marks,
  width,
}: {
  readonly area: RefObject<HTMLDivElement | null>;
  readonly brush: Brush;
  readonly label: string;
  readonly shown: TimeWindow;
  readonly lines: readonly DrawnLine[];
  readonly columns: Columns;
  readonly unit: string;
  /** Those that are chosen, or being drawn. */
  readonly windows: Readonly<Record<Target, TimeWindow | undefined>>;
  /** By keyboard. */
  readonly cursor: KeyCursor | undefined;
  readonly setCursor: (cursor: KeyCursor | undefined) => void;
  readonly canChoose: (target: Target) => boolean;
  readonly choose: (target: Target, window: TimeWindow | undefined) => void;
  readonly marks: readonly Mark[];
  /** Of all, in pixels. */
  readonly width: number;
}) {
  const cursorMs = brush.pointedMs ?? cursor?.atMs;
  const isTwo = [windows.range, windows.base].every((window) => window && !isSameWindow(window, shown));
  const told = (atMs: UnixMs) => `${momentText(atMs)}, ${spokenValues(valuesAt(lines, columns, atMs), unit)}`;
  return (
    <div
      class={isTwo ? 'timeline-area timeline-bands-two' : 'timeline-area'}
      ref={area}
      style={place}
      {...brush.handlers}
      onMouseDown={keepFocus}
      onDblClick={() => windows.range && choose('range', undefined)}
    >
      <CursorSlider {...{ label, shown, columns, choose, cursor, setCursor }} canDraw={canChoose} text={told} />
      {(['base', 'range'] as const).map((target) => {
        const window = windows[target];
        if (!window || isSameWindow(window, shown)) return null;
        return <Band key={target} {...{ target, window, shown }} choose={canChoose(target) ? choose : undefined} />;
      })}
      {cursorMs !== undefined && (
        <Cursor atMs={cursorMs} {...{ shown, unit }} values={valuesAt(lines, columns, cursorMs)} />
      )}
      <Marks {...{ marks, shown }} width={width - plotRoom.left - plotRoom.right} />
    </div>
  );
}

/** A drag does not take the focus from where the reader is. */
function keepFocus(event: Event): void {
  event.preventDefault();
}
