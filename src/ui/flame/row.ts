import type { FlameRange } from './honest.ts';
import type { FlameModel } from './prepare.ts';

/** One line of a graph: spans from left to right that do not overlap. Places run from `from` to before `to`. */
export interface Row {
  readonly from: number;
  readonly to: number;
  readonly startAt: (place: number) => number;
  readonly widthAt: (place: number) => number;
  /** Spans of one group belong together; a long run of narrow ones is parted where groups are. */
  readonly groupAt: (place: number) => number;
}

/** What is drawn of a row: one span, or a run of neighbours each of which is narrower than a pixel. */
export interface Piece {
  readonly isRun: boolean;
  readonly from: number;
  readonly to: number;
  /** Of the graph's width. */
  readonly start: number;
  readonly end: number;
}

/** A run is parted at the first group that begins after this many pixels, and after so many in any case. */
const [leastRun, mostRun] = [24, 72];

/** The nodes of a level; places are those of `order`. */
export function nodeRow({ order, levelStart, start, width, parent }: FlameModel, level: number): Row {
  return {
    from: levelStart[level] ?? 0,
    to: levelStart[level + 1] ?? 0,
    startAt: (place) => start[order[place] as number] as number,
    widthAt: (place) => width[order[place] as number] as number,
    groupAt: (place) => parent[order[place] as number] as number,
  };
}

/** What was folded away below nodes of the level above; places are those of `rests`. */
export function restRow({ rests }: FlameModel, level: number): Row {
  return {
    from: rests.levelStart[level] ?? 0,
    to: rests.levelStart[level + 1] ?? 0,
    startAt: (place) => rests.start[place] as number,
    widthAt: (place) => rests.width[place] as number,
    groupAt: (place) => rests.node[place] as number,
  };
}

/** The pieces of a row inside a range, from left to right. Takes time by pixels: narrow spans are passed by binary search. */
export function piecesOf(row: Row, range: FlameRange): Piece[] {
  const pixel = (range.end - range.start) / Math.max(1, range.pixels);
  const pieces: Piece[] = [];
  let place = firstAfter(row, range.start);
  while (place < row.to) {
    const start = row.startAt(place);
    if (start >= range.end) break;
    const width = row.widthAt(place);
    const isNarrow = width < pixel;
    const piece = isNarrow ? runFrom(row, place, pixel, range.end) : spanAt(place, start, width);
    if (piece.end > piece.start) pieces.push(piece);
    place = piece.to;
  }
  return pieces;
}

function spanAt(place: number, start: number, width: number): Piece {
  return { isRun: false, from: place, to: place + 1, start, end: start + width };
}

/** The longest run of narrow spans from here on, as long as a run may be. */
function runFrom(row: Row, from: number, pixel: number, rangeEnd: number): Piece {
  const start = row.startAt(from);
  let end = start + row.widthAt(from);
  let to = from + 1;
  while (to < row.to) {
    const next = row.startAt(to);
    // Neither over a gap, nor out of the picture, nor over a span that can be drawn.
    if (next - end > pixel || next >= rangeEnd || row.widthAt(to) >= pixel) break;
    const length = end - start;
    if (length >= mostRun * pixel || (length >= leastRun * pixel && row.groupAt(to) !== row.groupAt(to - 1))) break;
    // All that begin in this pixel; only the last of them can be wider than it.
    let after = firstFrom(row, to, next + pixel);
    if (after > to + 1 && row.widthAt(after - 1) >= pixel) after--;
    end = row.startAt(after - 1) + row.widthAt(after - 1);
    to = after;
  }
  return { isRun: true, from, to, start, end };
}

/** The first place whose span ends after `value`. */
function firstAfter(row: Row, value: number): number {
  const place = firstFrom(row, row.from, value);
  const isBeforeOpen = place > row.from && row.startAt(place - 1) + row.widthAt(place - 1) > value;
  return isBeforeOpen ? place - 1 : place;
}

/** The first place at or after `from` whose span begins at `value` or later; after `from` by doubling steps, then halving. */
function firstFrom(row: Row, from: number, value: number): number {
  let [low, step] = [from, 1];
  while (low + step < row.to && row.startAt(low + step) < value) {
    low += step;
    step *= 2;
  }
  let high = Math.min(row.to, low + step);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (row.startAt(middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
