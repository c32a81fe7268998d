import { crc32, deflateSync, inflateSync } from 'node:zlib';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const paletteSize = 256;

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue. */
  readonly rgb: Uint8Array;
}

/**
 * The same picture in 256 colours, in a quarter of the bytes: pages are flat, and what is left out are shades at the edges
 * of letters. Takes what Chromium writes: 8 bits a channel, with or without alpha, not interlaced.
 */
export function smallPng(png: Uint8Array): Buffer {
  const pixels = decode(Buffer.from(png));
  const { width, height, rgb } = pixels;
  const palette = paletteOf(rgb);
  const nearest = new Map<number, number>();
  const rows = Buffer.alloc(height * (width + 1));
  for (let at = 0; at < width * height; at++) {
    const colour = colourAt(rgb, at);
    let index = nearest.get(colour);
    if (index === undefined) {
      index = nearestOf(palette, colour);
      nearest.set(colour, index);
    }
    rows[at + Math.floor(at / width) + 1] = index;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  const data = deflateSync(rows, { level: 9 });
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The commonest colours, and of the others those of which there are most after they were brought together by likeness. */
function paletteOf(rgb: Uint8Array): number[] {
  const counts = new Map<number, number>();
  for (let at = 0; at < rgb.length / 3; at++) {
    const colour = colourAt(rgb, at);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const byCount = [...counts].sort(([, a], [, b]) => b - a);
  const exact = byCount.slice(0, paletteSize / 2).map(([colour]) => colour);
  const alike = Map.groupBy(byCount.slice(paletteSize / 2), ([colour]) => colour & 0xe0e0e0);
  const rest = [...alike.values()]
    .map((group) => ({ colour: group[0]?.[0] ?? 0, pixels: group.reduce((sum, [, count]) => sum + count, 0) }))
    .sort((a, b) => b.pixels - a.pixels)
    .map(({ colour }) => colour);
  return [...exact, ...rest].slice(0, paletteSize);
}

function nearestOf(palette: readonly number[], colour: number): number {
  let [best, least] = [0, Infinity];
  for (const [index, known] of palette.entries()) {
    const red = (known >> 16) - (colour >> 16);
    const green = ((known >> 8) & 255) - ((colour >> 8) & 255);
    const blue = (known & 255) - (colour & 255);
    const distance = 3 * red * red + 6 * green * green + blue * blue;
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}

function colourAt(rgb: Uint8Array, at: number): number {
  return ((rgb[3 * at] ?? 0) << 16) | ((rgb[3 * at + 1] ?? 0) << 8) | (rgb[3 * at + 2] ?? 0);
}

function decode(png: Buffer): Pixels {
  const [width, height, channels] = [png.readUInt32BE(16), png.readUInt32BE(20), png[25] === 6 ? 4 : 3];
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const raw = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  const lines = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++) unfilter(raw, lines, y, { stride, channels });
  const rgb = new Uint8Array(width * height * 3);
  for (let at = 0; at < width * height; at++) rgb.set(lines.subarray(at * channels, at * channels + 3), 3 * at);
  return { width, height, rgb };
}

/** PNG, 9.2: each byte is told as its difference to those to the left, above, or both. */
function unfilter(
  raw: Uint8Array,
  lines: Uint8Array,
  y: number,
  { stride, channels }: { readonly stride: number; readonly channels: number },
): void {
  const filter = raw[y * (stride + 1)] ?? 0;
  for (let x = 0; x < stride; x++) {
    const at = y * stride + x;
    const left = x >= channels ? (lines[at - channels] ?? 0) : 0;
    const up = y > 0 ? (lines[at - stride] ?? 0) : 0;
    const corner = x >= channels && y > 0 ? (lines[at - stride - channels] ?? 0) : 0;
    const guesses = [0, left, up, (left + up) >> 1, paeth(left, up, corner)];
    lines[at] = (raw[y * (stride + 1) + 1 + x] ?? 0) + (guesses[filter] ?? 0);
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  whole.set(body, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}
