import './diff.css';
import { Page } from '../parts/page.tsx';
import { SelectionPicker } from '../selection/selection-picker.tsx';
import { hrefOf } from '../state/href.ts';
import { change, usePlace } from '../state/place.ts';
import { Comparison } from './comparison-view.tsx';
import { subjectOf } from './side-names.ts';

/** What changed between two sides of one selection: two revisions, two times, or two sets of labels. */
export function Diff() {
  const { parameters } = usePlace();
  const { query } = parameters;
  if (!query) return <Start />;
  return (
    <Page title={`Diff of ${subjectOf(query)}`} wide>
      <Comparison parameters={{ ...parameters, query }} />
    </Page>
  );
}

function Start() {
  const start = (query: string) => change({ query, rollout: 'latest' });
  return (
    <Page title="Diff">
      <p>What changed, function by function: since a roll-out, between two times, or between two sets of labels.</p>
      <div class="diff-start">
        <SelectionPicker query={undefined} window={{}} onQuery={start} />
      </div>
      <p class="note">
        Choose a service: its latest roll-out is compared first; where there was none, two times are. Or begin at{' '}
        <a href={hrefOf('/rollouts')}>the roll-outs</a>.
      </p>
    </Page>
  );
}
