import { lineHeight } from './paint.ts';
import type { Box } from './scene.ts';
import type { FlameStage } from './stage.ts';

type Marked = Pick<FlameStage, 'hover' | 'focus' | 'isFocusShown' | 'selected' | 'look' | 'model' | 'range' | 'topOf'>;

/** What is drawn above the boxes: the frame that is pointed at with all others of its function, what is selected, and the focus. */
export function paintMarks(pen: CanvasRenderingContext2D, stage: Marked, shown: readonly Box[]): void {
  const { hover, selected, model, look } = stage;
  const pointed = hover?.kind === 'frame' ? (model.name[hover.node] as number) : -1;
  pen.globalAlpha = 0.22;
  pen.fillStyle = look.palette.ink;
  for (const box of shown) {
    if (box.kind === 'frame' && box.node !== 0 && model.name[box.node] === pointed) {
      pen.fillRect(box.x, stage.topOf(box.level), box.width, lineHeight - 1);
    }
  }
  pen.globalAlpha = 1;
  for (const box of shown) {
    if (box.kind === 'frame' && model.name[box.node] === selected) outline(pen, stage, box, look.palette.accent, 1.5);
  }
  if (hover) outline(pen, stage, hover, look.palette.ink, 1.5);
  if (!stage.isFocusShown) return;
  const focused = shown.find((box) => box.kind === 'frame' && box.node === stage.focus) ?? narrow(stage);
  if (focused) outline(pen, stage, focused, look.palette.accent, 2.5);
}

/** The place of a focused frame that is too narrow for a box of its own. */
function narrow({ model, focus, range }: Marked): Pick<Box, 'x' | 'width' | 'level'> | undefined {
  const scale = range.pixels / (range.end - range.start);
  const x = ((model.start[focus] as number) - range.start) * scale;
  if (x < 0 || x > range.pixels) return undefined;
  return { x: x - 2, width: 4, level: model.level[focus] as number };
}

function outline(
  pen: CanvasRenderingContext2D,
  stage: Marked,
  { x, width, level }: Pick<Box, 'x' | 'width' | 'level'>,
  colour: string,
  thickness: number,
): void {
  const inset = thickness / 2;
  pen.strokeStyle = colour;
  pen.lineWidth = thickness;
  pen.strokeRect(x + inset, stage.topOf(level) + inset, Math.max(1, width - thickness), lineHeight - 1 - thickness);
}
