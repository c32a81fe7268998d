import type { ComponentChildren } from 'preact';
import { VirtualTable } from '../parts/virtual-table.tsx';
import { change } from '../state/place.ts';
import { wayOf } from './answer.tsx';
import { changeText, type Scale, spreadText, unsureText, valueText } from './movement-text.ts';
import type { Movement } from './movements.ts';
import { type Diff, mostRows } from './use-diff.ts';

/** Functions by how far they moved: both sides, the change, and how much of it may be chance. */
export function MovementTable({
  diff,
  rows,
  onHover,
}: {
  readonly diff: Diff;
  /** Those that are searched for. */
  readonly rows: readonly Movement[];
  readonly onHover?: (name: string | undefined) => void;
}) {
  const { parameters, movements } = diff;
  const largest = Math.max(...movements.rows.slice(0, 1).map((row) => Math.abs(row.change)), 0);
  const choose = ({ name }: Movement) => change({ function: name === parameters['function'] ? undefined : name });
  return (
    <div class="diff-table">
      <div class="diff-pane">
        <VirtualTable
          label="Functions by how far they moved"
          rows={rows}
          columns={columnsOf(movements.scale, largest)}
          keyOf={({ name, file }) => `${name}\n${file}`}
          sort={parameters['order'] ?? 'change'}
          onSort={(order) => change({ order: order === 'change' ? undefined : order }, { replace: true })}
          selected={diff.chosen && `${diff.chosen.name}\n${diff.chosen.file}`}
          onSelect={choose}
          onHover={(row) => onHover?.(row?.name)}
          rowClass={({ unsure }) => (unsure ? 'diff-unsure' : '')}
          empty={emptyText(diff)}
        />
      </div>
      <Still diff={diff} />
    </div>
  );
}

function columnsOf(scale: Scale, largest: number) {
  return [
    { id: 'name', label: 'Function', value: ({ name }: Movement) => name, cell: (row: Movement) => <Name {...row} /> },
    number(
      'base',
      'Base',
      ({ base }) => base,
      ({ base }) => valueText(base, scale),
    ),
    number(
      'compare',
      'Compare',
      ({ compare }) => compare,
      ({ compare }) => valueText(compare, scale),
    ),
    {
      ...number(
        'change',
        scale.changeUnit === '' ? 'Change' : `Change, ${scale.changeUnit}`,
        ({ change: by }) => Math.abs(by),
        ({ change: by }) => <Change by={by} largest={largest} scale={scale} />,
      ),
      width: '142px',
      hint: 'Compare minus base; the largest first, whichever way they went',
    },
    {
      ...number(
        'spread',
        'Spread',
        ({ spread }) => spread ?? Infinity,
        (row) => <Spread row={row} scale={scale} />,
      ),
      width: '140px',
      hint: 'A change up to this size may be chance (99 %)',
    },
  ];
}

function number(
  id: string,
  label: string,
  value: (row: Movement) => number,
  cell: (row: Movement) => ComponentChildren,
) {
  return { id, label, value, cell, number: true, width: '90px' };
}

/** The end of a name says most: what is cut is its path. */
function Name({ name, file }: Movement) {
  const cut = name.lastIndexOf('/') + 1;
  return (
    <span class="diff-name" title={`${name}\n${file}`}>
      {cut > 0 && <span class="diff-name-path">{name.slice(0, cut)}</span>}
      <span class="diff-name-own">{name.slice(cut)}</span>
    </span>
  );
}

/** Underlined, the longer the further it moved beside the first. */
function Change({ by, largest, scale }: { readonly by: number; readonly largest: number; readonly scale: Scale }) {
  return (
    <span class={`diff-change ${wayOf(by)}`}>
      {changeText(by, scale)}
      <span class="diff-change-bar" style={{ width: `${(100 * Math.abs(by)) / (largest || 1)}%` }} />
    </span>
  );
}

function Spread({ row: { spread, unsure }, scale }: { readonly row: Movement; readonly scale: Scale }) {
  return (
    <>
      {unsure && (
        <span class="diff-unsure-word" title={unsureText(spread, scale)}>
          unsure
        </span>
      )}{' '}
      <span class="muted">{spreadText(spread, scale)}</span>
    </>
  );
}

function emptyText({ answer, movements, parameters }: Diff): string {
  if (answer?.meta.hint !== undefined) return answer.meta.hint;
  if (movements.rows.length > 0) return `No function that moved is called ${parameters['search'] ?? ''}`;
  return 'No function moved.';
}

/** What the table leaves out, and why. */
function Still({ diff: { movements, answer } }: { readonly diff: Diff }) {
  const isCut = (answer?.rows.length ?? 0) >= mostRows;
  const parts = [
    movements.still > 0 &&
      `${movements.still.toLocaleString('en-US')} more moved by less than 0.01 % and are not listed`,
    isCut && `only the ${mostRows.toLocaleString('en-US')} functions that moved most were asked for`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? null : <p class="diff-still muted">{parts.join('; ')}</p>;
}
