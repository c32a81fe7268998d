/**
 * How a table is sorted, as its URL has it: the id of a column, with `-` before it where its natural order is turned round.
 * Numbers begin with the largest, texts with A.
 */
export interface Sort {
  readonly by: string;
  readonly reversed: boolean;
}

export type SortValue = number | string;

export function readSort(text: string): Sort {
  return text.startsWith('-') ? { by: text.slice(1), reversed: true } : { by: text, reversed: false };
}

/** After a click on a column: sorted by it, or turned round where it is already. */
export function nextSort(text: string, column: string): string {
  return text === column ? `-${column}` : column;
}

/** The rows in order; those that are equal stay as they were. */
export function sortRows<Row>(rows: readonly Row[], valueOf: (row: Row) => SortValue, reversed: boolean): Row[] {
  const direction = reversed ? -1 : 1;
  return rows
    .map((row) => ({ row, value: valueOf(row) }))
    .sort((a, b) => direction * compare(a.value, b.value))
    .map(({ row }) => row);
}

/** `ascending` or `descending`, as `aria-sort` says it. */
export function directionOf(value: SortValue | undefined, reversed: boolean): 'ascending' | 'descending' {
  return (typeof value === 'number') === reversed ? 'ascending' : 'descending';
}

function compare(a: SortValue, b: SortValue): number {
  if (typeof a === 'number' && typeof b === 'number') return b - a;
  const [left, right] = [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
