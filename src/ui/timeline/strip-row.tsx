import type { TargetedPointerEvent } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { counted } from '../../model/human-value.ts';
import type { TimeWindow } from '../../model/units.ts';
import { durationText, momentText } from '../format/time.ts';
import { useTheme } from '../state/theme.ts';
import {
  builtText,
  type Cell,
  cellsOf,
  countScrapes,
  type Outcome,
  type Scrape,
  type ScrapedProcess,
} from './provenance.ts';
import { plotRoom, shareOf } from './scale.ts';

const rowPx = 9;

/** A process: its scrapes as cells, each with what became of it. Shapes differ as colours do. */
export function StripRow({
  name,
  process,
  scrapes,
  shown,
  part,
  width,
}: {
  readonly name: string;
  readonly process: ScrapedProcess;
  readonly scrapes: readonly Scrape[];
  readonly shown: TimeWindow;
  /** What the graph is of: the rest is pale. */
  readonly part: TimeWindow;
  readonly width: number;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  const cells = useMemo(() => cellsOf(scrapes, shown, width), [scrapes, shown, width]);
  const [pointed, setPointed] = useState<Cell>();
  useLayoutEffect(() => {
    if (canvas.current) drawCells(canvas.current, cells, { width, shown, part });
  }, [cells, width, shown, part, theme]);
  const point = (event: TargetedPointerEvent<HTMLElement>) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    setPointed(cells.findLast(({ left, width: wide }) => x >= left - 1 && x <= left + wide + 1));
  };
  const words = builtText(countScrapes(scrapes));
  return (
    <div class="provenance-row">
      <span class="provenance-name" title={`${name}\n${process.process}`} style={{ width: `${plotRoom.left}px` }}>
        {name.slice(-nameLetters).replace(/^\W/, '')}
      </span>
      <div class="provenance-strip" onPointerMove={point} onPointerLeave={() => setPointed(undefined)}>
        <canvas
          ref={canvas}
          role="img"
          aria-label={`${name}: ${words}`}
          style={{ width: `${width}px`, height: `${rowPx}px` }}
        />
        {pointed && (
          <div
            class={pointed.left > 0.6 * width ? 'timeline-tip timeline-tip-left' : 'timeline-tip'}
            style={pointed.left > 0.6 * width ? { right: `${width - pointed.left}px` } : { left: `${pointed.left}px` }}
            aria-hidden="true"
          >
            <CellTip name={name} cell={pointed} />
          </div>
        )}
      </div>
    </div>
  );
}

/** What fits beside the strip; ends of names of pods tell them apart. */
const nameLetters = 6;

function CellTip({ name, cell: { scrapes, outcome } }: { readonly name: string; readonly cell: Cell }) {
  const scrape = scrapes.find((one) => one.outcome === outcome) ?? scrapes[0];
  if (!scrape) return null;
  return (
    <>
      <span class="timeline-tip-line">
        <b>{momentText(scrape.atMs, { seconds: true })}</b> {name}
      </span>
      <span class="timeline-tip-line">
        <b>{scrape.outcome}</b> {scrape.text}
      </span>
      <span class="timeline-tip-line muted">
        {scrapes.length > 1
          ? `the worst of ${counted(scrapes.length, 'scrape')} here`
          : `one every ${durationText(scrape.intervalMs)}`}
      </span>
    </>
  );
}

/** Which part of a row's height a cell fills, from the top: no two outcomes that are not good look alike without colour. */
const shapes: Readonly<Record<Outcome, { readonly colour: string; readonly top: number; readonly bottom: number }>> = {
  ok: { colour: '--good', top: 0.2, bottom: 0.8 },
  late: { colour: '--warn', top: 0.5, bottom: 1 },
  trimmed: { colour: '--series-4', top: 0, bottom: 0.5 },
  failed: { colour: '--bad', top: 0, bottom: 1 },
  missing: { colour: '--bad', top: 0, bottom: 1 },
};
const paleAlpha = 0.35;

function drawCells(
  canvas: HTMLCanvasElement,
  cells: readonly Cell[],
  { width, shown, part }: { readonly width: number; readonly shown: TimeWindow; readonly part: TimeWindow },
): void {
  const ratio = devicePixelRatio;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(rowPx * ratio);
  const context = canvas.getContext('2d');
  if (!context) return;
  const style = getComputedStyle(canvas);
  context.scale(ratio, ratio);
  const [partFrom, partTo] = [shareOf(shown, part.fromMs) * width, shareOf(shown, part.toMs) * width];
  for (const { left, width: wide, outcome } of cells) {
    const { colour, top, bottom } = shapes[outcome];
    context.globalAlpha = left >= partFrom - 0.5 && left < partTo ? 1 : paleAlpha;
    context.fillStyle = style.getPropertyValue(colour);
    context.strokeStyle = context.fillStyle;
    const drawn = Math.max(1, wide - (wide > 2.5 ? 1 : 0));
    if (outcome === 'missing') context.strokeRect(left + 0.5, 0.5, Math.max(1, drawn - 1), rowPx - 1);
    else context.fillRect(left, top * rowPx, drawn, (bottom - top) * rowPx);
  }
}
