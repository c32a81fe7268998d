import { change, usePlace } from '../state/place.ts';
import { useMore } from './more.tsx';
import { Counting } from './now.tsx';
import type { PauseOrder } from './pause-order.ts';
import { Sources } from './sources.tsx';
import { StandingMarks } from './standing-mark.tsx';
import { told, toldMs } from './told.ts';
import { readSort, type SortColumn, sortRows, type WorkloadRow } from './workloads.ts';

const step = 100;
const columns: readonly { readonly label: string; readonly sort?: SortColumn; readonly class?: string }[] = [
  { label: 'Workload', sort: 'name' },
  { label: 'Health' },
  { label: 'What is wrong', class: 'targets-wrong' },
  { label: 'Transport', class: 'targets-wide' },
  { label: 'Last', sort: 'lastMs', class: 'number' },
  { label: 'Next', sort: 'nextMs', class: 'number targets-wide' },
  { label: 'Took', sort: 'tookMs', class: 'number targets-wide' },
  { label: 'Size', sort: 'bytes', class: 'number targets-wide' },
  { label: 'Samples', sort: 'samples', class: 'number targets-wide' },
];

/** What is scraped, by workload: one line each, and its sources when it is opened. */
export function WorkloadTable({
  rows,
  onPause,
}: {
  readonly rows: readonly WorkloadRow[];
  readonly onPause: (order: PauseOrder) => void;
}) {
  const { parameters } = usePlace();
  const sorted = sortRows(rows, readSort(parameters['sort']));
  const { limit, rest } = useMore(sorted.length, step);
  const open = openKeys(parameters['open'], rows);
  return (
    <>
      <table class="targets-table">
        <thead>
          <tr>
            {columns.map((column) => (
              <Heading key={column.label} {...column} />
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, limit).map((row) => {
            const isOpen = open.has(row.key);
            const toggle = () => change({ open: toggled(open, row.key) });
            return (
              <>
                <Row key={row.key} row={row} isOpen={isOpen} toggle={toggle} />
                {isOpen && (
                  <tr key={`${row.key} open`} class="targets-open">
                    <td colSpan={columns.length}>
                      <Sources row={row} onPause={onPause} />
                    </td>
                  </tr>
                )}
              </>
            );
          })}
        </tbody>
      </table>
      {rest}
    </>
  );
}

function Heading({ label, sort, class: name = '' }: (typeof columns)[number]) {
  const now = readSort(usePlace().parameters['sort']);
  if (!sort) return <th class={name}>{label}</th>;
  const isSorted = now?.column === sort;
  const next = isSorted ? (now.isDescending ? sort : undefined) : sort === 'name' ? sort : `-${sort}`;
  return (
    <th class={name} aria-sort={isSorted ? (now.isDescending ? 'descending' : 'ascending') : undefined}>
      <button class="targets-sort" onClick={() => change({ sort: next })}>
        {label}
        {isSorted && <span aria-hidden="true">{now.isDescending ? ' ▾' : ' ▴'}</span>}
      </button>
    </th>
  );
}

function Row({
  row,
  isOpen,
  toggle,
}: {
  readonly row: WorkloadRow;
  readonly isOpen: boolean;
  readonly toggle: () => void;
}) {
  const { namespace, kind, name, counts, transports, lastMs, nextMs, tookMs, bytes, samples } = row;
  return (
    <tr class="targets-row" onClick={(event) => isOnText(event.target) && toggle()}>
      <th scope="row">
        <button class="targets-toggle" aria-expanded={isOpen} onClick={toggle}>
          <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span> {name}
        </button>
        <span class="targets-where">
          {namespace} · {kind}
        </span>
      </th>
      <td>
        <StandingMarks counts={counts} />
      </td>
      <td class="targets-wrong">
        <Wrong row={row} />
      </td>
      <td class="targets-wide">{transports.join(', ') || '–'}</td>
      <td class="number">
        <Counting ms={lastMs} />
      </td>
      <td class="number targets-wide">
        <Counting ms={nextMs} isNext />
      </td>
      <td class="number targets-wide">{toldMs(tookMs)}</td>
      <td class="number targets-wide">{told(bytes, 'bytes')}</td>
      <td class="number targets-wide">{told(samples, 'count')}</td>
    </tr>
  );
}

function Wrong({ row: { troubles, warnings } }: { readonly row: WorkloadRow }) {
  const [trouble, ...others] = troubles;
  if (trouble) {
    return (
      <span class="targets-bad" title={trouble.message}>
        {trouble.kinds.join(', ')}: {trouble.message}
        {others.length > 0 && <b> and {others.length} more</b>}
      </span>
    );
  }
  if (warnings.length === 0) return null;
  return (
    <span class="targets-warn">
      ! {warnings[0]}
      {warnings.length > 1 && <b> and {warnings.length - 1} more</b>}
    </span>
  );
}

/** A click on a row opens it, unless it was on something that does something else, or ended a selection. */
function isOnText(target: EventTarget | null): boolean {
  return target instanceof Element && !target.closest('button, a') && getSelection()?.isCollapsed !== false;
}

/** A workload that is alone is open unless it was closed. */
function openKeys(text: string | undefined, rows: readonly WorkloadRow[]): ReadonlySet<string> {
  if (text === undefined && rows.length === 1) return new Set(rows.map(({ key }) => key));
  return new Set(text?.split(','));
}

/** `none` where all are closed: an absent parameter would open the one that is alone. */
function toggled(open: ReadonlySet<string>, key: string): string {
  const keys = new Set(open);
  if (!keys.delete(key)) keys.add(key);
  keys.delete('none');
  return [...keys].join(',') || 'none';
}
