import type { SeriesAnswer } from '../api/answers.ts';
import { listUrl } from '../api/urls.ts';
import { useAnswer } from '../api/use-answer.ts';
import { Moment } from '../format/moment.tsx';
import { ServerText } from '../format/server-text.tsx';
import { Answered } from '../parts/answered.tsx';
import { hrefOf, type Parameters } from '../state/href.ts';
import { change } from '../state/place.ts';
import { type WorkloadRow, workloadRows } from './workload-rows.ts';

/** What is looked through for workloads; more than that is said. */
const mostSeries = '10000';
const windows = [
  ['now-1d', 'in the last day'],
  ['now-7d', 'in the last 7 days'],
  ['now-30d', 'in the last 30 days'],
] as const;

/** All workloads, those that were rolled out last at the top: a click leads to their roll-outs. */
export function Workloads({ parameters }: { readonly parameters: Parameters }) {
  const from = windows.find(([value]) => value === parameters['from'])?.[0] ?? 'now-7d';
  const asked = useAnswer<SeriesAnswer>(listUrl('series', { from }, '', { limit: mostSeries }));
  return (
    <>
      <p>
        What was rolled out{' '}
        <select
          aria-label="When"
          value={from}
          onChange={(event) => change({ from: event.currentTarget.value }, { replace: true })}
        >
          {windows.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
        , by workload. Each roll-out is compared with what ran before it.
      </p>
      <Answered asked={asked} what="Looking for workloads">
        {({ series, nextCursor, meta }) => {
          const rows = workloadRows(series);
          if (rows.length === 0) return <Nothing hint={meta.hint} />;
          return (
            <>
              <WorkloadTable rows={rows} search={parameters['search'] ?? parameters['namespace']} />
              {nextCursor !== null && (
                <p class="note">
                  These are the workloads of the first {mostSeries} series; a shorter time has all of them.
                </p>
              )}
            </>
          );
        }}
      </Answered>
    </>
  );
}

function Nothing({ hint }: { readonly hint: string | undefined }) {
  return (
    <p class="rollouts-none">
      No profile of a workload is stored in this time. {hint !== undefined && <ServerText text={hint} />}{' '}
      {!hint?.includes('/api/v1/targets') && (
        <>
          <a href="/targets">See the targets</a> for what is scraped, and why something is not.
        </>
      )}
    </p>
  );
}

function WorkloadTable({
  rows,
  search = '',
}: {
  readonly rows: readonly WorkloadRow[];
  readonly search: string | undefined;
}) {
  const shown = rows.filter((row) => `${row.namespace}/${row.workload}`.includes(search));
  return (
    <>
      <input
        type="search"
        class="rollouts-search"
        aria-label="Search workloads"
        placeholder="Search workloads"
        value={search}
        onInput={(event) => change({ search: event.currentTarget.value, namespace: undefined }, { replace: true })}
      />
      <div class="rollouts-scroller" role="region" aria-label="Workloads" tabIndex={0}>
        <table class="rollouts-table">
          <thead>
            <tr>
              <th scope="col">Workload</th>
              <th scope="col" class="number">
                Revisions
              </th>
              <th scope="col">Newest</th>
              <th scope="col">First seen</th>
              <th scope="col">Roll-outs</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <Row key={`${row.namespace}/${row.workload}`} row={row} />
            ))}
          </tbody>
        </table>
      </div>
      {shown.length === 0 && <p class="note">No workload is called {search}.</p>}
    </>
  );
}

function Row({ row }: { readonly row: WorkloadRow }) {
  const { namespace, workload, revisions, newest, version, newestMs } = row;
  const href = hrefOf('/rollouts', row.parameters);
  return (
    <tr>
      <th scope="row" class="rollouts-name">
        <a href={href}>
          {namespace}/{workload}
        </a>
      </th>
      <td class="number">{revisions}</td>
      <td>
        {version && version !== newest && <strong>{version} </strong>}
        {newest ? <code>{newest}</code> : <span class="muted">no revision</span>}
      </td>
      <td>{newest && <Moment ms={newestMs} ago />}</td>
      <td>
        {revisions > 1 ? (
          <a
            href={hrefOf('/diff', {
              query: `cpu{namespace=${JSON.stringify(namespace)},workload=${JSON.stringify(workload)}}`,
              rollout: 'latest',
            })}
          >
            What the latest changed
          </a>
        ) : (
          <span class="muted">none seen</span>
        )}
      </td>
    </tr>
  );
}
