import type { TimeWindow } from '../../model/units.ts';
import type { DiffMeta, RolloutsAnswer } from '../api/answers.ts';
import { pick } from '../api/urls.ts';
import { SearchField } from '../parts/search-field.tsx';
import { TimeRange } from '../parts/time-range.tsx';
import { SelectionPicker } from '../selection/selection-picker.tsx';
import { hrefOf, type Parameters } from '../state/href.ts';
import { change } from '../state/place.ts';
import {
  inMode,
  type Mode,
  modeOf,
  normalizationOf,
  revisionOf,
  swapped,
  windowParameters,
  withRevision,
} from './comparison.ts';
import { RevisionChoice } from './revision-choice.tsx';
import type { Diff } from './use-diff.ts';
import { ViewChoice } from './view-choice.tsx';

const modeTexts: Readonly<Record<Mode, string>> = {
  rollout: 'Latest roll-out',
  revisions: 'Two revisions',
  times: 'Two times',
  labels: 'Two selections',
};

const normalizeTexts = { share: 'Shares', process: 'Per process', none: 'As measured' } as const;
const normalizeHints = {
  share: 'Each side is 100 %: how what was done is divided',
  process: 'What the average process does: how much more or less',
  none: 'Values as they are: for sides of the same length and number of processes',
} as const;

/** What is compared, by what, and how it is made comparable. */
export function Controls({
  diff,
  rollouts,
  shown,
}: {
  readonly diff: Diff;
  readonly rollouts: RolloutsAnswer | undefined;
  /** On the timeline. */
  readonly shown: TimeWindow | undefined;
}) {
  const { parameters, answer } = diff;
  const meta = answer?.meta;
  const mode = modeOf(parameters);
  const pickSelection = (query: string) => {
    const other = { ...parameters, query };
    // Of which revision a roll-out is, nobody chooses but time.
    if (mode === 'rollout' && revisionOf(query)) change({ ...inMode('times', other), query });
    else if (mode === 'revisions') change(inMode('rollout', other));
    else change({ query, zoom: undefined, function: undefined });
  };
  return (
    <div class="diff-controls">
      <div class="diff-bar">
        <SelectionPicker
          query={mode === 'revisions' ? withRevision(parameters['query'] ?? '', undefined) : parameters['query']}
          window={pick(parameters, ['from', 'to'])}
          onQuery={pickSelection}
          {...(mode === 'labels' && { of: 'Compare' })}
        />
        {mode === 'labels' && (
          <SelectionPicker
            query={parameters['base_query']}
            window={pick(parameters, ['from', 'to'])}
            onQuery={(query) => change({ base_query: query, zoom: undefined })}
            of="with base"
          />
        )}
        {mode === 'revisions' && rollouts && <RevisionChoice parameters={parameters} rollouts={rollouts} />}
        <Modes mode={mode} parameters={parameters} meta={meta} rollouts={rollouts} />
        <button
          onClick={() => meta && change(swapped(parameters, meta))}
          disabled={!meta}
          title="The base becomes what is compared with it"
        >
          ⇄ Swap
        </button>
        {shown && <Shown parameters={parameters} shown={shown} />}
      </div>
      <div class="diff-bar">
        <ViewChoice parameters={parameters} />
        <SearchField what="functions" placeholder="Search by name or expression" className="diff-search" />
        <Normalize parameters={parameters} />
        <Measures diff={diff} />
      </div>
    </div>
  );
}

function Modes({
  mode,
  parameters,
  meta,
  rollouts,
}: {
  readonly mode: Mode;
  readonly parameters: Parameters;
  readonly meta: DiffMeta | undefined;
  readonly rollouts: RolloutsAnswer | undefined;
}) {
  const revisions = rollouts?.revisions.flatMap(({ revision }) => revision ?? []) ?? [];
  const isPossible = (other: Mode) => other !== 'revisions' || mode === 'revisions' || revisions.length > 1;
  return (
    <nav class="diff-choice" aria-label="By what the sides differ">
      {(Object.keys(modeTexts) as Mode[]).filter(isPossible).map((other) => (
        <a
          key={other}
          href={hrefOf('/diff', other === mode ? parameters : inMode(other, parameters, { meta, revisions }))}
          aria-current={other === mode ? 'true' : undefined}
        >
          {modeTexts[other]}
        </a>
      ))}
    </nav>
  );
}

function Normalize({ parameters }: { readonly parameters: Parameters }) {
  const now = normalizationOf(parameters);
  return (
    <div class="diff-choice" role="group" aria-label="How sides are made comparable">
      {(['share', 'process', 'none'] as const).map((one) => (
        <button
          key={one}
          aria-pressed={one === now}
          title={normalizeHints[one]}
          onClick={() => change({ normalize: one })}
        >
          {normalizeTexts[one]}
        </button>
      ))}
    </div>
  );
}

function Measures({ diff: { measure } }: { readonly diff: Diff }) {
  const choose = (sort: string | undefined) => change({ sort, order: undefined });
  return (
    <div class="diff-choice" role="group" aria-label="What counts for a function">
      <button aria-pressed={measure === 'self'} title="What functions do themselves" onClick={() => choose(undefined)}>
        Self
      </button>
      <button aria-pressed={measure === 'total'} title="With all they call" onClick={() => choose('total')}>
        Total
      </button>
    </div>
  );
}

function Shown({ parameters, shown }: { readonly parameters: Parameters; readonly shown: TimeWindow }) {
  const { timeline_from: from, timeline_to: to } = parameters;
  const around = windowParameters(shown);
  return (
    <div class="diff-shown" title="What the timeline shows">
      <TimeRange
        from={from ?? around['from']}
        to={from ? to : around['to']}
        onChange={(window) => change({ timeline_from: window.from, timeline_to: window.to })}
      />
    </div>
  );
}
