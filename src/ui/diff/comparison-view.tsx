import { useMemo } from 'preact/hooks';
import type { RolloutsAnswer } from '../api/answers.ts';
import { latest, useAnswer } from '../api/use-answer.ts';
import { Answered } from '../parts/answered.tsx';
import { later } from '../parts/later.tsx';
import { rolloutsUrl } from '../rollouts/links.ts';
import type { Parameters } from '../state/href.ts';
import { Answer } from './answer.tsx';
import { useDiffColours } from './colour-choice.ts';
import { Controls } from './controls.tsx';
import { Refused } from './refused.tsx';
import { useDiff } from './use-diff.ts';
import { useShown } from './use-shown.ts';
import { Views } from './views.tsx';

/** The largest script of the page, and not what is read first. */
const DiffTimeline = later(async () => (await import('./diff-timeline.tsx')).DiffTimeline);

/** The whole page: what is compared, when, what came out, and where. */
export function Comparison({ parameters }: { readonly parameters: Parameters & { readonly query: string } }) {
  const diff = useDiff(parameters);
  const colours = useDiffColours();
  const { asked, answer } = diff;
  const shown = useShown(parameters, answer?.meta);
  const workloadUrl = useMemo(() => rolloutsUrl(parameters.query), [parameters.query]);
  const rollouts = latest(useAnswer<RolloutsAnswer>(workloadUrl));
  return (
    <div class={`diff diff-${colours}`}>
      <Controls diff={diff} rollouts={rollouts} shown={shown} />
      {asked.state === 'failed' ? (
        <Refused problem={asked.problem} again={asked.again} diff={diff} rollouts={rollouts} />
      ) : (
        <>
          <div class="diff-timeline">
            {answer && shown && <DiffTimeline {...{ parameters, shown }} meta={answer.meta} />}
          </div>
          <Answered asked={asked} what="Comparing both sides">
            {(shown) => <Answer diff={diff} answer={shown} />}
          </Answered>
          {answer && <Views diff={diff} answer={answer} />}
        </>
      )}
    </div>
  );
}
