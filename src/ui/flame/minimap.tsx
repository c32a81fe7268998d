import { useEffect, useRef } from 'preact/hooks';
import type { Look } from './look.ts';
import { boxesOf, rowsOf } from './scene.ts';

/** A part of the whole graph, each from 0 to 1. */
export interface Window {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const mostHeight = 44;
const mostLine = 3;

/** The whole graph in a strip, and what part of it is seen; dragging looks at another part. `onDrag`: the middle of it, from 0 to 1. */
export function Minimap({
  look,
  isInverted,
  width,
  window,
  onDrag,
  onDrop,
}: {
  readonly look: Look;
  readonly isInverted: boolean;
  readonly width: number;
  readonly window: Window;
  readonly onDrag: (x: number, y: number) => void;
  readonly onDrop: () => void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const height = Math.min(mostHeight, rowsOf(look.model) * mostLine);
  useEffect(() => {
    // The graph comes first.
    const later = setTimeout(() => {
      if (canvas.current) paint(canvas.current, look, isInverted, { width, height });
    });
    return () => clearTimeout(later);
  }, [look, isInverted, width, height]);
  const drag = (event: PointerEvent): void => {
    if (event.buttons !== 1) return;
    const strip = event.currentTarget as HTMLElement;
    if (event.type === 'pointerdown') strip.setPointerCapture(event.pointerId);
    const { left, top } = strip.getBoundingClientRect();
    onDrag((event.clientX - left) / width, (event.clientY - top) / height);
  };
  const percent = (value: number): string => `${Math.min(100, Math.max(0, 100 * value))}%`;
  return (
    <div
      class="flame-minimap"
      aria-hidden="true"
      onPointerDown={drag}
      onPointerMove={drag}
      onPointerUp={onDrop}
      style={{ height: `${height}px` }}
    >
      <canvas ref={canvas} />
      <div
        class="flame-window"
        style={{
          left: percent(window.left),
          width: percent(window.right - window.left),
          top: percent(window.top),
          height: percent(Math.min(1, window.bottom) - window.top),
        }}
      />
    </div>
  );
}

function paint(
  canvas: HTMLCanvasElement,
  look: Look,
  isInverted: boolean,
  { width, height }: { width: number; height: number },
): void {
  const density = devicePixelRatio || 1;
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext('2d', { alpha: false });
  if (!pen) return;
  pen.scale(density, density);
  pen.fillStyle = look.palette.background;
  pen.fillRect(0, 0, width, height);
  for (const [fill, boxes] of stripBoxes(look, isInverted, { width, height })) {
    pen.fillStyle = fill;
    for (const { x, y, wide, high } of boxes) pen.fillRect(x, y, wide, high);
  }
}

interface StripBox {
  readonly x: number;
  readonly y: number;
  readonly wide: number;
  readonly high: number;
}

/** By colour. As much as a strip can show: a level a pixel, and every second pixel of it. */
function stripBoxes(
  { model, paintOf }: Look,
  isInverted: boolean,
  { width, height }: { width: number; height: number },
): Map<string, StripBox[]> {
  const found = new Map<string, StripBox[]>();
  const rows = rowsOf(model);
  const step = Math.ceil(rows / height);
  const line = height / rows;
  for (let level = 0; level < rows; level += step) {
    const y = (isInverted ? Math.max(0, rows - step - level) : level) * line;
    for (const box of boxesOf(model, level, { start: 0, end: 1, pixels: width / 2 })) {
      const { fill } = paintOf(box);
      const drawn = { x: 2 * box.x, y, wide: Math.max(1, 2 * box.width), high: step * line };
      const list = found.get(fill);
      if (list) list.push(drawn);
      else found.set(fill, [drawn]);
    }
  }
  return found;
}
