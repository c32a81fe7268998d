import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { FlameGraphHandle } from '../flame/flame-graph.tsx';
import { type FlameRange, pathText, searchFrames } from '../flame/model.ts';
import { isoText, readWindow } from '../format/time.ts';
import { Answered } from '../parts/answered.tsx';
import { later } from '../parts/later.tsx';
import type { Parameters } from '../state/href.ts';
import { useKeys } from '../state/keys.ts';
import { change } from '../state/place.ts';
import { Facts } from './facts-line.tsx';
import { granularityOf } from './filters.ts';
import { FunctionTable } from './function-table.tsx';
import { GraphView } from './graph-view.tsx';
import { choosePart, isPart, timelineWindow, type View, viewOf, views } from './parameters.ts';
import { Split } from './split.tsx';
import { Toolbar } from './toolbar.tsx';
import { useFrameMenu } from './use-frame-menu.tsx';
import { type Profile, useProfile, useTop } from './use-profile.ts';
import { Crumbs } from './zoom-crumbs.tsx';

/** The graph does not wait for the scripts of what is beside it. */
const SelectionTimeline = later(async () => (await import('../timeline/selection-timeline.tsx')).SelectionTimeline);
const SandwichView = later(async () => (await import('./sandwich-view.tsx')).SandwichView);

/** What a query selects, in the four views. */
export function Exploration({
  parameters,
  query,
  round,
}: {
  readonly parameters: Parameters;
  readonly query: string;
  /** Another one: everything is asked again. */
  readonly round: number;
}) {
  const profile = useProfile(parameters);
  useAgain(profile, round);
  const view = viewOf(parameters);
  const handle = useRef<FlameGraphHandle>(null);
  const [range, setRange] = useState<FlameRange>();
  const { search = '' } = parameters;
  const { shown, answer } = profile;
  const found = useMemo(
    () => (shown && search !== '' ? searchFrames(shown.model, search) : undefined),
    [shown?.model, search],
  );
  const [match, setMatch] = useState<{ readonly of: typeof found; readonly match: number }>();
  const step = (by: 1 | -1) => {
    const next = handle.current?.nextMatch(by);
    setMatch(next && { of: found, match: next.match });
  };
  useViewKeys(handle, step);
  return (
    <>
      <Toolbar
        parameters={parameters}
        view={view}
        found={found}
        match={match && match.of === found ? match.match : undefined}
        onStep={step}
        handle={handle}
      />
      {hasTimeline(parameters, profile) && <OverTime key={round} parameters={parameters} query={query} />}
      <Answered asked={profile.asked} what="Merging profiles">
        {() => null}
      </Answered>
      {answer && profile.model && (
        <Facts parameters={parameters} answer={answer} model={profile.model} shown={shown} range={range} />
      )}
      <Zoomed parameters={parameters} profile={profile} />
      {answer && answer.name.length > 0 && (
        <Body parameters={parameters} profile={profile} view={view} handle={handle} onShown={setRange} />
      )}
    </>
  );
}

/** A refusal is said once; where nothing is found, a chart of nothing says no more. */
function hasTimeline(parameters: Parameters, { asked, answer }: Profile): boolean {
  if (parameters['timeline'] === 'off' || asked.state === 'failed') return false;
  return answer === undefined || answer.name.length > 0 || isPart(parameters);
}

function OverTime({ parameters, query }: { readonly parameters: Parameters; readonly query: string }) {
  const { from, to, base_from, base_to, function: functionName } = parameters;
  const read = (start: string | undefined, end: string | undefined) =>
    start === undefined ? undefined : readWindow(start, end, Date.now());
  const range = useMemo(() => (isPart(parameters) ? read(from, to) : undefined), [from, to, isPart(parameters)]);
  const base = useMemo(() => read(base_from, base_to), [base_from, base_to]);
  const canFollow = granularityOf(parameters) === 'functions';
  return (
    <div class="explore-timeline">
      <SelectionTimeline
        query={query}
        {...timelineWindow(parameters)}
        range={range}
        base={base}
        functionName={canFollow ? functionName : undefined}
        onRange={(window) =>
          change(choosePart(parameters, window && { from: isoText(window.fromMs), to: isoText(window.toMs) }), {
            replace: isPart(parameters) && window !== undefined,
          })
        }
        onBase={(window) =>
          change(
            { base_from: window && isoText(window.fromMs), base_to: window && isoText(window.toMs) },
            { replace: base !== undefined && window !== undefined },
          )
        }
      />
    </div>
  );
}

/** The way to what is zoomed to, and how it is with the subtree. */
function Zoomed({ parameters, profile }: { readonly parameters: Parameters; readonly profile: Profile }) {
  const { zoom } = parameters;
  if (zoom === undefined || !profile.answer) return null;
  return (
    <div class="explore-zoom">
      <Crumbs zoom={zoom} />
      {profile.isLost && profile.subtree.state !== 'failed' && (
        <span class="muted" role="status">
          This stack is not in the profile that is shown.
        </span>
      )}
      <Answered asked={profile.subtree} what="Fetching what was folded in here">
        {() => null}
      </Answered>
    </div>
  );
}

function Body({
  parameters,
  profile,
  view,
  handle,
  onShown,
}: {
  readonly parameters: Parameters;
  readonly profile: Profile;
  readonly view: View;
  readonly handle: { current: FlameGraphHandle | null };
  readonly onShown: (range: FlameRange) => void;
}) {
  const { answer, model, shown } = profile;
  const top = useTop(parameters, answer, view !== 'flame');
  const menu = useFrameMenu(parameters);
  if (!answer || !model || !shown) return null;
  const table = (
    <FunctionTable
      parameters={parameters}
      model={model}
      top={top}
      onMenu={(name, at) => menu.open({ name, zoom: undefined }, at)}
    />
  );
  const graph =
    view === 'sandwich' ? (
      <SandwichView parameters={parameters} model={model} onMenu={menu.open} />
    ) : (
      <GraphView
        parameters={parameters}
        shown={shown}
        handle={handle}
        onShown={onShown}
        onMenu={(name, path, at) => menu.open({ name, zoom: pathText(path) }, at)}
      />
    );
  const isStale = profile.asked.state === 'asking';
  return (
    <div class={isStale ? 'explore-body explore-stale' : 'explore-body'}>
      {view === 'table' ? table : view === 'flame' ? graph : <Split left={table} right={graph} />}
      {menu.shown}
    </div>
  );
}

/** Asks again what is asked already; another window or query asks by itself. */
function useAgain({ asked, subtree }: Profile, round: number): void {
  const before = useRef(round);
  useEffect(() => {
    if (before.current === round) return;
    before.current = round;
    for (const one of [asked, subtree]) if ('again' in one) one.again();
  }, [round]);
}

function useViewKeys(handle: { current: FlameGraphHandle | null }, step: (by: 1 | -1) => void): void {
  useKeys({
    ...Object.fromEntries(
      views.map((view, at) => [
        `${at + 1}`,
        { does: `show: ${view}`, run: () => change({ view: view === 'both' ? undefined : view }) },
      ]),
    ),
    g: { does: 'go to the graph', run: () => handle.current?.focus() },
    n: { does: 'next match of the search', run: () => step(1) },
    N: { does: 'match before', run: () => step(-1) },
  });
}
