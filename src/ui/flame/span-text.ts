import type { FlameRange } from './honest.ts';

/** From 0 to 1 of the graph's width. */
type Span = Pick<FlameRange, 'start' | 'end'>;

/** What is looked at as the URL has it, of the width of the frame that is zoomed to: `0.25~0.5`. The same in a subtree as in the whole; undefined: all of it. */
export function spanText({ start, end }: Span, own: Span): string | undefined {
  if (start === own.start && end === own.end) return undefined;
  const width = own.end - own.start;
  // Narrower than a pixel of the largest screen, whatever is looked at.
  const digits = Math.min(15, 5 + Math.max(0, Math.ceil(-Math.log10((end - start) / width))));
  return [start, end].map((at) => String(Number(((at - own.start) / width).toFixed(digits)))).join('~');
}

/** Undefined where the text is none of `spanText`, or leads out of the graph. */
export function spanOfText(text: string | undefined, own: Span): Span | undefined {
  const [from, to, ...more] = (text ?? '').split('~').map((part) => (part === '' ? Number.NaN : Number(part)));
  if (from === undefined || to === undefined || more.length > 0 || !(from < to)) return undefined;
  const width = own.end - own.start;
  const [start, end] = [Math.max(0, own.start + from * width), Math.min(1, own.start + to * width)];
  return start < end ? { start, end } : undefined;
}
