import '../../../../src/ui/style/theme.css';
import '../../../../src/ui/style/base.css';
import './stand.css';
import { render } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { humanValue } from '../../../../src/model/human-value.ts';
import type { FlameAnswer } from '../../../../src/ui/api/answers.ts';
import { FlameGraph, type FlameGraphHandle } from '../../../../src/ui/flame/flame-graph.tsx';
import {
  type FlameModel,
  type FlameRange,
  foldedText,
  nameOf,
  nodeAtPath,
  pathOf,
  pathOfText,
  pathText,
  prepareFlame,
  searchFrames,
} from '../../../../src/ui/flame/model.ts';
import { listenToKeys, useKeys } from '../../../../src/ui/state/keys.ts';
import { change, followLinks, usePlace } from '../../../../src/ui/state/place.ts';
import { startTheme, toggleTheme } from '../../../../src/ui/state/theme.ts';
import { measuringOf, noteShown, startMeasuring } from './measuring.ts';

/** A flame graph alone on a page, with the state in the URL, for tests and measurements. */
function Stand({ graph }: { readonly graph: FlameModel }) {
  const { parameters } = usePlace();
  const { search = '', zoom = '', inverted, colours, unsure } = parameters;
  const [shown, setShown] = useState<FlameRange>();
  const [menu, setMenu] = useState('');
  const found = useMemo(() => searchFrames(graph, search), [graph, search]);
  const hatched = useMemo(
    () => (unsure === undefined ? undefined : searchFrames(graph, unsure).names),
    [graph, unsure],
  );
  const selected = graph.names.indexOf(parameters['function'] ?? '');
  const handle = useMemo(() => ({ current: null as FlameGraphHandle | null }), []);
  useEffect(() => {
    (globalThis as { stand?: unknown }).stand = { handle, graph, measuring: measuringOf(graph) };
  }, [handle, graph]);
  useKeys({
    n: { does: 'next match', run: () => handle.current?.nextMatch(1) },
    N: { does: 'match before', run: () => handle.current?.nextMatch(-1) },
    t: { does: 'change the theme', run: toggleTheme },
  });
  return (
    <main>
      <h1 class="unseen">A flame graph alone</h1>
      <p class="stand-bar">
        <span id="folded">{shown && foldedText(graph, shown)}</span>
        <span id="found">
          {found.functions} functions, {found.frames} frames, {found.share.toFixed(4)}
        </span>
        <span id="menu">{menu}</span>
      </p>
      <FlameGraph
        graph={graph}
        label="Flame graph of a test"
        colours={colours === 'diff' ? 'diff' : 'package'}
        inverted={inverted === 'true'}
        search={search}
        zoom={Math.max(0, nodeAtPath(graph, pathOfText(zoom)))}
        onZoom={(node) => change({ zoom: pathText(pathOf(graph, node)) })}
        {...(selected >= 0 && { selected })}
        onSelect={(node) => change({ function: node === 0 ? undefined : nameOf(graph, node) }, { replace: true })}
        onMenu={(node, { x, y }) => setMenu(`${nameOf(graph, node)} at ${Math.round(x)}, ${Math.round(y)}`)}
        {...(hatched && { unsure: hatched })}
        formatValue={(value) => humanValue(value, graph.unit)}
        onShown={(range) => {
          setShown(range);
          noteShown(range);
        }}
        handle={handle}
      />
    </main>
  );
}

async function start(root: Element): Promise<void> {
  const name = new URLSearchParams(location.search).get('data') ?? 'small';
  const text = await (await fetch(`/data/${name}.json`)).text();
  performance.mark('arrived');
  const answer = JSON.parse(text) as FlameAnswer;
  performance.mark('parsed');
  // As `api/ask.ts` does with large answers.
  await new Promise((resume) => setTimeout(resume));
  const graph = prepareFlame(answer);
  performance.mark('prepared');
  render(<Stand graph={graph} />, root);
}

startMeasuring();
startTheme();
followLinks();
listenToKeys();
const root = document.getElementById('app');
if (root) void start(root);
