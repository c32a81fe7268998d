import { humanValue } from '../../model/human-value.ts';
import type { FlameAnswer, Meta } from '../api/answers.ts';
import { type FlameModel, type FlameRange, foldedText } from '../flame/model.ts';
import { ServerText } from '../format/server-text.tsx';
import { isoText, windowText } from '../format/time.ts';
import { selectorOf } from '../selection/query.ts';
import { typeWords } from '../selection/type-words.ts';
import { hrefOf, type Parameters } from '../state/href.ts';
import { change, usePlace } from '../state/place.ts';
import { factsOf, foldedFact, isGauge } from './facts.ts';
import { aggregates } from './parameters.ts';
import type { ShownGraph } from './use-profile.ts';

/** What is shown: how much of what, of how many, how sure, and what is not seen of it. */
export function Facts({
  parameters,
  answer,
  model,
  shown,
  range,
}: {
  readonly parameters: Parameters;
  readonly answer: FlameAnswer;
  readonly model: FlameModel;
  readonly shown: ShownGraph | undefined;
  readonly range: FlameRange | undefined;
}) {
  const { meta, unit } = answer;
  const selector = selectorOf(parameters['query']);
  if (answer.name.length === 0) return <NothingFound meta={meta} />;
  const unseen = shown && range ? foldedText(shown.model, range) : '';
  const folded = foldedFact(meta);
  return (
    <div class="explore-facts">
      <p>
        <span>
          <strong class="explore-total">{humanValue(model.wholeTotal, unit)}</strong>{' '}
          {selector && typeWords(selector.type)}
        </span>
        <Over meta={meta} parameters={parameters} />
        {factsOf(meta, model.wholeTotal, unit).map(({ text, title }) => (
          <span key={text} class="explore-fact" title={title}>
            {text}
          </span>
        ))}
        {meta.partial && <span class="explore-partial">partial: a part of the window could not be read</span>}
        {folded && (
          <span class="explore-fact" title={folded.title}>
            {folded.text}
          </span>
        )}
        {unseen !== '' && <span class="explore-fact">{unseen}</span>}
      </p>
      <Warnings warnings={meta.warnings} />
    </div>
  );
}

/** The window; of gauges, what of it. */
function Over({ meta, parameters }: { readonly meta: Meta; readonly parameters: Parameters }) {
  const window = <span title={`${isoText(meta.fromMs)} to ${isoText(meta.toMs)}`}>{windowText(meta)}</span>;
  if (!isGauge(meta)) return <span class="muted">over {window}</span>;
  const words = { avg: 'average', last: 'last', peak: 'peak' };
  const now = parameters['aggregate'] ?? 'avg';
  return (
    <span class="explore-gauge">
      <span class="explore-segments" role="group" aria-label="Of the values over time">
        {aggregates.map((one) => (
          <button
            key={one}
            aria-pressed={now === one}
            onClick={() => change({ aggregate: one === 'avg' ? undefined : one })}
          >
            {words[one]}
          </button>
        ))}
      </span>{' '}
      <span class="muted">
        {now === 'last' ? 'at the end of' : 'over'} {window}
      </span>
    </span>
  );
}

function Warnings({ warnings }: { readonly warnings: readonly string[] }) {
  const [first, ...more] = warnings;
  if (first === undefined) return null;
  if (more.length === 0) return <p class="explore-warning">⚠ {first}</p>;
  return (
    <details class="explore-warning">
      <summary>
        ⚠ {first} <span class="muted">and {more.length} more</span>
      </summary>
      <ul>
        {more.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </details>
  );
}

const longer = [
  ['now-24h', 'Last 24 hours'],
  ['now-7d', 'Last 7 days'],
  ['now-30d', 'Last 30 days'],
] as const;

function NothingFound({ meta }: { readonly meta: Meta }) {
  const { path, parameters } = usePlace();
  return (
    <div class="explore-nothing" role="status">
      <p>
        <strong>No profiles were found</strong> in <span title={isoText(meta.fromMs)}>{windowText(meta)}</span>.
      </p>
      {meta.hint !== undefined && (
        <p class="explore-hint">
          <ServerText text={meta.hint} />
        </p>
      )}
      <p>
        Look further back:
        {longer.map(([from, label]) => (
          <a
            key={from}
            class="explore-longer"
            href={hrefOf(path, {
              ...parameters,
              from,
              to: undefined,
              timeline_from: undefined,
              timeline_to: undefined,
            })}
          >
            {label}
          </a>
        ))}
      </p>
      <p class="muted">
        Or choose something else above, or see on the <a href="/targets">targets page</a> what is scraped.
      </p>
      <Warnings warnings={meta.warnings} />
    </div>
  );
}
