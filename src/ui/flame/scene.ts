import type { FlameRange } from './honest.ts';
import type { FlameModel } from './prepare.ts';
import { nodeRow, type Piece, piecesOf, restRow } from './row.ts';

/** A box of the picture. Places: of a frame or a run those of `order`, of what was folded those of `rests`. */
export interface Box {
  readonly kind: 'frame' | 'run' | 'folded';
  readonly level: number;
  /** In pixels, clipped to the picture. */
  readonly x: number;
  readonly width: number;
  readonly from: number;
  readonly to: number;
  /** The node: of a run its first, of what was folded the one it is below of. */
  readonly node: number;
  /** Of the graph's width, not clipped. */
  readonly start: number;
  readonly end: number;
}

/** Lines that a graph needs: one more than levels where something is folded below the deepest. */
export function rowsOf({ levels, rests }: FlameModel): number {
  return (rests.levelStart[levels + 1] ?? 0) > (rests.levelStart[levels] ?? 0) ? levels + 1 : levels;
}

/** What is drawn of a level. Wherever the profile has something to show there, a box is. */
export function boxesOf(model: FlameModel, level: number, range: FlameRange): Box[] {
  const { order, rests } = model;
  const ofNodes = piecesOf(nodeRow(model, level), range).map((piece) =>
    boxOf(piece, range, { kind: piece.isRun ? 'run' : 'frame', level, node: order[piece.from] as number }),
  );
  const ofRests = piecesOf(restRow(model, level), range).map((piece) =>
    boxOf(piece, range, { kind: 'folded', level, node: rests.node[piece.from] as number }),
  );
  return ofRests.length === 0 ? ofNodes : [...ofNodes, ...ofRests];
}

/** The box under a pixel of a level. */
export function boxAt(model: FlameModel, level: number, range: FlameRange, x: number): Box | undefined {
  const boxes = boxesOf(model, level, range);
  const isIn = (box: Box, width: number): boolean => x >= box.x && x < box.x + width;
  // Narrow ones are drawn a pixel wide, over what stands to their right.
  return boxes.find((box) => isIn(box, box.width)) ?? boxes.find((box) => isIn(box, 1));
}

function boxOf({ from, to, start, end }: Piece, range: FlameRange, what: Pick<Box, 'kind' | 'level' | 'node'>): Box {
  const scale = range.pixels / (range.end - range.start);
  const x = Math.max(0, (start - range.start) * scale);
  const right = Math.min(range.pixels, (end - range.start) * scale);
  return { ...what, x, width: right - x, from, to, start, end };
}
