import { humanRatio, humanValue } from '../../model/human-value.ts';
import type { DiffTopAnswer } from '../api/answers.ts';
import { ServerText } from '../format/server-text.tsx';
import { sentence } from '../format/server-words.ts';
import { windowText } from '../format/time.ts';
import { change } from '../state/place.ts';
import { type Mode, modeOf, sidesOf } from './comparison.ts';
import { changeText, withUnit } from './movement-text.ts';
import { sureOf, whyNone } from './movements.ts';
import { factorText, perProcess } from './per-process.ts';
import { SideLine } from './side-line.tsx';
import { sideNames, subjectOf } from './side-names.ts';
import { TakeAway } from './take-away.tsx';
import type { Diff } from './use-diff.ts';

const namedMovers = 3;

/** What came out, in a sentence; the functions that surely moved most; what it was made of. */
export function Answer({ diff, answer }: { readonly diff: Diff; readonly answer: DiffTopAnswer }) {
  const { meta } = answer;
  const sides = sidesOf(diff.parameters, meta);
  const names = sideNames(sides, meta, windowText);
  const isEmpty = answer.total === 0 && answer.baseTotal === 0;
  const isSame = JSON.stringify(sides.compare) === JSON.stringify(sides.base);
  return (
    <section class="diff-answer" aria-label="What changed">
      <div class="diff-answer-said">
        <Headline diff={diff} answer={answer} />
        {isSame ? <Same mode={modeOf(diff.parameters)} /> : !isEmpty && <Movers diff={diff} />}
        <div class="diff-sides">
          <SideLine side="base" name={names.base} meta={meta.base} image={meta.rollout?.base} />
          <SideLine side="compare" name={names.compare} meta={meta} image={meta.rollout?.compare} />
        </div>
        <p class="diff-how muted">
          <ServerText text={[factorText(answer), ...(meta.rollout?.notes ?? [])].map(sentence).join(' ')} />
        </p>
        <Warnings meta={meta} />
      </div>
      {!isEmpty && <TakeAway diff={diff} answer={answer} />}
    </section>
  );
}

/** Where a comparison begins: nothing tells the sides apart yet. */
function Same({ mode }: { readonly mode: Mode }) {
  return (
    <p class="diff-hint">
      Both sides are the same.{' '}
      {mode === 'labels'
        ? 'Change a label of one of them, or add one: a zone, a pod, a label of samples.'
        : 'Choose another revision or another time for one of them.'}
    </p>
  );
}

/** `checkout cpu: 0.31 cores → 0.52 cores per process, +68 %`. */
function Headline({ diff, answer }: { readonly diff: Diff; readonly answer: DiffTopAnswer }) {
  const { query = '' } = diff.parameters;
  const { base, compare, unit } = perProcess(query, answer);
  const ratio = humanRatio(base, compare).trim().replace(/[()]/g, '').replace(/^-/, '−');
  return (
    <p class="diff-headline">
      <strong>{subjectOf(query)}</strong>{' '}
      <span class="diff-amounts">
        {humanValue(base, unit)} → {humanValue(compare, unit)}
      </span>{' '}
      per process
      {ratio !== '' && base !== compare && <span class={`diff-ratio ${wayOf(compare - base)}`}>{ratio}</span>}
    </p>
  );
}

function Movers({ diff: { movements, parameters } }: { readonly diff: Diff }) {
  const { scale } = movements;
  const sure = sureOf(movements);
  if (sure.length === 0) {
    return <p class="diff-movers">{whyNone(movements)}.</p>;
  }
  return (
    <div class="diff-movers">
      <span class="muted">Surely moved most</span>
      {sure.slice(0, namedMovers).map(({ name, change: by }) => (
        <button
          key={name}
          class="diff-mover"
          aria-pressed={name === parameters['function']}
          title={name}
          onClick={() => change({ function: name === parameters['function'] ? undefined : name })}
        >
          <span class="diff-mover-name">{name.slice(name.lastIndexOf('/') + 1)}</span>{' '}
          <span class={wayOf(by)}>{withUnit(changeText(by, scale), scale.changeUnit)}</span>
        </button>
      ))}
      {sure.length > namedMovers && <span class="muted">and {sure.length - namedMovers} more</span>}
    </div>
  );
}

function Warnings({ meta }: { readonly meta: DiffTopAnswer['meta'] }) {
  const warnings = [
    ...(meta.partial || meta.base.partial ? ['this is a part of what was asked for'] : []),
    ...meta.warnings,
    ...meta.base.warnings.map((warning) => `base: ${warning}`),
  ];
  return (
    <>
      {meta.hint !== undefined && (
        <p class="diff-hint">
          <ServerText text={meta.hint} />
        </p>
      )}
      {warnings.length > 0 && (
        <ul class="diff-warnings">
          {warnings.map((warning) => (
            <li key={warning}>
              <ServerText text={warning} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

export function wayOf(change: number): string {
  return change < 0 ? 'diff-less' : change > 0 ? 'diff-more' : '';
}
