import { formatLabels, type LabelSet, labelValue, pickLabels } from '../../model/labels.ts';
import { minute } from '../../model/units.ts';
import type { RangeAnswer, RolloutsAnswer } from '../api/answers.ts';
import { rangeUrl } from '../api/urls.ts';
import { latest, useAnswer } from '../api/use-answer.ts';
import { useKept } from '../api/use-kept.ts';
import { Moment } from '../format/moment.tsx';
import { hrefOf } from '../state/place.ts';
import { latestRollouts } from './latest-rollouts.ts';
import { type MeasureName, serviceLabels } from './services.ts';

const shownRollouts = 4;

/**
 * What was rolled out in the last day, the newest first: found coarsely in the totals of `query` by revision, then asked
 * for one by one.
 */
export function RolloutNews({ query }: { readonly query: MeasureName }) {
  const { answer } = useKept<RangeAnswer>(
    rangeUrl(
      { query, from: 'now-1d' },
      { group_by: [...serviceLabels, 'revision'].join(','), step: '30m', limit: '1000' },
    ),
    { everyMs: 5 * minute },
  );
  const found = answer ? latestRollouts(answer) : [];
  return (
    <section class="home-panel">
      <h2>
        <a href="/rollouts">Latest roll-outs</a>
      </h2>
      {answer && found.length === 0 && <p class="muted">No other revision began to run in the last 24 hours.</p>}
      <ul>
        {found.slice(0, shownRollouts).map(({ key, labels }) => (
          <li key={key}>
            <Rollout labels={labels} />
          </li>
        ))}
      </ul>
      {found.length > shownRollouts && (
        <p class="muted">and {found.length - shownRollouts} more in the last 24 hours</p>
      )}
    </section>
  );
}

function Rollout({ labels }: { readonly labels: LabelSet }) {
  const [namespace, workload] = [labelValue(labels, 'namespace'), labelValue(labels, 'workload')];
  const named = { namespace, workload, workload_kind: labelValue(labels, 'workload_kind') };
  const answer = latest(useAnswer<RolloutsAnswer>(hrefOf('/api/v1/rollouts', { ...named, from: 'now-2d' })));
  const [newest] = answer?.rollouts ?? [];
  const versionOf = (revision: string | null) =>
    answer?.revisions.find((known) => known.revision === revision)?.version ?? revision;
  return (
    <>
      <a href={hrefOf('/rollouts', named)}>
        {namespace}/{workload}
      </a>
      {newest && (
        <span title={`${newest.compare} after ${newest.base}`}>
          {versionOf(newest.base)} → {versionOf(newest.compare)}
        </span>
      )}
      {newest && (
        <span class="muted">
          <Moment ms={newest.compareFirstSeenMs} ago />
        </span>
      )}
      <a
        class="home-last"
        href={hrefOf('/diff', {
          query: `cpu${formatLabels(pickLabels(labels, serviceLabels))}`,
          rollout: 'latest',
        })}
      >
        What changed
      </a>
    </>
  );
}
