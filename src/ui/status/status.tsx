import './status.css';
import { counted, humanValue } from '../../model/human-value.ts';
import { useKept } from '../api/use-kept.ts';
import { Moment } from '../format/moment.tsx';
import { durationText } from '../format/time.ts';
import { Page } from '../parts/page.tsx';
import { ProblemBox } from '../parts/problem-box.tsx';
import { hrefOf } from '../state/href.ts';
import type { StatusAnswer } from './answer.ts';
import { Card, Facts } from './facts.tsx';
import { Ingest } from './ingest.tsx';
import { Store } from './store.tsx';

const askedEveryMs = 5000;

/** How the daemon is: whether it is ready, what it holds, what comes in, who scrapes, what it cannot see. */
export function Status() {
  const { answer, answeredMs, problem, again } = useKept<StatusAnswer>('/api/v1/status', { everyMs: askedEveryMs });
  return (
    <Page title="Status">
      {problem && <ProblemBox problem={problem} again={again} />}
      {answer && <Told status={answer} readMs={answeredMs} />}
    </Page>
  );
}

function Told({ status, readMs }: { readonly status: StatusAnswer; readonly readMs: number }) {
  const { version, node, startedMs, ready, reasons, problems, store, ingest, settings } = status;
  return (
    <>
      <p class="status-head">
        <span class={ready ? 'status-pill status-pill-good' : 'status-pill status-pill-warn'}>
          {ready ? '✓ ready' : '▲ not ready'}
        </span>
        <span>
          flameherd <b>{version}</b>
        </span>
        <span class="muted">Node.js {node}</span>
        <span class="muted">
          up {durationText(readMs - startedMs)}, since <Moment ms={startedMs} />
        </span>
      </p>
      {!ready && (
        <ul class="status-reasons">
          {reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      <Problems problems={problems} />
      <div class="status-grid">
        {store && <Store store={store} />}
        {ingest && <Ingest ingest={ingest} startedMs={startedMs} readMs={readMs} />}
        <Scraping status={status} />
        <Growth status={status} />
        <Card title="Settings">
          <Facts rows={Object.entries(settings).map(([name, value]) => ({ name, value, isKey: true }))} />
        </Card>
      </div>
    </>
  );
}

function Problems({ problems }: Pick<StatusAnswer, 'problems'>) {
  if (problems.length === 0) return null;
  return (
    <section class="status-problems">
      <h2>What discovery cannot see</h2>
      {problems.map(({ what, hint }) => (
        <div key={what}>
          <p>{what}</p>
          {hint !== '' && <pre>{hint}</pre>}
        </div>
      ))}
    </section>
  );
}

const roles = {
  alone: 'this collector, alone',
  holder: 'this collector: it holds the Lease',
  standby: 'another collector',
} as const;

function Scraping({ status: { targets, lease, pauses } }: { readonly status: StatusAnswer }) {
  const count = (name: string, parameters: Readonly<Record<string, string>>, isBad = false) => ({
    name,
    value: <a href={hrefOf('/targets', parameters)}>{humanValue(targets[name.toLowerCase()] ?? 0, 'count')}</a>,
    isBad: isBad && (targets[name.toLowerCase()] ?? 0) > 0,
  });
  return (
    <Card title="Scraping">
      <p class="status-figure">
        <b>{humanValue(targets['up'] ?? 0, 'count')}</b> of{' '}
        {humanValue((targets['up'] ?? 0) + (targets['down'] ?? 0) + (targets['unknown'] ?? 0), 'count')} sources up
      </p>
      <Facts
        rows={[
          count('Down', { health: 'down' }, true),
          count('Unresolved', { state: 'unresolved' }, true),
          count('Held', { state: 'held' }),
          count('Candidate', { state: 'candidate' }),
          { name: 'Pauses', value: <a href="/targets">{pauses.length}</a> },
          { name: 'Who scrapes', value: roles[lease.role], note: lease.detail },
        ]}
      />
    </Card>
  );
}

function Growth({ status: { growth, ingest } }: { readonly status: StatusAnswer }) {
  const { enabled, bucketMs, evaluatedMs, workloads } = growth;
  const held = ingest?.growth;
  const lost = (held?.seriesLeftOut ?? 0) + (held?.profilesLeftOut ?? 0);
  return (
    <Card title="Growth">
      <p class="status-figure">
        {enabled ? (
          <>
            <b>{humanValue(workloads, 'count')}</b> {workloads === 1 ? 'workload' : 'workloads'} judged
          </>
        ) : (
          'off: growth.enabled is false'
        )}
      </p>
      <Facts
        rows={[
          {
            name: 'Judged',
            value: evaluatedMs === undefined ? 'not yet' : <Moment ms={evaluatedMs} ago />,
            note: `every ${durationText(bucketMs)}`,
          },
          held && {
            name: 'Followed',
            value: counted(held.processes, 'process', 'processes'),
            note: `${counted(held.functions, 'function')} of ${counted(held.workloads, 'workload')}`,
          },
          held && { name: 'Left out', value: humanValue(lost, 'count'), note: 'for want of room', isBad: lost > 0 },
        ]}
      />
    </Card>
  );
}
