import { useMemo, useRef, useState } from 'preact/hooks';
import { humanValue } from '../../model/human-value.ts';
import type { DiffTopAnswer } from '../api/answers.ts';
import { FlameGraph, type FlameGraphHandle } from '../flame/flame-graph.tsx';
import {
  type FlameModel,
  type FlameRange,
  foldedText,
  nameOf,
  pathOf,
  pathText,
  searchFrames,
} from '../flame/model.ts';
import { modelOf } from '../flame/prepare.ts';
import { Answered } from '../parts/answered.tsx';
import { useKeys } from '../state/keys.ts';
import { change } from '../state/place.ts';
import { useDiffColours } from './colour-choice.ts';
import { FunctionCard } from './function-card.tsx';
import { GraphHead } from './graph-head.tsx';
import { MovementTable } from './movement-table.tsx';
import { type Movement, unsureNames } from './movements.ts';
import { type Diff, mostRows } from './use-diff.ts';
import { type DiffGraph, useDiffGraph } from './use-diff-graph.ts';
import { showView, viewOf } from './view-choice.tsx';

/** Where it changed: as a table, as a graph, or both beside each other. */
export function Views({ diff, answer }: { readonly diff: Diff; readonly answer: DiffTopAnswer }) {
  const { parameters, movements } = diff;
  const view = viewOf(parameters);
  const graph = useDiffGraph(parameters, view !== 'table');
  const handle = useRef<FlameGraphHandle | null>(null);
  useKeys({
    1: { does: 'table and graph', run: () => showView('both') },
    2: { does: 'graph alone', run: () => showView('flame') },
    3: { does: 'table alone', run: () => showView('table') },
    n: { does: 'next match in the graph', run: () => handle.current?.nextMatch(1) },
    N: { does: 'match before', run: () => handle.current?.nextMatch(-1) },
  });
  const rows = useMemo(() => matching(movements.rows, parameters['search'] ?? ''), [movements, parameters['search']]);
  return (
    <>
      <FunctionCard diff={diff} answer={answer} />
      <div class={`diff-views diff-views-${view}`}>
        {view !== 'flame' && <MovementTable diff={diff} rows={rows} />}
        {view !== 'table' && (
          <div class="diff-graph">
            <Answered asked={graph.asked} what="Building the graph">
              {() =>
                graph.model && <Graph diff={diff} answer={answer} {...graph} model={graph.model} handle={handle} />
              }
            </Answered>
          </div>
        )}
      </div>
    </>
  );
}

function Graph({
  diff: { parameters },
  answer,
  model,
  above,
  zoom,
  handle,
}: Omit<DiffGraph, 'asked' | 'model'> & {
  readonly diff: Diff;
  readonly answer: DiffTopAnswer;
  readonly model: FlameModel;
  readonly handle: { current: FlameGraphHandle | null };
}) {
  const colours = useDiffColours();
  const [range, setRange] = useState<FlameRange>();
  const unsure = useMemo(() => unsureNames(model.names, answer, answer.rows.length < mostRows), [model, answer]);
  const selected = parameters['function'] ? model.names.indexOf(parameters['function']) : -1;
  const pathTo = (node: number) => pathText([...above, ...pathOf(model, node)]);
  return (
    <>
      <GraphHead path={[...above, ...pathOf(model, zoom)]} folded={range ? foldedText(model, range) : ''} />
      <FlameGraph
        // Colours are read from the style when it is drawn first.
        key={colours}
        graph={model}
        label="Both sides as a graph: a frame is as wide as its mean share of them"
        colours="diff"
        search={parameters['search'] ?? ''}
        zoom={zoom}
        onZoom={(node) => change({ zoom: pathTo(node) })}
        {...(selected >= 0 && { selected })}
        onSelect={(node) => node > 0 && change({ function: nameOf(model, node) }, { replace: true })}
        unsure={unsure}
        formatValue={(value) => humanValue(value, model.unit)}
        onShown={setRange}
        handle={handle}
      />
    </>
  );
}

/** A graph of nothing, to search names that are not on a graph as those that are. */
const noFrames = modelOf({
  unit: '',
  names: [],
  name: Int32Array.of(0),
  parent: Int32Array.of(-1),
  self: Float64Array.of(0),
  total: Float64Array.of(0),
  wholeTotal: 0,
  wholeBaseTotal: 0,
  factor: 0,
  baseFactor: 0,
});

/** As the graph finds them. */
function matching(rows: readonly Movement[], search: string): readonly Movement[] {
  if (search === '') return rows;
  const names = rows.map(({ name }) => name);
  const found = searchFrames({ ...noFrames, names, size: 0 }, search).names;
  return rows.filter((_, at) => found[at] === 1);
}
