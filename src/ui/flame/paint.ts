import { fitText, type Measure } from './fit-text.ts';
import type { Look } from './look.ts';
import type { Box } from './scene.ts';

/** Height of a line, of which one pixel stays free. */
export const lineHeight = 20;
export const textSize = 12;
export const textPadding = 5;
/** Narrower boxes have no text. */
export const leastText = 26;
/** Only wider ones have a note beside it. */
const leastNote = 150;

type Pen = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

export interface Picture {
  readonly pen: Pen;
  readonly width: number;
  readonly height: number;
  /** Device pixels of a pixel. */
  readonly density: number;
  readonly measure: Measure;
  /** Where the line of a level begins. */
  readonly topOf: (level: number) => number;
}

/** Draws boxes; those of one colour at once, since a change of colour costs more than a box. */
export function paintBoxes(picture: Picture, boxes: readonly Box[], look: Look): void {
  const { pen, width, height } = picture;
  pen.fillStyle = look.palette.background;
  pen.fillRect(0, 0, width, height);
  const byFill = new Map<string, Box[]>();
  const byInk = new Map<string, Box[]>();
  const hatched: Box[] = [];
  for (const box of boxes) {
    const { fill, ink, isHatched } = look.paintOf(box);
    listed(byFill, fill).push(box);
    if (isHatched && box.width > 3) hatched.push(box);
    if (box.kind === 'frame' && box.width >= leastText) listed(byInk, ink).push(box);
  }
  for (const [fill, filled] of byFill) {
    pen.fillStyle = fill;
    for (const box of filled) fillBox(picture, box);
  }
  if (hatched.length > 0) hatch(picture, hatched, look);
  write(picture, byInk, look);
}

function listed(lists: Map<string, Box[]>, key: string): Box[] {
  let list = lists.get(key);
  if (!list) lists.set(key, (list = []));
  return list;
}

/** On whole device pixels, so that edges are sharp; boxes of some width leave a gap to their right. */
function fillBox({ pen, density, topOf }: Picture, { x, width, level }: Box): void {
  const left = Math.round(x * density) / density;
  const right = Math.round((x + width) * density) / density;
  const gap = width > 3 ? 1 / density : 0;
  pen.fillRect(left, topOf(level), Math.max(1 / density, right - left - gap), lineHeight - 1);
}

function hatch(picture: Picture, boxes: readonly Box[], { palette }: Look): void {
  const pattern = picture.pen.createPattern(hatchTile(palette.dimInk), 'repeat');
  if (!pattern) return;
  picture.pen.fillStyle = pattern;
  picture.pen.globalAlpha = 0.45;
  for (const box of boxes) fillBox(picture, box);
  picture.pen.globalAlpha = 1;
}

function hatchTile(colour: string): OffscreenCanvas {
  const size = 8;
  const tile = new OffscreenCanvas(size, size);
  const pen = tile.getContext('2d');
  if (!pen) return tile;
  pen.strokeStyle = colour;
  pen.lineWidth = 1.2;
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift - 1, size + 1);
    pen.lineTo(shift + size + 1, -1);
  }
  pen.stroke();
  return tile;
}

function write(picture: Picture, byInk: ReadonlyMap<string, readonly Box[]>, look: Look): void {
  const { pen } = picture;
  pen.font = `${textSize}px ${look.palette.font}`;
  pen.textBaseline = 'middle';
  for (const [ink, boxes] of byInk) {
    pen.fillStyle = ink;
    for (const box of boxes) writeIn(picture, box, look);
  }
}

/** The name, and in boxes that have room to spare a note to the right of it. */
function writeIn({ pen, measure, topOf }: Picture, { node, x, width, level }: Box, { labelOf, noteOf }: Look): void {
  const label = labelOf(node);
  const text = fitText(label, width - 2 * textPadding, measure);
  if (text === '') return;
  const middle = topOf(level) + lineHeight / 2;
  pen.fillText(text, x + textPadding, middle);
  if (width < leastNote || text !== label) return;
  const note = noteOf(node);
  const noteWidth = measure(note);
  if (measure(text) + noteWidth + 5 * textPadding > width) return;
  pen.globalAlpha = 0.72;
  pen.fillText(note, x + width - textPadding - noteWidth, middle);
  pen.globalAlpha = 1;
}
