import './explore.css';
import { useState } from 'preact/hooks';
import { later } from '../parts/later.tsx';
import { Page } from '../parts/page.tsx';
import { TimeRange } from '../parts/time-range.tsx';
import { selectorOf, serviceOf } from '../selection/query.ts';
import { SelectionPicker } from '../selection/selection-picker.tsx';
import { typeWords } from '../selection/type-words.ts';
import type { Parameters } from '../state/href.ts';
import { change, usePlace } from '../state/place.ts';
import { Exploration } from './exploration.tsx';
import { ofOneGraph, timelineWindow } from './parameters.ts';

const ServiceList = later(async () => (await import('./service-list.tsx')).ServiceList);

/** One profile type of one selection: over time, as a graph, as a table of functions. */
export function Explore() {
  const { parameters } = usePlace();
  const { query } = parameters;
  const [round, setRound] = useState(0);
  const window = timelineWindow(parameters);
  const again = () => setRound(round + 1);
  return (
    <Page title={titleOf(query)} wide>
      <div class="explore">
        <div class="explore-bar">
          <SelectionPicker query={query} window={window} onQuery={(next) => change({ query: next, ...ofOneGraph })} />
          <div class="explore-time">
            <TimeRange
              {...window}
              onChange={(chosen) => change({ ...chosen, timeline_from: undefined, timeline_to: undefined })}
              onRefresh={again}
            />
          </div>
        </div>
        <Content parameters={parameters} round={round} />
      </div>
    </Page>
  );
}

function Content({ parameters, round }: { readonly parameters: Parameters; readonly round: number }) {
  const { query } = parameters;
  if (query === undefined) return <ServiceList key={round} parameters={parameters} />;
  // What is wrong with it is said where it is written.
  return selectorOf(query) ? <Exploration parameters={parameters} query={query} round={round} /> : null;
}

function titleOf(query: string | undefined): string {
  const selector = selectorOf(query);
  if (!selector) return 'Explore';
  const { workload, namespace } = serviceOf(selector);
  return [workload ?? namespace ?? 'All services', typeWords(selector.type)].join(' · ');
}
