import type { RolloutsAnswer } from '../api/answers.ts';
import type { Problem } from '../api/problem.ts';
import { ProblemBox } from '../parts/problem-box.tsx';
import { hrefOf } from '../state/href.ts';
import { inMode, modeOf } from './comparison.ts';
import type { Diff } from './use-diff.ts';

/** Why nothing is compared, and what can be compared instead. */
export function Refused({
  problem,
  again,
  diff: { parameters },
  rollouts,
}: {
  readonly problem: Problem;
  readonly again: () => void;
  readonly diff: Diff;
  readonly rollouts: RolloutsAnswer | undefined;
}) {
  const isRollout = modeOf(parameters) === 'rollout';
  return (
    <div class="diff-refused">
      <ProblemBox problem={problem} again={again} />
      {isRollout && (
        <p>
          Instead: <a href={hrefOf('/diff', inMode('times', parameters))}>compare the last hour with the hour before</a>
          {rollouts && rollouts.revisions.length > 0 && (
            <>
              {' '}
              or see{' '}
              <a href={hrefOf('/rollouts', { namespace: rollouts.namespace, workload: rollouts.workload })}>
                all roll-outs of {rollouts.workload}
              </a>
            </>
          )}
        </p>
      )}
    </div>
  );
}
