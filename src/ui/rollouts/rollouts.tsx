import './rollouts.css';
import type { RolloutsAnswer } from '../api/answers.ts';
import { pick } from '../api/urls.ts';
import { useAnswer } from '../api/use-answer.ts';
import { ServerText } from '../format/server-text.tsx';
import { Answered } from '../parts/answered.tsx';
import { Page } from '../parts/page.tsx';
import { hrefOf, type Parameters } from '../state/href.ts';
import { usePlace } from '../state/place.ts';
import { Revisions } from './revisions.tsx';
import { RolloutList } from './rollout-list.tsx';
import { Workloads } from './workloads.tsx';

const names = ['namespace', 'workload', 'workload_kind'] as const;

/** What was rolled out when, and what each roll-out changed. */
export function Rollouts() {
  const { parameters } = usePlace();
  const { namespace, workload } = parameters;
  if (!namespace || !workload) {
    return (
      <Page title="Roll-outs">
        <Workloads parameters={parameters} />
      </Page>
    );
  }
  return (
    <Page
      title={`Roll-outs of ${workload}`}
      heading={
        <>
          <a class="rollouts-all" href="/rollouts">
            Roll-outs
          </a>{' '}
          <span class="muted">{namespace}/</span>
          {workload}
        </>
      }
    >
      <OfWorkload parameters={parameters} />
    </Page>
  );
}

function OfWorkload({ parameters }: { readonly parameters: Parameters }) {
  const asked = useAnswer<RolloutsAnswer>(hrefOf('/api/v1/rollouts', pick(parameters, names)));
  return (
    <Answered asked={asked} what="Looking for revisions">
      {(answer) => (
        <>
          <Notes answer={answer} />
          {answer.revisions.length > 0 && (
            <>
              <RolloutList answer={answer} />
              <Revisions answer={answer} />
            </>
          )}
        </>
      )}
    </Answered>
  );
}

function Notes({ answer: { meta, revisions } }: { readonly answer: RolloutsAnswer }) {
  return (
    <>
      {revisions.length === 0 && (
        <p class="rollouts-none">
          No profile of this workload is stored. {meta.hint !== undefined && <ServerText text={meta.hint} />}{' '}
          <a href="/rollouts">See the workloads that there are</a>.
        </p>
      )}
      {meta.warnings.map((warning) => (
        <p key={warning} class="rollouts-warning">
          <ServerText text={warning} />
        </p>
      ))}
    </>
  );
}
