import { useMemo } from 'preact/hooks';
import { humanValue } from '../../model/human-value.ts';
import type { TopAnswer } from '../api/answers.ts';
import { colourOf } from '../flame/colours.ts';
import type { FlameModel } from '../flame/model.ts';
import { partsOf } from '../flame/names.ts';
import { paletteOf } from '../flame/palette.ts';
import { type Column, VirtualTable } from '../parts/virtual-table.tsx';
import type { Parameters } from '../state/href.ts';
import { change } from '../state/place.ts';
import { useTheme } from '../state/theme.ts';
import { type FunctionRow, functionRows, headingOf, matching } from './rows.ts';

/** Every function with what it took itself and with what it called: also what those read who cannot see the graph. */
export function FunctionTable({
  parameters,
  model,
  top,
  onMenu,
}: {
  readonly parameters: Parameters;
  readonly model: FlameModel;
  readonly top: TopAnswer | undefined;
  readonly onMenu: (name: string, at: { x: number; y: number }) => void;
}) {
  const { search = '', sort = 'self', function: selected, zoom } = parameters;
  const all = useMemo(() => functionRows(model, top), [model, top]);
  const rows = useMemo(() => matching(all, model, search), [all, search]);
  const chipOf = useChips(model);
  const columns = useMemo(
    () => columnsOf(model, chipOf, headingOf({ shown: rows.length, all: all.length, isZoomed: zoom !== undefined })),
    [model, chipOf, all, rows, zoom],
  );
  return (
    <div class="explore-table">
      <VirtualTable
        label="Functions"
        rows={rows}
        columns={columns}
        keyOf={({ key }) => key}
        sort={sort}
        onSort={(next) => change({ sort: next === 'self' ? undefined : next }, { replace: true })}
        selected={rows.find(({ name }) => name === selected)?.key}
        onSelect={({ name }) => change({ function: name === selected ? undefined : name }, { replace: true })}
        onMenu={({ name }, at) => onMenu(name, at)}
        empty={search === '' ? 'No functions.' : 'No function matches the search.'}
      />
    </div>
  );
}

function columnsOf(
  model: FlameModel,
  chipOf: (row: FunctionRow) => string | undefined,
  heading: Pick<Column<FunctionRow>, 'label' | 'hint'>,
): Column<FunctionRow>[] {
  const { unit, wholeTotal } = model;
  const amount = (value: number) => <Amount value={value} unit={unit} whole={wholeTotal} />;
  return [
    {
      id: 'function',
      ...heading,
      value: ({ name }) => partsOf(name).short.toLowerCase(),
      cell: (row) => (
        <span class="explore-function" title={row.name}>
          <span class="explore-chip" style={{ background: chipOf(row) ?? 'transparent' }} />
          <span class="explore-function-name">{partsOf(row.name).short}</span>
        </span>
      ),
    },
    {
      id: 'self',
      label: 'Self',
      hint: 'What the function took itself',
      width: 'var(--explore-amount)',
      number: true,
      value: ({ self }) => self,
      cell: ({ self }) => amount(self),
    },
    {
      id: 'total',
      label: 'Total',
      hint: 'What it took with all that it called',
      width: 'var(--explore-amount)',
      number: true,
      value: ({ total }) => total,
      cell: ({ total }) => amount(total),
    },
  ];
}

/** A value with its share of the whole, as figures and as a bar. */
function Amount({ value, unit, whole }: { readonly value: number; readonly unit: string; readonly whole: number }) {
  const share = whole === 0 ? 0 : value / whole;
  return (
    <span class="explore-amount" style={{ '--share': `${(100 * Math.min(1, Math.abs(share))).toFixed(2)}%` }}>
      {humanValue(value, unit)} <span class="explore-share">{humanValue(tenths(share), 'share')}</span>
    </span>
  );
}

/** Digits that move about are hard to compare. */
function tenths(share: number): number {
  return Math.round(share * 1000) / 1000;
}

/** The colour that the graph gives a function. */
function useChips(model: FlameModel): (row: FunctionRow) => string | undefined {
  const theme = useTheme();
  return useMemo(() => {
    const colour = colourOf(model, 'package', paletteOf(document.documentElement));
    const nodeOf = new Int32Array(model.names.length);
    for (let node = model.size - 1; node > 0; node--) nodeOf[model.name[node] ?? 0] = node;
    return ({ index }) => (index < 0 ? undefined : colour(nodeOf[index] ?? 0));
  }, [model, theme]);
}
