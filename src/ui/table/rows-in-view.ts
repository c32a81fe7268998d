/** The rows of a long table that are near its view, `[first, end)`, so that only these are in the document. */
export interface RowsInView {
  readonly first: number;
  readonly end: number;
}

/** Rows above and below that are there before they are scrolled to. */
const spare = 8;

export function rowsInView(
  rows: number,
  { rowHeight, scrollTop, height }: { rowHeight: number; scrollTop: number; height: number },
): RowsInView {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - spare);
  const end = Math.ceil((scrollTop + height) / rowHeight) + spare;
  return { first: Math.min(first, rows), end: Math.min(rows, Math.max(end, 0)) };
}

/** Where to scroll so that a row is wholly seen; undefined when it is. `above` is what the heading hides. */
export function scrollToRow(
  row: number,
  { rowHeight, scrollTop, height }: { rowHeight: number; scrollTop: number; height: number },
): number | undefined {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  return top + rowHeight > scrollTop + height ? top + rowHeight - height : undefined;
}

/** The row that a key goes to; undefined for keys that don't move. */
export function rowAfterKey(key: string, row: number, rows: number, page: number): number | undefined {
  const wanted = { ArrowDown: row + 1, ArrowUp: row - 1, PageDown: row + page, PageUp: row - page }[key];
  if (wanted !== undefined) return Math.max(0, Math.min(rows - 1, wanted));
  if (key === 'Home') return 0;
  return key === 'End' ? rows - 1 : undefined;
}
