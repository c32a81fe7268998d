import { type Describing, describe } from './describe.ts';
import { fitText, type Measure } from './fit-text.ts';
import type { FlameRange } from './honest.ts';
import type { Look } from './look.ts';
import { leastText, lineHeight, paintBoxes, textPadding, textSize } from './paint.ts';
import { type Box, boxesOf, rowsOf } from './scene.ts';

export interface Exported {
  readonly look: Look;
  readonly isInverted: boolean;
  /** What is zoomed to; all lines of it are exported. */
  readonly range: FlameRange;
  readonly measure: Measure;
  readonly about: Describing;
}

/** Browsers refuse canvases that are higher. */
const mostPixels = 16_000;

/** A picture of its own: no scripts, no fonts, what a box is as its title. */
export function svgOf({ look, isInverted, range, measure, about }: Exported): string {
  const { palette, model } = look;
  const rows = rowsOf(model);
  const [width, height] = [range.pixels, rows * lineHeight];
  const drawn = allBoxes(look, range).map((box) => {
    const { fill, ink, isHatched } = look.paintOf(box);
    const y = (isInverted ? rows - 1 - box.level : box.level) * lineHeight;
    const { title, lines } = describe(box, about);
    const rect = (paint: string): string =>
      `<rect x="${round(box.x)}" y="${y}" width="${round(Math.max(0.5, box.width - (box.width > 3 ? 1 : 0)))}" height="${lineHeight - 1}" fill="${paint}"/>`;
    const text =
      box.kind === 'frame' && box.width >= leastText
        ? fitText(look.labelOf(box.node), box.width - 2 * textPadding, measure)
        : '';
    const label =
      text === '' ? '' : `<text x="${round(box.x + textPadding)}" y="${y + 14}" fill="${ink}">${escaped(text)}</text>`;
    return `<g><title>${escaped([title, ...lines].join('\n'))}</title>${rect(fill)}${isHatched ? rect('url(#unsure)') : ''}${label}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escaped(palette.font)}" font-size="${textSize}">
<defs><pattern id="unsure" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V8" stroke="${palette.dimInk}" stroke-opacity="0.5" stroke-width="2"/></pattern></defs>
<rect width="100%" height="100%" fill="${palette.background}"/>
${drawn.join('\n')}
</svg>
`;
}

export async function pngOf({ look, isInverted, range, measure }: Exported): Promise<Blob> {
  const rows = rowsOf(look.model);
  const [width, height] = [range.pixels, rows * lineHeight];
  const density = Math.min(2, mostPixels / Math.max(width, height));
  const canvas = new OffscreenCanvas(Math.round(width * density), Math.round(height * density));
  const pen = canvas.getContext('2d', { alpha: false });
  if (!pen) throw new Error('this browser has no canvas');
  pen.scale(density, density);
  const topOf = (level: number): number => (isInverted ? rows - 1 - level : level) * lineHeight;
  paintBoxes({ pen, width, height, density, measure, topOf }, allBoxes(look, range), look);
  return canvas.convertToBlob({ type: 'image/png' });
}

function allBoxes({ model }: Look, range: FlameRange): Box[] {
  return Array.from({ length: rowsOf(model) }, (_, level) => boxesOf(model, level, range)).flat();
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escaped(text: string): string {
  // Names are data of others; control characters are not allowed in XML at all.
  const clean = text.toWellFormed().replace(/(?![\t\n])\p{Cc}/gu, '\ufffd');
  return clean.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
}
