import type { DiffTopAnswer } from '../api/answers.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { hrefOf } from '../state/href.ts';
import { change } from '../state/place.ts';
import { wayOf } from './answer.tsx';
import { sidesOf, windowParameters } from './comparison.ts';
import { changeText, spreadText, unsureText, valueText, withUnit } from './movement-text.ts';
import type { Diff } from './use-diff.ts';

/** The function that is chosen: how it moved, in words, and where else it can be seen. */
export function FunctionCard({ diff, answer }: { readonly diff: Diff; readonly answer: DiffTopAnswer }) {
  const { parameters, chosen, movements } = diff;
  const { scale } = movements;
  const { function: name } = parameters;
  if (!name) return null;
  const { query, window } = sidesOf(parameters, answer.meta).compare;
  return (
    <div class="diff-function" role="status">
      <code title={chosen ? `${name}\n${chosen.file}` : name}>{name}</code>
      {chosen ? (
        <span>
          {valueText(chosen.base, scale)} → {withUnit(valueText(chosen.compare, scale), scale.unit)},{' '}
          <strong class={wayOf(chosen.change)}>{withUnit(changeText(chosen.change, scale), scale.changeUnit)}</strong>{' '}
          <span class="muted">
            {chosen.unsure ? unsureText(chosen.spread, scale).toLowerCase() : spreadText(chosen.spread, scale)}
          </span>
        </span>
      ) : (
        <span class="muted">did not move</span>
      )}
      <a href={hrefOf('/explore', { query, ...windowParameters(window), function: name })}>Explore</a>
      <CopyButton text={name} label="Copy name" />
      <button class="plain" aria-label="Let go of the function" onClick={() => change({ function: undefined })}>
        ✕
      </button>
    </div>
  );
}
