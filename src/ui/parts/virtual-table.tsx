import './virtual-table.css';
import type { ComponentChildren, TargetedKeyboardEvent, TargetedMouseEvent } from 'preact';
import { useId, useMemo, useRef, useState } from 'preact/hooks';
import { rowAfterKey } from '../table/rows-in-view.ts';
import { directionOf, nextSort, readSort, type SortValue, sortRows } from '../table/sort.ts';
import { useRowsInView } from '../table/use-rows-in-view.ts';

export interface Column<Row> {
  readonly id: string;
  readonly label: string;
  /** Said when the heading is pointed at. */
  readonly hint?: string;
  /** Of `<col>`: `90px`; one without a width takes what is left. */
  readonly width?: string;
  readonly number?: boolean;
  /** What it is sorted by; without it the column cannot be sorted by. */
  readonly value?: (row: Row) => SortValue;
  readonly cell: (row: Row) => ComponentChildren;
}

export interface VirtualTableProps<Row> {
  /** What the table lists, for those who hear it. */
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  /** The id of a column, `-` before it where its natural order is turned round (`table/sort.ts`). */
  readonly sort: string;
  readonly onSort: (sort: string) => void;
  readonly selected?: string | undefined;
  /** A click, or Enter. */
  readonly onSelect?: (row: Row) => void;
  /** A right click, Shift+F10, or the menu key: where the menu belongs, in pixels of the window. */
  readonly onMenu?: (row: Row, at: { x: number; y: number }) => void;
  readonly onHover?: (row: Row | undefined) => void;
  readonly rowClass?: (row: Row) => string;
  readonly empty?: ComponentChildren;
  /** In pixels, the same for all. */
  readonly rowHeight?: number;
}

/**
 * A table of any length: sorted by a click on a heading, walked with the arrow keys, only the rows in view in the document.
 * It fills its parent, which has a height, and scrolls inside.
 */
export function VirtualTable<Row>(props: VirtualTableProps<Row>) {
  const { label, columns, keyOf, sort, onSort, rowHeight = 24 } = props;
  const id = useId();
  const table = useRef<HTMLTableElement>(null);
  const rows = useSorted(props);
  const [active, setActive] = useState<string>();
  const { scroller, first, end, page, reveal } = useRowsInView(rows.length, rowHeight);
  const activeRow = rows.findIndex((row) => keyOf(row) === (active ?? props.selected));

  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTableElement>) => {
    if (event.target !== event.currentTarget) return;
    const row = rows[activeRow];
    const next = rowAfterKey(event.key, activeRow, rows.length, page);
    if (next !== undefined && rows[next] !== undefined) {
      setActive(keyOf(rows[next]));
      reveal(next);
    } else if (event.key === 'Enter' && row !== undefined) props.onSelect?.(row);
    else if (isMenuKey(event) && row !== undefined) props.onMenu?.(row, below(document.getElementById(`${id}-active`)));
    else return;
    event.preventDefault();
  };

  return (
    <div class="virtual-table" ref={scroller}>
      <table
        ref={table}
        role="grid"
        tabIndex={0}
        aria-label={label}
        aria-rowcount={rows.length + 1}
        aria-activedescendant={activeRow >= first && activeRow < end ? `${id}-active` : undefined}
        onKeyDown={onKeyDown}
        onPointerLeave={() => props.onHover?.(undefined)}
      >
        <colgroup>
          {columns.map(({ id: column, width }) => (
            <col key={column} style={width === undefined ? {} : { width }} />
          ))}
        </colgroup>
        <Heading columns={columns} sort={sort} onSort={onSort} sample={rows[0]} />
        <tbody>
          <Space height={first * rowHeight} />
          {rows.slice(first, end).map((row, index) => (
            <BodyRow
              key={keyOf(row)}
              {...props}
              row={row}
              index={first + index}
              height={rowHeight}
              activeId={first + index === activeRow ? `${id}-active` : undefined}
              activate={() => {
                setActive(keyOf(row));
                table.current?.focus({ preventScroll: true });
              }}
            />
          ))}
          <Space height={(rows.length - end) * rowHeight} />
        </tbody>
      </table>
      {rows.length === 0 && <div class="virtual-table-empty">{props.empty ?? 'Nothing.'}</div>}
    </div>
  );
}

function useSorted<Row>({ rows, columns, sort }: VirtualTableProps<Row>): readonly Row[] {
  return useMemo(() => {
    const { by, reversed } = readSort(sort);
    const valueOf = columns.find(({ id }) => id === by)?.value;
    return valueOf ? sortRows(rows, valueOf, reversed) : rows;
    // Columns are made anew with each drawing; what they sort by is not.
  }, [rows, sort]);
}

function Heading<Row>({
  columns,
  sort,
  onSort,
  sample,
}: Pick<VirtualTableProps<Row>, 'columns' | 'sort' | 'onSort'> & { readonly sample: Row | undefined }) {
  const { by, reversed } = readSort(sort);
  return (
    <thead>
      <tr aria-rowindex={1}>
        {columns.map(({ id, label, hint, number, value }) => {
          const isSorted = id === by;
          const direction = directionOf(number === true ? 0 : sample && value?.(sample), reversed);
          return (
            <th
              key={id}
              scope="col"
              class={number === true ? 'number' : ''}
              title={hint}
              aria-sort={isSorted ? direction : undefined}
            >
              {value ? (
                <button class="plain" onClick={() => onSort(nextSort(sort, id))}>
                  {label}
                  <span class="virtual-table-arrow" aria-hidden="true">
                    {isSorted ? (direction === 'ascending' ? ' ▴' : ' ▾') : ''}
                  </span>
                </button>
              ) : (
                label
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

function BodyRow<Row>({
  row,
  index,
  height,
  activeId,
  activate,
  ...props
}: VirtualTableProps<Row> & {
  readonly row: Row;
  readonly index: number;
  readonly height: number;
  readonly activeId: string | undefined;
  readonly activate: () => void;
}) {
  const isSelected = props.keyOf(row) === props.selected;
  const openMenu = (event: TargetedMouseEvent<HTMLTableRowElement>) => {
    if (!props.onMenu) return;
    event.preventDefault();
    activate();
    props.onMenu(row, { x: event.clientX, y: event.clientY });
  };
  return (
    <tr
      id={activeId}
      class={props.rowClass?.(row)}
      style={{ height: `${height}px` }}
      aria-rowindex={index + 2}
      aria-selected={props.onSelect ? isSelected : undefined}
      data-active={activeId !== undefined}
      onClick={() => {
        activate();
        props.onSelect?.(row);
      }}
      onContextMenu={openMenu}
      onPointerEnter={() => props.onHover?.(row)}
    >
      {props.columns.map(({ id, number, cell }) => (
        <td key={id} class={number === true ? 'number' : ''}>
          {cell(row)}
        </td>
      ))}
    </tr>
  );
}

/** Takes the room of the rows that are not in the document. */
function Space({ height }: { readonly height: number }) {
  return height > 0 ? <tr aria-hidden="true" class="virtual-table-space" style={{ height: `${height}px` }} /> : null;
}

function isMenuKey({ key, shiftKey }: { readonly key: string; readonly shiftKey: boolean }): boolean {
  return key === 'ContextMenu' || (key === 'F10' && shiftKey);
}

function below(element: Element | null): { x: number; y: number } {
  const { left = 0, bottom = 0 } = element?.getBoundingClientRect() ?? {};
  return { x: left + 24, y: bottom };
}
