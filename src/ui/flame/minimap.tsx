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
}: {
  readonly look: Look;
  readonly isInverted: boolean;
  readonly width: number;
  readonly window: Window;
  readonly onDrag: (x: number, y: number) => void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const height = Math.min(mostHeight, rowsOf(look.model) * mostLine);
  useEffect(() => {
    if (canvas.current) paint(canvas.current, look, isInverted, { width, height });
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
  const rows = rowsOf(look.model);
  const line = height / rows;
  for (let level = 0; level < rows; level++) {
    const top = (isInverted ? rows - 1 - level : level) * line;
    for (const box of boxesOf(look.model, level, { start: 0, end: 1, pixels: width })) {
      pen.fillStyle = look.paintOf(box).fill;
      pen.fillRect(box.x, top, Math.max(0.5, box.width), line);
    }
  }
}
